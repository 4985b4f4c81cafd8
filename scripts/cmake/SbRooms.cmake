# SPDX-License-Identifier: Apache-2.0
# sb_add_room(<folder> [USES folder...] [LIBS library...] [PRIVATE_LIBS library...])
# A room: a folder of C++ such as golden/ops, compiled into the static library named after it
# (sb_golden_ops); without sources an interface library. USES names the rooms that it may include;
# whoever uses a room also sees what that room uses.
#
# Headers are named from the root of the project ("golden/ops/gemm.h"), but the root is on no room's
# include path: each room has a root of its own in the build tree, <build>/rooms/<room>, that holds
# a link to this one folder. A room sees its own root and those of the rooms that it uses, so an
# include of any other room does not compile.
function(sb_add_room folder)
  cmake_parse_arguments(R "" "" "USES;LIBS;PRIVATE_LIBS" ${ARGN})
  string(REPLACE "/" "_" room ${folder})
  set(root ${CMAKE_BINARY_DIR}/rooms/${room})
  get_filename_component(parent ${root}/${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${root}/${folder} SYMBOLIC)
  list(TRANSFORM R_USES REPLACE "/" "_")
  list(TRANSFORM R_USES PREPEND sb_)

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  if(sources)
    add_library(sb_${room} STATIC ${sources})
    target_include_directories(sb_${room} PUBLIC ${root})
    target_link_libraries(sb_${room}
      PUBLIC ${R_USES} ${R_LIBS} PRIVATE sb_options ${R_PRIVATE_LIBS})
    sb_unity(sb_${room} 0)
    set(path INCLUDE_DIRECTORIES)
  else()
    add_library(sb_${room} INTERFACE)
    target_include_directories(sb_${room} INTERFACE ${root})
    target_link_libraries(sb_${room} INTERFACE ${R_USES} ${R_LIBS})
    set(path INTERFACE_INCLUDE_DIRECTORIES)
  endif()
  # For scripts/lint/rooms.sh: the room and its include path.
  file(GENERATE OUTPUT ${root}.txt CONTENT "${folder};$<TARGET_PROPERTY:sb_${room},${path}>\n")
  set_property(GLOBAL APPEND PROPERTY SB_ROOMS ${folder})
endfunction()
