// SPDX-License-Identifier: Apache-2.0
// bertsim run: fully-connected layers one after the other, from a JSON description, on the encoder
// engine.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "golden/base/error.h"
#include "golden/io/json.h"
#include "golden/io/npy.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/table.h"
#include "tb/cli/commands.h"
#include "tb/cli/engine_cli.h"
#include "tb/cli/options.h"
#include "tb/host/engine_chain.h"

namespace sb::cli {
namespace {

using golden::InputError;
using nlohmann::json;
using tb::ChainLayer;

constexpr int kMaxWidth = 65536;

struct RunOptions {
  std::string file, input, out;
  int rows = 16;
  uint64_t weights_seed = 1;
  EngineOptions engine;
};

/// Reads the description: {"inputs": 16, "layers": [{"outputs": 32, "activation": "relu"}, ...]}.
class Network {
 public:
  Network(const RunOptions& o) : file_(o.file), rng_(o.weights_seed) {
    const json description = golden::read_json(file_);
    keys(description, "the description", {"inputs", "layers"});
    inputs = number(description, "inputs", 1, kMaxWidth);
    if (!description.contains("layers") || !description["layers"].is_array() ||
        description["layers"].empty())
      fail("\"layers\" must be a list of layers");
    int width = inputs;
    for (const json& layer : description["layers"]) {
      what_ = fmt::format("layer {}", layers.size());
      layers.push_back(read_layer(layer, width));
      width = static_cast<int>(layers.back().weight.rows());
    }
  }
  int inputs = 0;
  std::vector<ChainLayer> layers;

 private:
  [[noreturn]] void fail(const std::string& text) const {
    throw InputError(fmt::format("{}: {}{}{}", file_, what_, what_.empty() ? "" : ": ", text));
  }
  void keys(const json& object, const std::string& what, const std::set<std::string>& known) const {
    if (!object.is_object()) fail(what + " must be an object");
    for (const auto& [key, value] : object.items())
      if (!known.contains(key)) fail(fmt::format("unknown key \"{}\"", key));
  }
  int number(const json& object, const char* key, int low, int high) const {
    if (!object.contains(key) || !object[key].is_number_integer() ||
        object[key].get<double>() < low || object[key].get<double>() > high)
      fail(fmt::format("\"{}\" must be a number from {} to {}", key, low, high));
    return object[key].get<int>();
  }
  // The integers of a .npy file named by a key, `count` of them; empty if there is no such key.
  golden::MatrixI32 array(const json& layer, const char* key, Eigen::Index rows, Eigen::Index cols,
                          int64_t low, int64_t high) const {
    if (!layer.contains(key)) return {};
    if (!layer[key].is_string()) fail(fmt::format("\"{}\" must name a .npy file", key));
    const auto path = std::filesystem::path(file_).parent_path() / layer[key].get<std::string>();
    const golden::MatrixI32 values = golden::read_npy(path).integers(low, high);
    if (values.rows() != rows || values.cols() != cols)
      fail(fmt::format("{} is {} x {}, must be {} x {}", path.string(), values.rows(),
                       values.cols(), rows, cols));
    return values;
  }

  ChainLayer read_layer(const json& j, int width) {
    keys(j, what_,
         {"outputs", "weight", "bias", "mult", "shift", "zero", "clamp", "activation", "table"});
    const int outputs = number(j, "outputs", 1, kMaxWidth);
    if (int64_t{outputs} * width > 1 << 28) fail("more than 2^28 weights");
    ChainLayer l;
    l.weight = array(j, "weight", outputs, width, -128, 127).cast<int8_t>();
    if (l.weight.size() == 0) {
      l.weight.resize(outputs, width);
      for (auto& w : l.weight.reshaped())
        w = static_cast<int8_t>(static_cast<int>(rng_() % 255) - 127);
    }
    const golden::MatrixI32 bias = array(j, "bias", 1, outputs, INT32_MIN, INT32_MAX);
    l.bias.assign(static_cast<size_t>(outputs), 0);
    if (bias.size() != 0) l.bias.assign(bias.data(), bias.data() + outputs);
    const golden::MatrixI32 mult = array(j, "mult", 1, outputs, 0, 65535);
    const golden::MatrixI32 shift = array(j, "shift", 1, outputs, 7, 46);
    if ((mult.size() == 0) != (shift.size() == 0)) fail("\"mult\" and \"shift\" come together");
    // Without: codes spread over the range, whatever the number of inputs.
    const double scale = 0.008 / std::sqrt(width);
    for (int n = 0; n < outputs; ++n)
      if (mult.size() == 0) {
        golden::append_requant(l.requant, scale, what_);
      } else {
        l.requant.mult.push_back(static_cast<uint32_t>(mult(0, n)));
        l.requant.shift.push_back(static_cast<uint8_t>(shift(0, n)));
      }
    if (j.contains("zero")) l.zero = number(j, "zero", INT16_MIN, INT16_MAX);
    const std::string clamp = text(j, "clamp", "s8");
    if (clamp == "u8")
      l.clamp = golden::Clamp::U8;
    else if (clamp == "s9")
      l.clamp = golden::Clamp::S9;
    else if (clamp == "s16")
      l.clamp = golden::Clamp::S16;
    else if (clamp != "s8")
      fail("\"clamp\" must be s8, u8, s9 or s16");
    const std::string activation = text(j, "activation", "none");
    if (activation == "relu")
      l.table = golden::make_table(golden::relu, {.in_zero = l.zero, .out_zero = l.zero});
    else if (activation == "table")
      l.table = read_table(j);
    else if (activation != "none")
      fail("\"activation\" must be none, relu or table");
    return l;
  }
  std::string text(const json& j, const char* key, const char* otherwise) const {
    if (!j.contains(key)) return otherwise;
    if (!j[key].is_string()) fail(fmt::format("\"{}\" must be a text", key));
    return j[key].get<std::string>();
  }
  golden::Table read_table(const json& j) const {
    const golden::MatrixI32 values = array(j, "table", 1, 256, -256, 255);
    if (values.size() == 0) fail("\"activation\": \"table\" needs \"table\", a .npy file");
    golden::Table table{};
    for (size_t i = 0; i < table.size(); ++i)
      table[i] = static_cast<int16_t>(values(0, static_cast<Eigen::Index>(i)));
    return table;
  }

  std::string file_, what_;
  std::mt19937_64 rng_;
};

golden::MatrixI16 input_codes(const RunOptions& o, int inputs) {
  if (!o.input.empty()) {
    const golden::MatrixI32 x = golden::read_npy(o.input).integers(-256, 255);
    if (x.cols() != inputs)
      throw InputError(
          fmt::format("{}: {} columns, the network has {} inputs", o.input, x.cols(), inputs));
    if (x.rows() == 0) throw InputError(o.input + ": no rows");
    return x.cast<int16_t>();
  }
  std::mt19937_64 rng(o.engine.seed);
  golden::MatrixI16 x(o.rows, inputs);
  for (auto& v : x.reshaped()) v = static_cast<int16_t>(static_cast<int>(rng() % 256) - 128);
  return x;
}

int run_network(RunOptions& o) {
  std::vector<NamedFile> writes = engine_writes(o.engine);
  writes.push_back({"--out", o.out});
  Outputs outputs(
      {{"description", o.file}, {"--input", o.input}, {"--synthesis", o.engine.synthesis}}, writes,
      &o.engine.trace);
  const Network network(o);
  const golden::MatrixI16 x = input_codes(o, network.inputs);
  EngineJob job = engine_job(o.engine, 8);
  const tb::EngineChain chain(network.layers, job.kind.engine);
  constexpr uint64_t kAlign = 4096;
  job.program = chain.compile(static_cast<int>(x.rows()),
                              (chain.image().end() + kAlign - 1) / kAlign * kAlign);
  const auto inputs = chain.inputs(job.program, x);
  std::string shape = fmt::format("{}", network.inputs);
  for (const ChainLayer& l : network.layers) {
    shape += fmt::format("-{}", l.weight.rows());
    job.weight_bytes += static_cast<uint64_t>(l.weight.size());
  }
  job.macs = job.weight_bytes * static_cast<uint64_t>(x.rows());

  // The passes one after the other, as the golden model computes them.
  std::vector<tb::Tensors> expected(inputs.size());
  std::string result;
  Eigen::Index row = 0;
  for (size_t p = 0; p < inputs.size(); ++p) {
    golden::MatrixI16 y = x.middleRows(row, inputs[p].rows());
    row += inputs[p].rows();
    expected[p]["input"] = inputs[p];
    expected[p]["operand"] = y;
    for (size_t i = 0; i < network.layers.size(); ++i) {
      const ChainLayer& l = network.layers[i];
      y = golden::requantize(golden::gemm(y, l.weight, l.bias), l.requant.mult, l.requant.shift,
                             l.zero, l.clamp);
      if (l.table) y = golden::apply_table(y, *l.table);
      result = fmt::format("layer.{}", i);
      expected[p][result] = y;
    }
    // Narrow codes reach the store by a product with the unit matrix.
    if (network.layers.back().clamp != golden::Clamp::S16) {
      result = fmt::format("layer.{}", network.layers.size());
      expected[p][result] = y;
    }
  }
  std::string rerun =
      fmt::format("scripts/bertsim run \"{}\" --weights-seed {}", o.file, o.weights_seed);
  rerun +=
      o.input.empty() ? fmt::format(" --rows {}", o.rows) : fmt::format(" --input \"{}\"", o.input);
  rerun += engine_arguments(o.engine);
  run_job(job, chain.image(), inputs, expected, result, o.engine, rerun);
  fmt::print("{}: {} rows\n", shape, x.rows());
  print_figures(job);
  print_commands(job);
  outputs.add(o.out, golden::npy_bytes(golden::MatrixI16(tb::EngineChain::join(job.run.results))));
  add_engine_outputs(outputs, job, to_json(job), {}, o.engine);
  outputs.write();
  return job.mismatches == 0 ? 0 : 1;
}

}  // namespace

void add_run(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "run", "Fully-connected layers from a JSON description, on the encoder engine");
  auto o = std::make_shared<RunOptions>();
  command->add_option("description", o->file, "JSON file; see the example below")->required();
  auto* input = command->add_option("--input", o->input, "codes, .npy (rows, inputs)");
  command->add_option("--rows", o->rows, "without --input: so many random rows")
      ->check(whole(1, 65535))
      ->excludes(input)
      ->capture_default_str();
  command->add_option("--out", o->out, "results, .npy int16 (rows, outputs)");
  command->add_option("--weights-seed", o->weights_seed, "seed of parameters that no file gives")
      ->check(whole());
  add_engine_options(*command, o->engine);
  command->footer(
      "Example: bertsim run net.json --m 8, where net.json holds\n"
      "  {\"inputs\": 16, \"layers\": [{\"outputs\": 32, \"activation\": \"relu\"},\n"
      "                              {\"outputs\": 64}, {\"outputs\": 5, \"clamp\": \"s16\"}]}\n"
      "A layer may name .npy files beside it: weight (outputs, inputs), bias, mult, shift "
      "(outputs),\n"
      "table (256, with \"activation\": \"table\"), and have zero (point) and clamp s8, u8, s9, "
      "s16;\n"
      "what it does not name is generated.");
  command->callback([o, command, &run] {
    check_engine_options(*command, o->engine);
    run = [o] { return run_network(*o); };
  });
}

}  // namespace sb::cli
