// SPDX-License-Identifier: Apache-2.0
// bertsim op: one operator on data of the user's, in RTL, by the golden model or in float64.
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "golden/base/error.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/file.h"
#include "golden/io/npy.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/softmax.h"
#include "golden/ops/table.h"
#include "tb/cli/commands.h"
#include "tb/devices/stage_ops.h"

namespace sb::cli {
namespace {

using golden::InputError;
using golden::MatrixD;
using golden::MatrixI16;

struct OpOptions {
  std::string op, in, out, json, engine = "rtl", trace;
  std::string function = "relu", table, gamma, beta, scales, operand_out, clamp = "s8",
              format = "u8";
  double in_scale = 0.05, out_scale = 0.05, eps = 1e-12, slope = 0.01, stall = 0;
  int in_zero = 0, out_zero = 0, lanes = 8, bits = 8;
  std::optional<int> keys;
  uint64_t seed = 1;
};

// What an operator gives: codes by the chosen engine, and the float64 value of each in output
// codes, not rounded.
struct Outcome {
  MatrixI16 codes, golden;
  MatrixD exact;
  int low = -128, high = 127;
  std::optional<MatrixI16> operand;  ///< LayerNorm: the narrow codes
  tb::StageRun run;
};

tb::StageOptions stage_options(const OpOptions& o) {
  const auto stall = tb::StallPolicy::random(o.stall);
  return {stall, stall, o.seed, {}};
}

std::unique_ptr<tb::Stage> stage(const OpOptions& o, const std::string& name) {
  return tb::make_stage(name, o.lanes, o.seed, {o.trace, 0, UINT64_MAX});
}

const std::map<std::string, golden::Clamp> kClamps{{"s8", golden::Clamp::S8},
                                                   {"u8", golden::Clamp::U8},
                                                   {"s9", golden::Clamp::S9},
                                                   {"s16", golden::Clamp::S16}};

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
    const auto y =
        tb::softmax_op(*stage(o, "softmax"), rows, table, int8, stage_options(o), &outcome.run);
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
  outcome.operand = golden::narrow_operand(outcome.golden, operand);
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
    auto y =
        tb::layernorm_op(*stage(o, "layernorm"), s, p, operand, stage_options(o), &outcome.run);
    if (y.y8 != *outcome.operand)
      fmt::print(stderr, "bertsim: the narrow operand differs from the golden model\n");
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
  const auto clamp = kClamps.at(o.clamp);
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
  if (o.engine == "rtl")
    outcome.codes = tb::table_op(*stage(o, "table"), x, entries, stage_options(o), &outcome.run);
  return outcome;
}

Outcome requantize(const OpOptions& o) {
  const golden::MatrixI32 acc = golden::read_npy(o.in).integers();
  if (o.out_zero < -32768 || o.out_zero > 32767)
    throw InputError(fmt::format("--out-zero {} is not int16", o.out_zero));
  const std::vector<double> scale = per_column(o.scales, acc.cols(), o.in_scale / o.out_scale);
  golden::Requant requant;
  for (size_t n = 0; n < scale.size(); ++n)
    golden::append_requant(requant, scale[n], fmt::format("column {}", n));
  const auto clamp = kClamps.at(o.clamp);
  Outcome outcome;
  outcome.low = golden::clamp_min(clamp);
  outcome.high = golden::clamp_max(clamp);
  outcome.golden = golden::requantize(acc, requant.mult, requant.shift, o.out_zero, clamp);
  outcome.exact = acc.cast<double>();
  for (Eigen::Index n = 0; n < acc.cols(); ++n)
    outcome.exact.col(n) =
        (outcome.exact.col(n) * scale[static_cast<size_t>(n)]).array() + o.out_zero;
  if (o.engine == "rtl")
    outcome.codes = tb::requantize_op(*stage(o, "requant"), acc, requant.mult, requant.shift,
                                      o.out_zero, clamp, {}, stage_options(o), &outcome.run);
  return outcome;
}

const std::map<std::string, Outcome (*)(const OpOptions&)> kOps{{"softmax", softmax},
                                                                {"layernorm", layernorm},
                                                                {"gelu", table},
                                                                {"table", table},
                                                                {"requantize", requantize}};

int run_op(const OpOptions& o) {
  Outcome outcome = kOps.at(o.op)(o);
  if (o.engine != "rtl") outcome.codes = outcome.golden;
  const bool equal = outcome.codes == outcome.golden;
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
  if (o.engine == "float")
    golden::write_npy(o.out, outcome.exact);
  else
    golden::write_npy(o.out, outcome.codes);
  if (!o.operand_out.empty() && outcome.operand) golden::write_npy(o.operand_out, *outcome.operand);
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
  if (!o.json.empty()) golden::write_file(o.json, report.dump(2) + "\n");
  fmt::print("{} of {} x {} by {}: {}against float64 rounded: at most {} code off, {:.4f} % off\n",
             o.op, outcome.codes.rows(), outcome.codes.cols(), o.engine,
             o.engine == "rtl" ? (equal ? "equal to golden; " : "NOT equal to golden; ") : "",
             worst, 100.0 * static_cast<double>(off) / static_cast<double>(outcome.codes.size()));
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
      ->capture_default_str();
  command->add_option("--in-zero", o.in_zero, "Zero point of the input (gelu, table)")
      ->capture_default_str();
  command->add_option("--out-scale", o.out_scale, "What one output code is worth (not softmax)")
      ->capture_default_str();
  command
      ->add_option("--out-zero", o.out_zero, "Zero point of the output (gelu, table, requantize)")
      ->capture_default_str();
  command->add_option("--clamp", o.clamp, "Range of the output (gelu, table, requantize)")
      ->check(CLI::IsMember({"s8", "u8", "s9", "s16"}))
      ->capture_default_str();
  command->add_option("--format", o.format, "softmax: u8 (unit 1/256) or s8 (unit 1/127.5)")
      ->check(CLI::IsMember({"u8", "s8"}))
      ->capture_default_str();
  command->add_option("--keys", o.keys, "softmax: only the first so many columns are keys");
  command->add_option("--gamma", o.gamma, "layernorm: .npy, float32 gain per column (default 1)");
  command->add_option("--beta", o.beta, "layernorm: .npy, float32 bias per column (default 0)");
  command->add_option("--eps", o.eps, "layernorm: added to the variance")->capture_default_str();
  command->add_option("--operand-out", o.operand_out,
                      "layernorm: .npy for the 8- or 9-bit array operand");
  command->add_option("--bits", o.bits, "layernorm: width of that operand")
      ->check(CLI::IsMember({8, 9}))
      ->capture_default_str();
  command->add_option("--function", o.function, "table: what it holds")
      ->check(CLI::IsMember({"gelu", "relu", "leaky_relu", "tanh", "sigmoid"}))
      ->capture_default_str();
  command->add_option("--slope", o.slope, "table: of leaky_relu")->capture_default_str();
  command->add_option("--table", o.table,
                      "table: .npy with 256 entries of its own, entry code + 128");
  command->add_option("--scales", o.scales,
                      "requantize: .npy, float32 factor per column (default in-scale / out-scale)");
  command->add_option("--lanes", o.lanes, "Lanes of the RTL (8; 16 too for softmax and layernorm)")
      ->capture_default_str();
  command->add_option("--stall", o.stall, "Probability of a pause per cycle, on both sides")
      ->capture_default_str();
  command->add_option("--seed", o.seed, "Seed of pauses and initial values")->capture_default_str();
  command->add_option("--trace", o.trace, "FST waveform to write");
  command->footer(
      "Example: bertsim op softmax --in scores.npy --in-scale 0.04 --out p.npy --json report.json");
  command->callback([&run, options] { run = [options] { return run_op(*options); }; });
}

}  // namespace sb::cli
