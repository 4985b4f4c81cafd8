// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace sb::cli {

/// What a subcommand does once its arguments are parsed. Returns the exit status: 0 good, 1 a
/// mismatch. Bad input is thrown (InputError) and becomes one line and
/// status 2.
using Run = std::function<int()>;

/// Each adds one subcommand with its options to the program; its callback sets `run`. One file per
/// subcommand, of the same name: info.cpp holds add_info. The first ones need no model of the RTL
/// or that of the encoder engine.
void add_encode(CLI::App& app, Run& run);
void add_eval(CLI::App& app, Run& run);
void add_info(CLI::App& app, Run& run);
void add_layer(CLI::App& app, Run& run);
void add_quantize(CLI::App& app, Run& run);
void add_random_model(CLI::App& app, Run& run);
void add_run(CLI::App& app, Run& run);
void add_tokenize(CLI::App& app, Run& run);

void add_formats(CLI::App& app, Run& run);
void add_gemm(CLI::App& app, Run& run);
void add_linear(CLI::App& app, Run& run);
void add_op(CLI::App& app, Run& run);

using AddCommand = void (*)(CLI::App& app, Run& run);
/// The subcommands of this program, in the order of --help: all of them (all_commands.cpp), or
/// those of a program with the encoder engine alone (engine_commands.cpp).
std::vector<AddCommand> commands();

}  // namespace sb::cli
