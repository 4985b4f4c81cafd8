// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/bertsim.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "golden/base/error.h"
#include "tb/cli/commands.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/rerun.h"
#include "tb/sim/error.h"

namespace sb::cli {
namespace {

int run_command(const std::vector<std::string>& arguments) {
  CLI::App app{
      "systolic-bert: int8 BERT encoder in SystemVerilog, simulated and checked bit for bit",
      "bertsim"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  Run run;
  for (const AddCommand add : commands()) add(app, run);
  check_arguments(app, arguments);
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::Error& error) {
    throw golden::InputError(error.what());
  }
  keep_arguments(arguments);
  return run();
}

}  // namespace

int bertsim(const std::vector<std::string>& arguments) {
  const auto refuse = [](const char* what) {
    fmt::print(stderr, "bertsim: {}\n", what);
    return 2;
  };
  try {
    const int status = run_command(arguments);
    flush_standard_output();
    return status;
  } catch (const golden::InputError& error) {
    return refuse(error.what());
  } catch (const tb::SimError& error) {
    fmt::print(stderr, "bertsim: the simulation failed: {}\n", error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    return refuse("out of memory");
  } catch (const std::length_error&) {
    return refuse("out of memory");
  } catch (const std::exception& error) {
    // What a system call says: standard output that is closed, a thread that cannot be started.
    return refuse(golden::InputError(error.what()).what());
  }
}

}  // namespace sb::cli
