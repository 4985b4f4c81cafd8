#pragma once
#include <stdexcept>
#include <string>

namespace sb::tb {

/// A request that the hardware or this program cannot serve, or a file it cannot use: one clear
/// line, exit status 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The simulation did not do what it must: time limit, assertion in the RTL, broken handshake.
class SimError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sb::tb
