// SPDX-License-Identifier: Apache-2.0
// bertsim op: one operator on data of the user's, in RTL, by the golden model or in float64.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "golden/base/error.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/npy.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/softmax.h"
#include "golden/ops/table.h"
#include "tb/cli/commands.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/rerun.h"
#include "tb/cli/tamper.h"
#include "tb/devices/stage_ops.h"

namespace sb::cli {

std::function<bool(bool, uint64_t, std::span<uint32_t>)> tamper_stage_for_tests;

namespace {

using golden::InputError;
using golden::MatrixD;
using golden::MatrixI16;

struct OpOptions {
  std::string op, in, out, json, engine = "rtl";
  std::string function = "relu", table, gamma, beta, scales, operand_out, clamp = "s8",
              format = "u8";
  double in_scale = 0.05, out_scale = 0.05, eps = 1e-12, slope = 0.01;
  int in_zero = 0, out_zero = 0, lanes = 8, bits = 8;
  std::optional<int> keys;
  SimulationOptions simulation;
};

// What an operator gives: codes by the chosen engine, and the float64 value of each in output
// codes, not rounded.
struct Outcome {
  MatrixI16 codes, golden;
  MatrixD exact;
  int low = -128, high = 127;
  std::optional<MatrixI16> operand, golden_operand;  ///< LayerNorm: the narrow codes
  tb::StageRun run;
  Eigen::Index slice = 0;  ///< columns that ran together, if not all
};

tb::StageOptions stage_options(const OpOptions& o) {
  const auto stall = tb::StallPolicy::random(o.simulation.stall);
  return {stall, stall, o.simulation.seed, tamper_stage_for_tests};
}

std::unique_ptr<tb::Stage> stage(const OpOptions& o, const std::string& name) {
  return tb::make_stage(name, o.lanes, o.simulation.seed, o.simulation.trace);
}

MatrixI16 read_codes(const std::string& file, int low, int high) {
  return golden::read_npy(file).integers(low, high).cast<int16_t>();
}

// One value per column from a file, or the same for all.
std::vector<double> per_column(const std::string& file, Eigen::Index columns, double otherwise) {
  if (file.empty()) return std::vector<double>(static_cast<size_t>(columns), otherwise);
  const golden::MatrixF values = golden::read_npy_as<float>(file);
  if (values.rows() != 1 || values.cols() != columns)
    throw InputError(fmt::format("{}: {} x {} values, one for each of {} columns wanted", file,
                                 values.rows(), values.cols(), columns));
  return {values.data(), values.data() + values.size()};
}

Outcome softmax(const OpOptions& o) {
  const MatrixI16 s = read_codes(o.in, -128, 127);
  const bool int8 = o.format == "s8";
  const auto format = int8 ? golden::SoftmaxFormat::S8 : golden::SoftmaxFormat::U8;
  const golden::SoftmaxTable table = golden::make_softmax_table(o.in_scale);
  std::vector<uint8_t> valid;
  if (o.keys) {
    if (*o.keys < 0 || *o.keys > s.cols())
      throw InputError(fmt::format("--keys {}: {} has {} columns", *o.keys, o.in, s.cols()));
    valid.assign(static_cast<size_t>(s.cols()), 0);
    std::fill_n(valid.begin(), *o.keys, uint8_t{1});
  }
  Outcome outcome;
  outcome.low = 0;
  outcome.high = int8 ? 127 : 255;
  outcome.golden = golden::softmax_rows(s, valid, table, format);
  outcome.exact = MatrixD::Zero(s.rows(), s.cols());
  const Eigen::Index keys = o.keys ? *o.keys : s.cols();
  for (Eigen::Index r = 0; keys > 0 && r < s.rows(); ++r) {
    const int max = s.row(r).head(keys).maxCoeff();
    double sum = 0;
    for (Eigen::Index j = 0; j < keys; ++j)
      sum += outcome.exact(r, j) = std::exp((s(r, j) - max) * o.in_scale);
    outcome.exact.row(r) *= golden::softmax_unit(format) / sum;
  }
  if (o.engine == "rtl") {
    std::vector<tb::ScoreRow> rows;
    for (Eigen::Index r = 0; r < s.rows(); ++r)
      rows.push_back({{s.row(r).data(), s.row(r).data() + s.cols()}, valid});
    const auto rtl = stage(o, "softmax");
    const auto y = tb::softmax_op(*rtl, rows, table, int8, stage_options(o), &outcome.run);
    rtl->close_trace();
    outcome.codes.resize(s.rows(), s.cols());
    for (Eigen::Index r = 0; r < s.rows(); ++r)
      for (Eigen::Index j = 0; j < s.cols(); ++j)
        outcome.codes(r, j) = y[static_cast<size_t>(r)][static_cast<size_t>(j)];
  }
  return outcome;
}

Outcome layernorm(const OpOptions& o) {
  const MatrixI16 s = read_codes(o.in, -32768, 32767);
  const auto gamma = per_column(o.gamma, s.cols(), 1), beta = per_column(o.beta, s.cols(), 0);
  const golden::LayerNormParams p = golden::make_layernorm(
      std::vector<float>(gamma.begin(), gamma.end()), std::vector<float>(beta.begin(), beta.end()),
      o.eps, o.in_scale, o.out_scale);
  const double ratio = (o.bits == 9 ? 255.0 : 127.0) / 32767;
  const golden::OperandParams operand =
      golden::make_operand(std::vector<double>(static_cast<size_t>(s.cols()), ratio), o.bits);
  Outcome outcome;
  outcome.low = -32768;
  outcome.high = 32767;
  outcome.golden = golden::layernorm(s, p);
  outcome.golden_operand = outcome.operand = golden::narrow_operand(outcome.golden, operand);
  outcome.exact.resize(s.rows(), s.cols());
  for (Eigen::Index r = 0; r < s.rows(); ++r) {
    const Eigen::RowVectorXd x = s.row(r).cast<double>() * o.in_scale;
    const Eigen::RowVectorXd centred = x.array() - x.mean();
    const double deviation =
        std::sqrt(centred.squaredNorm() / static_cast<double>(s.cols()) + o.eps);
    for (Eigen::Index c = 0; c < s.cols(); ++c)
      outcome.exact(r, c) =
          ((deviation > 0 ? centred(c) / deviation : 0) * gamma[static_cast<size_t>(c)] +
           beta[static_cast<size_t>(c)]) /
          o.out_scale;
  }
  if (o.engine == "rtl") {
    const auto rtl = stage(o, "layernorm");
    auto y = tb::layernorm_op(*rtl, s, p, operand, stage_options(o), &outcome.run);
    rtl->close_trace();
    outcome.codes = std::move(y.y16);
    outcome.operand = std::move(y.y8);
  }
  return outcome;
}

Outcome table(const OpOptions& o) {
  const MatrixI16 x = read_codes(o.in, -128, 127);
  const std::map<std::string, std::function<double(double)>> functions{
      {"gelu", golden::gelu},
      {"relu", golden::relu},
      {"leaky_relu", golden::leaky_relu(o.slope)},
      {"tanh", [](double v) { return std::tanh(v); }},
      {"sigmoid", golden::sigmoid}};
  const auto clamp = golden::clamp_named(o.clamp);
  Outcome outcome;
  outcome.low = golden::clamp_min(clamp);
  outcome.high = golden::clamp_max(clamp);
  outcome.exact.resize(x.rows(), x.cols());
  golden::Table entries{};
  if (!o.table.empty()) {
    const golden::MatrixI32 values = golden::read_npy(o.table).integers(-256, 255);
    if (values.size() != 256)
      throw InputError(fmt::format("{}: {} entries, a table has 256", o.table, values.size()));
    for (int i = 0; i < 256; ++i)
      entries[static_cast<size_t>(i)] = static_cast<int16_t>(values.data()[i]);
    for (Eigen::Index i = 0; i < x.size(); ++i)
      outcome.exact.data()[i] = entries[static_cast<size_t>(x.data()[i] + 128)];
    outcome.low = -256;
    outcome.high = 255;
  } else {
    const auto& f = functions.at(o.op == "gelu" ? "gelu" : o.function);
    entries = golden::make_table(f, {o.in_scale, o.in_zero, o.out_scale, o.out_zero, clamp});
    for (Eigen::Index i = 0; i < x.size(); ++i)
      outcome.exact.data()[i] =
          f((x.data()[i] - o.in_zero) * o.in_scale) / o.out_scale + o.out_zero;
  }
  outcome.golden = golden::apply_table(x, entries);
  if (o.engine == "rtl") {
    const auto rtl = stage(o, "table");
    outcome.codes = tb::table_op(*rtl, x, entries, stage_options(o), &outcome.run);
    rtl->close_trace();
  }
  return outcome;
}

Outcome requantize(const OpOptions& o) {
  const golden::MatrixI32 acc = golden::read_npy(o.in).integers();
  const std::vector<double> scale = per_column(o.scales, acc.cols(), o.in_scale / o.out_scale);
  golden::Requant requant;
  for (size_t n = 0; n < scale.size(); ++n)
    golden::append_requant(requant, scale[n], fmt::format("column {}", n));
  const auto clamp = golden::clamp_named(o.clamp);
  Outcome outcome;
  outcome.low = golden::clamp_min(clamp);
  outcome.high = golden::clamp_max(clamp);
  outcome.golden = golden::requantize(acc, requant.mult, requant.shift, o.out_zero, clamp);
  outcome.exact = acc.cast<double>();
  for (Eigen::Index n = 0; n < acc.cols(); ++n)
    outcome.exact.col(n) =
        (outcome.exact.col(n) * scale[static_cast<size_t>(n)]).array() + o.out_zero;
  if (o.engine == "rtl") {
    // Columns do not depend on each other: as many at a time as the stage holds.
    const auto rtl = stage(o, "requant");
    outcome.slice = tb::stage_columns("requant", o.lanes);
    outcome.codes.resize(acc.rows(), acc.cols());
    for (Eigen::Index first = 0; first < acc.cols(); first += outcome.slice) {
      const Eigen::Index count = std::min(outcome.slice, acc.cols() - first);
      const auto at = static_cast<size_t>(first), n = static_cast<size_t>(count);
      tb::StageRun run;
      outcome.codes.middleCols(first, count) = tb::requantize_op(
          *rtl, acc.middleCols(first, count), std::span(requant.mult).subspan(at, n),
          std::span(requant.shift).subspan(at, n), o.out_zero, clamp, {}, stage_options(o), &run);
      for (const auto& [all, more] :
           {std::pair{&outcome.run.taken, &run.taken}, {&outcome.run.arrived, &run.arrived}})
        all->insert(all->end(), more->begin(), more->end());
    }
    rtl->close_trace();
  }
  return outcome;
}

/// An operator and those of its options that have an effect on it.
struct Op {
  Outcome (*compute)(const OpOptions&);
  std::vector<std::string> options;
  const char* stage;
};
const std::map<std::string, Op> kOps{
    {"softmax", {softmax, {"--in-scale", "--format", "--keys"}, "softmax"}},
    {"layernorm",
     {layernorm,
      {"--in-scale", "--out-scale", "--gamma", "--beta", "--eps", "--operand-out", "--bits"},
      "layernorm"}},
    {"gelu", {table, {"--in-scale", "--in-zero", "--out-scale", "--out-zero", "--clamp"}, "table"}},
    {"table",
     {table,
      {"--in-scale", "--in-zero", "--out-scale", "--out-zero", "--clamp", "--function", "--slope",
       "--table"},
      "table"}},
    {"requantize",
     {requantize, {"--in-scale", "--out-scale", "--out-zero", "--clamp", "--scales"}, "requant"}}};

void check_options(const CLI::App& command, OpOptions& o) {
  for (const auto& [name, op] : kOps)
    for (const std::string& option : op.options) {
      const auto& own = kOps.at(o.op).options;
      if (std::find(own.begin(), own.end(), option) == own.end())
        refuse_without_effect(command, {option.c_str()}, "on " + o.op);
    }
  check_simulation_options(command, o.simulation, o.engine);
  if (o.engine != "rtl") refuse_without_effect(command, {"--lanes"}, "with --engine " + o.engine);
  if (is_given(command, "--table"))
    refuse_without_effect(command,
                          {"--function", "--slope", "--in-scale", "--in-zero", "--out-scale",
                           "--out-zero", "--clamp"},
                          "with --table");
  if (o.function != "leaky_relu")
    refuse_without_effect(command, {"--slope"}, "without --function leaky_relu");
  if (is_given(command, "--scales"))
    refuse_without_effect(command, {"--in-scale", "--out-scale"}, "with --scales");
  // A zero point is a code.
  const auto range = [](const char* option, int value, int low, int high) {
    if (value < low || value > high)
      throw InputError(fmt::format("{} {}: a code in {}..{} is needed", option, value, low, high));
  };
  const auto clamp = golden::clamp_named(o.clamp);
  if (o.op == "gelu" || o.op == "table") {
    range("--in-zero", o.in_zero, -128, 127);
    range("--out-zero", o.out_zero, golden::clamp_min(clamp), golden::clamp_max(clamp));
  }
}

/// Rows of one operator on the RTL, as --help tells them.
std::string row_limits() {
  std::string text;
  for (const auto& [name, op] : kOps) {
    text += fmt::format("\n  {:<11}", name);
    const char* separator = " ";
    for (const int lanes : tb::stage_sizes(op.stage)) {
      const Eigen::Index columns = tb::stage_columns(op.stage, lanes);
      const bool any = columns == 0 || op.compute == requantize;
      text += fmt::format("{}{} with --lanes {}", std::exchange(separator, ", "),
                          any ? "any" : fmt::format("1..{}", columns), lanes);
    }
  }
  return text;
}

/// The first element that is not golden's, with the cycle in which its word left the RTL.
void print_mismatch(const Outcome& outcome, const MatrixI16& got, const MatrixI16& expected,
                    int lanes, const char* what) {
  Eigen::Index row = 0, column = 0;
  while (got(row, column) == expected(row, column))
    if (++column == got.cols()) column = 0, ++row;
  // Words come slice by slice, row by row, block by block.
  const Eigen::Index slice = outcome.slice == 0 ? got.cols() : outcome.slice;
  const Eigen::Index first = column / slice * slice;
  const Eigen::Index blocks = (std::min(slice, got.cols() - first) + lanes - 1) / lanes;
  const Eigen::Index before = first == 0 ? 0 : got.rows() * (first / lanes);
  const auto word = static_cast<size_t>(before + row * blocks + (column - first) / lanes);
  const uint64_t cycle = outcome.run.arrived.at(word);
  fmt::print(stderr,
             "{}: {} of {} elements are wrong; first at row {}, column {}\n"
             "  expected {}, got {}\n  handed over in cycle {}\n  rerun: {}\n",
             what, (got.array() != expected.array()).count(), got.size(), row, column,
             expected(row, column), got(row, column), cycle, rerun_line(cycle));
}

int run_op(const CLI::App& command, OpOptions o) {
  check_options(command, o);
  Outputs outputs({{"--in", o.in},
                   {"--gamma", o.gamma},
                   {"--beta", o.beta},
                   {"--table", o.table},
                   {"--scales", o.scales}},
                  {{"--out", o.out}, {"--operand-out", o.operand_out}, {"--json", o.json}},
                  &o.simulation.trace);
  Outcome outcome = kOps.at(o.op).compute(o);
  if (o.engine != "rtl") outcome.codes = outcome.golden;
  const bool codes_equal = outcome.codes == outcome.golden;
  const bool operand_equal = outcome.operand == outcome.golden_operand;
  const bool equal = codes_equal && operand_equal;
  if (!codes_equal) print_mismatch(outcome, outcome.codes, outcome.golden, o.lanes, "codes");
  if (!operand_equal)
    print_mismatch(outcome, *outcome.operand, *outcome.golden_operand, o.lanes, "narrow operand");
  // Against float64 rounded and clamped to the output's range.
  int worst = 0;
  int64_t off = 0;
  for (Eigen::Index i = 0; i < outcome.codes.size(); ++i) {
    const double exact =
        std::clamp<double>(std::nearbyint(outcome.exact.data()[i]), outcome.low, outcome.high);
    const int error = std::abs(outcome.codes.data()[i] - static_cast<int>(exact));
    worst = std::max(worst, error);
    off += error != 0;
  }
  nlohmann::json report{
      {"op", o.op},
      {"engine", o.engine},
      {"shape", {outcome.codes.rows(), outcome.codes.cols()}},
      {"elements", outcome.codes.size()},
      {"equal_to_golden", equal},
      {"largest_error", worst},
      {"off", off},
      {"share_off", static_cast<double>(off) / static_cast<double>(outcome.codes.size())}};
  if (!outcome.run.arrived.empty()) {
    report["words"] = outcome.run.arrived.size();
    report["cycles"] = outcome.run.arrived.back() - outcome.run.taken.front() + 1;
    report["first_result_after"] = outcome.run.arrived.front() - outcome.run.taken.front();
  }
  fmt::print("{} of {} x {} by {}: {}against float64 rounded: at most {} code off, {:.4f} % off\n",
             o.op, outcome.codes.rows(), outcome.codes.cols(), o.engine,
             o.engine == "rtl" ? (equal ? "equal to golden; " : "NOT equal to golden; ") : "",
             worst, 100.0 * static_cast<double>(off) / static_cast<double>(outcome.codes.size()));
  outputs.add(o.out, o.engine == "float" ? golden::npy_bytes(outcome.exact)
                                         : golden::npy_bytes(outcome.codes));
  if (outcome.operand) outputs.add(o.operand_out, golden::npy_bytes(*outcome.operand));
  outputs.add(o.json, report.dump(2) + "\n");
  outputs.write();
  return equal ? 0 : 1;
}

}  // namespace

void add_op(CLI::App& app, Run& run) {
  auto options = std::make_shared<OpOptions>();
  OpOptions& o = *options;
  auto* command = app.add_subcommand(
      "op", "One operator on an array, in RTL, by the golden model or in float64");
  command->add_option("operator", o.op, "softmax, layernorm, gelu, table or requantize")
      ->required()
      ->check(CLI::IsMember(kOps));
  command
      ->add_option(
          "--in", o.in,
          ".npy: int8 codes; layernorm: int16; requantize: int32. Rows along the last axis")
      ->required();
  command
      ->add_option("--out", o.out,
                   ".npy to write: int16 codes; float: float64, in codes but not rounded")
      ->required();
  command->add_option("--json", o.json,
                      "JSON report: equality with golden, error against float64, cycles");
  command->add_option("--engine", o.engine, "What computes")
      ->check(CLI::IsMember({"rtl", "golden", "float"}))
      ->capture_default_str();
  command->add_option("--in-scale", o.in_scale, "What one input code is worth")
      ->check(positive())
      ->capture_default_str();
  command->add_option("--in-zero", o.in_zero, "Zero point of the input (gelu, table)")
      ->check(integer(-32768, 32767))
      ->capture_default_str();
  command->add_option("--out-scale", o.out_scale, "What one output code is worth (not softmax)")
      ->check(positive())
      ->capture_default_str();
  command
      ->add_option("--out-zero", o.out_zero, "Zero point of the output (gelu, table, requantize)")
      ->check(integer(-32768, 32767))
      ->capture_default_str();
  std::vector<std::string> clamps;
  for (const auto& range : golden::kClamps) clamps.emplace_back(range.name);
  command->add_option("--clamp", o.clamp, "Range of the output (gelu, table, requantize)")
      ->check(CLI::IsMember(clamps))
      ->capture_default_str();
  command->add_option("--format", o.format, "softmax: u8 (unit 1/256) or s8 (unit 1/127.5)")
      ->check(CLI::IsMember({"u8", "s8"}))
      ->capture_default_str();
  command->add_option("--keys", o.keys, "softmax: only the first so many columns are keys")
      ->check(integer(0, 1 << 20));
  command->add_option("--gamma", o.gamma, "layernorm: .npy, float32 gain per column (default 1)");
  command->add_option("--beta", o.beta, "layernorm: .npy, float32 bias per column (default 0)");
  command->add_option("--eps", o.eps, "layernorm: added to the variance")
      ->check(real(0, 1))
      ->capture_default_str();
  command->add_option("--operand-out", o.operand_out,
                      "layernorm: .npy for the 8- or 9-bit array operand");
  command->add_option("--bits", o.bits, "layernorm: width of that operand")
      ->check(CLI::IsMember({8, 9}))
      ->capture_default_str();
  command->add_option("--function", o.function, "table: what it holds")
      ->check(CLI::IsMember({"gelu", "relu", "leaky_relu", "tanh", "sigmoid"}))
      ->capture_default_str();
  command->add_option("--slope", o.slope, "table: of leaky_relu")
      ->check(real(-1000, 1000))
      ->capture_default_str();
  command->add_option("--table", o.table,
                      "table: .npy with 256 entries of its own, entry code + 128");
  command->add_option("--scales", o.scales,
                      "requantize: .npy, float32 factor per column (default in-scale / out-scale)");
  command->add_option("--lanes", o.lanes, "Lanes of the RTL (8; 16 too for softmax and layernorm)")
      ->check(whole(1, 1024))
      ->capture_default_str();
  add_simulation_options(*command, o.simulation);
  command->footer("Columns of an array that the engine rtl takes:" + row_limits() +
                  "\n\nExample: bertsim op softmax --in scores.npy --in-scale 0.04 --out p.npy "
                  "--json report.json");
  command->callback([&run, command, options] { run = [=] { return run_op(*command, *options); }; });
}

}  // namespace sb::cli
