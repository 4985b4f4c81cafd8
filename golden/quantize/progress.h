// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

namespace sb::golden {

/// Called as work goes on, with a line that says what is being done.
using Progress = std::function<void(const std::string&)>;

}  // namespace sb::golden
