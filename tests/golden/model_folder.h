// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sb::golden {

/// Folder of the real model (environment variable SB_MODEL), or an empty path where it could not be
/// fetched.
inline std::filesystem::path model_folder() {
  const char* const folder = std::getenv("SB_MODEL");
  if (folder == nullptr ||
      !std::filesystem::exists(std::filesystem::path(folder) / "model.safetensors"))
    return {};
  return folder;
}

}  // namespace sb::golden

/// Ends a test that needs the real model where there is none: skipped with a reason, or failed if
/// SB_REQUIRE_MODEL is set.
#define SB_NEED_MODEL()                                                      \
  if (sb::golden::model_folder().empty()) {                                  \
    if (std::getenv("SB_REQUIRE_MODEL") != nullptr)                          \
      FAIL() << "SB_REQUIRE_MODEL is set, but SB_MODEL holds no model";      \
    GTEST_SKIP() << "SB_MODEL holds no model (scripts/setup.sh fetches it)"; \
  }
