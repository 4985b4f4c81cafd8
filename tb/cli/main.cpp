// SPDX-License-Identifier: Apache-2.0
// bertsim: drives the RTL and the golden model from the command line.
#include <csignal>

#include "tb/cli/bertsim.h"

int main(int argc, char** argv) {
  // A file that grows beyond `ulimit -f` is then a failed write, which gets a line.
  std::signal(SIGXFSZ, SIG_IGN);
  return sb::cli::bertsim({argv + 1, argv + argc});
}
