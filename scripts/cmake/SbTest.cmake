# SPDX-License-Identifier: Apache-2.0
include(GoogleTest)

# sb_add_test_program(NAME name LABEL label [PREFIX text] SOURCES file... LIBS library...)
# One GoogleTest program; ctest sees each of its tests by name, with PREFIX before it and one label
# (golden, unit, integration or system). Tests find the model folder and the tools through the
# environment variables SB_MODEL, SB_VENV.
function(sb_add_test_program)
  cmake_parse_arguments(T "" "NAME;LABEL;TIMEOUT;PREFIX" "SOURCES;LIBS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_executable(${T_NAME} ${T_SOURCES})
  target_include_directories(${T_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  # Tests take longer to compile than to run.
  target_compile_options(${T_NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(${T_NAME} PRIVATE
    sb_options ${T_LIBS} GTest::gmock GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${T_NAME} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${T_PREFIX}"
    PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
    ENVIRONMENT "SB_MODEL=${SB_MODEL};SB_VENV=${SB_VENV}")
endfunction()
