#pragma once
#include <stdexcept>
#include <string>

namespace sb::golden {

/// A mistake in what the user gave us (file, tensor, shape, value). The message is one line that names the
/// file, tensor, shape and the value that is wrong; the command line prints it and exits with status 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sb::golden
