# SPDX-License-Identifier: Apache-2.0
# Runs Verilator and gathers what it writes into two files whose names do not depend on the design,
# so that a build can know them before the first run: <PREFIX>_fast.cpp, what runs every cycle, and
# <PREFIX>_slow.cpp, what runs once or records waveforms. In the folder of the sources:
#   cmake -D VERILATOR=... -D PREFIX=V<name> -D DIR=... -P verilate.cmake -- <arguments>
set(arguments)
set(after FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(after)
    list(APPEND arguments "${CMAKE_ARGV${i}}")
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(after TRUE)
  endif()
endforeach()

file(MAKE_DIRECTORY ${DIR})
execute_process(COMMAND ${VERILATOR} --cc --compiler gcc --make cmake --prefix ${PREFIX}
    --Mdir ${DIR} ${arguments}
  RESULT_VARIABLE status)
if(status)
  message(FATAL_ERROR "Verilator failed on ${PREFIX}")
endif()
include(${DIR}/${PREFIX}.cmake)

function(gather kind)
  set(text "")
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME)
    string(APPEND text "#include \"${name}\"\n")
  endforeach()
  file(WRITE ${DIR}/${PREFIX}_${kind}.cpp "${text}")
endfunction()
gather(fast ${${PREFIX}_CLASSES_FAST})
gather(slow ${${PREFIX}_CLASSES_SLOW} ${${PREFIX}_SUPPORT_FAST} ${${PREFIX}_SUPPORT_SLOW})
