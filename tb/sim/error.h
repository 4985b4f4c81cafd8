// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>

#include "golden/base/error.h"

namespace sb::tb {

/// A request that the hardware or this program cannot serve, or a file it cannot use.
using golden::InputError;

/// The simulation did not do what it must: time limit, assertion in the RTL, broken handshake.
class SimError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sb::tb
