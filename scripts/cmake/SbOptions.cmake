# SPDX-License-Identifier: Apache-2.0
# Compiler options of our own C++ code: the interface library sb_options. Generated models and
# third-party headers do not see them.
add_library(sb_options INTERFACE)
target_compile_options(sb_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion)
# Products and sums are rounded apart, as the source has them, whatever the processor could fuse.
target_compile_options(sb_options INTERFACE -ffp-contract=off)

# -march=native for everything: Eigen types cross library borders, so mixing would break their
# alignment.
add_compile_options(-march=native)
# Paths in messages begin in the checkout: the compiler cache may have them from another one.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(SB_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# sb_unity(TARGET FILES): a clean build compiles this many files of the target at a time (0: all):
# each would instantiate the same templates of others' headers, which headers compiled ahead do not
# spare. SB_UNITY=OFF compiles them one by one, which is quicker after a change to a single file.
function(sb_unity target files)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${SB_UNITY} UNITY_BUILD_BATCH_SIZE ${files})
endfunction()
