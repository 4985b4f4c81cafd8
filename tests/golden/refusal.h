// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

#include "golden/base/error.h"

namespace sb::golden {

/// What `action` is refused with (the text of its InputError), or "accepted".
inline std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace sb::golden
