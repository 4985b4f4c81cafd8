# SPDX-License-Identifier: Apache-2.0
# The tool that reads packages, scripts/words/README.md.
add_executable(sb_words ${CMAKE_SOURCE_DIR}/scripts/words/words.cpp)
target_link_libraries(sb_words PRIVATE sb_options fmt::fmt)
# It takes longer to compile than to run.
target_compile_options(sb_words PRIVATE $<$<CONFIG:Release>:-O0>)
# Rewrites the tables in the documents of all packages.
add_custom_target(words_update)
set_property(GLOBAL APPEND PROPERTY JOB_POOLS words=1)  # one after the other: documents are shared

# sb_add_words(PACKAGE file.sv [IMPORTS file.sv...] [READS file.sv...] [DOCUMENT file.md])
# The C++ header of a SystemVerilog package, "words/<package>.h", for users of the library
# sb_words_<package>. IMPORTS: the packages that it imports, in order, with sb_add_words of their
# own; READS: others after them, of which it has no types. DOCUMENT holds the tables of its structs
# and enums; the test Words.TablesAreCurrent.<package> compares them.
function(sb_add_words)
  cmake_parse_arguments(W "" "PACKAGE;DOCUMENT" "IMPORTS;READS" ${ARGN})
  get_filename_component(name ${W_PACKAGE} NAME_WE)
  set(sources ${W_IMPORTS} ${W_READS} ${W_PACKAGE})
  list(TRANSFORM sources REPLACE "^${CMAKE_SOURCE_DIR}/" "")
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE depends)
  set(dir ${CMAKE_BINARY_DIR}/generated)
  set(xml ${dir}/words/${name}.xml)
  set(header ${dir}/words/${name}.h)
  file(MAKE_DIRECTORY ${dir}/words)
  add_custom_command(OUTPUT ${header} BYPRODUCTS ${xml}
    COMMAND ${VERILATOR_BIN} --public --xml-only --xml-output ${xml} ${sources}
    COMMAND sb_words ${xml} ${name} header ${header}
    DEPENDS ${depends} sb_words
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Words of ${name}" VERBATIM)
  add_custom_target(sb_words_${name}_header DEPENDS ${header})
  add_library(sb_words_${name} INTERFACE)
  target_include_directories(sb_words_${name} INTERFACE ${dir} ${CMAKE_BINARY_DIR}/rooms/tb_host)
  target_link_libraries(sb_words_${name} INTERFACE sb_golden_base)
  add_dependencies(sb_words_${name} sb_words_${name}_header)
  foreach(import IN LISTS W_IMPORTS)
    get_filename_component(import ${import} NAME_WE)
    target_link_libraries(sb_words_${name} INTERFACE sb_words_${import})
  endforeach()
  if(W_DOCUMENT)
    add_test(NAME Words.TablesAreCurrent.${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      COMMAND sb_words ${xml} ${name} check ${W_DOCUMENT})
    set_tests_properties(Words.TablesAreCurrent.${name} PROPERTIES LABELS unit)
    add_custom_target(words_update_${name} JOB_POOL words
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DEPENDS ${header}
      COMMAND sb_words ${xml} ${name} update ${W_DOCUMENT} VERBATIM)
    add_dependencies(words_update words_update_${name})
  endif()
endfunction()
