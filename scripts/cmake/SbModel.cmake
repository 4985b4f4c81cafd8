# rtl/files.f, the ordered list of the RTL, as absolute paths in SB_RTL_FILES.
file(STRINGS ${CMAKE_SOURCE_DIR}/rtl/files.f lines REGEX "^rtl/")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/files.f)
list(TRANSFORM lines PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE SB_RTL_FILES)

# sb_add_model(NAME name TOP module [PARAMS NAME=VALUE...] [NO_ASSERT] [NO_TRACE])
# Verilates one top with one parameter set into the static library sb_model_<name>, class V<name>, header
# V<name>.h. The models run with tb/sim (library sb_tb). Sources come from rtl/files.f and, for tops that live beside tests, EXTRA files.
function(sb_add_model)
  cmake_parse_arguments(M "NO_ASSERT;NO_TRACE" "NAME;TOP" "PARAMS;EXTRA" ${ARGN})
  set(library sb_model_${M_NAME})
  add_library(${library} STATIC)
  # --unroll-count 4 keeps loops over lanes as loops in C++, which the compiler vectorizes (and lets generate loops run
  # to 16 times that).
  set(args -Wall --x-assign unique --x-initial unique --unroll-count 4 --no-timing
      # Copies of wide words stay calls; loops made of them would trip a fault of Verilator 5.006 in assertions.
      --expand-limit 8 -fno-reloop
      ${CMAKE_SOURCE_DIR}/scripts/lint/verilator.vlt -I${CMAKE_SOURCE_DIR}/rtl/common)
  foreach(param IN LISTS M_PARAMS)
    list(APPEND args -G${param})
  endforeach()
  if(SB_ASSERT AND NOT M_NO_ASSERT)
    list(APPEND args --assert)
  endif()
  set(trace)
  if(SB_TRACE AND NOT M_NO_TRACE)
    set(trace TRACE_FST)
    list(APPEND args --trace-structs)
    if(NOT SB_TRACE_ARRAY)
      list(APPEND args ${CMAKE_SOURCE_DIR}/scripts/lint/trace.vlt)
    endif()
  endif()
  set(coverage)
  if(SB_COVERAGE)
    set(coverage COVERAGE)
  endif()
  verilate(${library} ${trace} ${coverage} PREFIX V${M_NAME} TOP_MODULE ${M_TOP}
    SOURCES ${SB_RTL_FILES} ${M_EXTRA} VERILATOR_ARGS ${args}
    DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${library}.dir)
  target_compile_options(${library} PRIVATE -O3 -w)
  # $fatal and assertions throw instead of aborting: tb/sim/fatal.cpp in sb_tb.
  target_link_libraries(${library} PUBLIC sb_tb)
  target_compile_definitions(${library} PUBLIC VL_USER_FATAL)
  target_compile_definitions(${library} INTERFACE
    VM_COVERAGE=$<BOOL:${coverage}> VM_TRACE=$<BOOL:${trace}> VM_TRACE_FST=$<BOOL:${trace}>)
endfunction()
