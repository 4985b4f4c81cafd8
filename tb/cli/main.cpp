// SPDX-License-Identifier: Apache-2.0
// bertsim: drives the RTL and the golden model from the command line. One file per subcommand
// beside this one.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "golden/base/error.h"
#include "tb/cli/commands.h"
#include "tb/sim/error.h"

int main(int argc, char** argv) {
  CLI::App app{
      "systolic-bert: int8 BERT encoder in SystemVerilog, simulated and checked bit for bit",
      "bertsim"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  sb::cli::Run run;
  sb::cli::add_encode(app, run);
  sb::cli::add_formats(app, run);
  sb::cli::add_eval(app, run);
  sb::cli::add_gemm(app, run);
  sb::cli::add_info(app, run);
  sb::cli::add_linear(app, run);
  sb::cli::add_quantize(app, run);
  sb::cli::add_op(app, run);
  sb::cli::add_random_model(app, run);
  sb::cli::add_tokenize(app, run);
  try {
    app.parse(argc, argv);
    return run();
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::Error& error) {
    fmt::print(stderr, "bertsim: {}\n", error.what());
    return 2;
  } catch (const sb::golden::InputError& error) {
    fmt::print(stderr, "bertsim: {}\n", error.what());
    return 2;
  } catch (const sb::tb::SimError& error) {
    fmt::print(stderr, "bertsim: the simulation failed: {}\n", error.what());
    return 1;
  }
}
