# SPDX-License-Identifier: Apache-2.0
# rtl/files.f, the ordered list of the RTL, in SB_RTL_FILES, relative to the project.
file(STRINGS ${CMAKE_SOURCE_DIR}/rtl/files.f SB_RTL_FILES REGEX "^[a-z_]+/.*sv$")
list(TRANSFORM SB_RTL_FILES PREPEND rtl/)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/files.f)

file(GLOB SB_COVER_FILES RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/tests/coverage/*.sv)

# sb_add_model(NAME name TOP module [PARAMS NAME=VALUE...] [EXTRA file...] [FEW_CYCLES])
# Verilates one top with one parameter set into the static library sb_model_<name>, class V<name>,
# header V<name>.h. Header models/<name>.h, struct sb::models::<name>, has the parameters as
# constants, those in PARAMS, and the class as Model. The models run with tb/sim (library
# sb_tb_sim). Sources come from rtl/files.f and, for tops that live beside tests, EXTRA files.
# Verilator runs when something that is built needs the model, in the project's folder: what it
# writes then does not name the checkout, and one compiler cache serves all. FEW_CYCLES: compiled
# without optimization, for models that take longer to compile than to run.
function(sb_add_model)
  cmake_parse_arguments(M "FEW_CYCLES" "NAME;TOP" "PARAMS;EXTRA" ${ARGN})
  set(library sb_model_${M_NAME})
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${library}.dir)
  set(prefix V${M_NAME})
  list(TRANSFORM M_EXTRA REPLACE "^${CMAKE_SOURCE_DIR}/" "")
  set(sources ${SB_RTL_FILES} ${M_EXTRA})
  set(waivers scripts/lint/verilator.vlt)
  # --unroll-count 4 keeps loops over lanes as loops in C++, which the compiler vectorizes (and lets
  # generate loops run to 16 times that). Copies of wide words stay calls: loops made of them would
  # trip a fault of Verilator 5.006 in assertions.
  set(args -Wall --x-assign unique --x-initial unique --unroll-count 4 --no-timing
      --expand-limit 8 -fno-reloop
      --top ${M_TOP} -Irtl/common)
  foreach(param IN LISTS M_PARAMS)
    list(APPEND args -G${param})
  endforeach()
  if(SB_ASSERT)
    list(APPEND args --assert)
  endif()
  if(SB_TRACE)
    list(APPEND args --trace-fst --trace-structs)
    if(NOT SB_TRACE_ARRAY)
      list(APPEND waivers scripts/lint/trace.vlt)
    endif()
  endif()
  if(SB_COVERAGE)
    # Toggles where words are narrow: of large arrays they would take minutes to count, and are of
    # the same sources.
    list(APPEND args --coverage-line --coverage-user)
    if(NOT M_PARAMS MATCHES "(^|;)M=(16|32|64)(;|$)")
      list(APPEND args --coverage-toggle)
    endif()
    # Functional points, bound to the modules.
    list(APPEND args -Itests/coverage)
    list(APPEND sources ${SB_COVER_FILES})
    list(APPEND waivers tests/coverage/sb_cover.vlt)
  endif()
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE depends)
  list(TRANSFORM waivers PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE waiver_depends)
  list(APPEND depends ${waiver_depends} ${CMAKE_SOURCE_DIR}/rtl/common/sb_assert.svh)
  sb_verilate(${library} ${prefix} ${dir} "${depends}" ${args} ${waivers} ${sources})
  sb_model_header(${library} ${M_NAME} ${M_TOP} ${M_PARAMS})
  if(M_FEW_CYCLES OR SB_FEW_CYCLES)
    sb_few_cycles(${library})
  endif()
  # For scripts/mutate.sh: name, top, what Verilator makes, sources that are not in rtl/files.f.
  list(JOIN M_EXTRA " " extra)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/models/${M_NAME}.txt
    CONTENT "${M_NAME} ${M_TOP} ${dir}/${prefix}_fast.cpp ${extra}\n")
  target_compile_definitions(${library} PUBLIC
    VM_COVERAGE=$<BOOL:${SB_COVERAGE}>
    VM_TRACE=$<BOOL:${SB_TRACE}> VM_TRACE_FST=$<BOOL:${SB_TRACE}>)
endfunction()

# sb_model_header(library name top [NAME=VALUE...]): models/<name>.h for users of the library.
function(sb_model_header library name top)
  set(constants "")
  foreach(param IN LISTS ARGN)
    string(REGEX REPLACE "=.*" "" key "${param}")
    string(REGEX REPLACE "^[^=]*=" "" value "${param}")
    if(value MATCHES "^[0-9]+$")
      string(APPEND constants "  static constexpr int ${key} = ${value};\n")
    elseif(value MATCHES "^\".*\"$")
      string(APPEND constants "  static constexpr const char* ${key} = ${value};\n")
    else()
      message(FATAL_ERROR "${name}: ${param}: neither a number nor a string in quotes")
    endif()
  endforeach()
  set(root ${CMAKE_CURRENT_BINARY_DIR}/${library}.header)
  file(GENERATE OUTPUT ${root}/models/${name}.h CONTENT
"// Made by scripts/cmake/SbModel.cmake: change the parameters of its sb_add_model.
#pragma once
#include \"V${name}.h\"

namespace sb::models {
/// ${top} with these parameters; the others have their defaults.
struct ${name} {
  using Model = V${name};
${constants}};
}  // namespace sb::models
")
  target_include_directories(${library} PUBLIC ${root})
endfunction()

# sb_verilate(library prefix dir depends argument...): the library that Verilator makes with these
# arguments. It is built for those who link it, not for itself.
function(sb_verilate library prefix dir depends)
  set(generated ${dir}/${prefix}_fast.cpp ${dir}/${prefix}_slow.cpp)
  set(script ${CMAKE_SOURCE_DIR}/scripts/cmake/verilate.cmake)
  add_custom_command(OUTPUT ${generated} ${dir}/${prefix}.h
    COMMAND ${CMAKE_COMMAND} -D VERILATOR=${VERILATOR_BIN} -D PREFIX=${prefix} -D DIR=${dir}
            -P ${script} -- ${ARGN}
    DEPENDS ${depends} ${script} ${VERILATOR_BIN}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Verilating ${library}" VERBATIM)
  add_library(${library} STATIC EXCLUDE_FROM_ALL ${generated})
  # Comes after the option of the build type and wins. Recording waveforms takes no longer for it.
  set_property(SOURCE ${dir}/${prefix}_slow.cpp PROPERTY COMPILE_OPTIONS -O0)
  target_compile_options(${library} PRIVATE -w)
  if(SB_COVERAGE)  # counters make long code
    target_compile_options(${library} PRIVATE -O1)
  endif()
  target_include_directories(${library} SYSTEM PUBLIC ${dir})
  # $fatal and assertions throw instead of aborting: tb/sim/fatal.cpp in sb_tb_sim.
  target_link_libraries(${library} PUBLIC sb_tb_sim)
  target_compile_definitions(${library} PUBLIC VL_USER_FATAL)
endfunction()

# sb_few_cycles(library): compiles a library of sb_verilate without optimization.
function(sb_few_cycles library)
  target_compile_options(${library} PRIVATE $<$<CONFIG:Release>:-O0>)
endfunction()
