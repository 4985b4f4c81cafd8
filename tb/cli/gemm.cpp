// SPDX-License-Identifier: Apache-2.0
// bertsim gemm: a matrix product of .npy operands through the RTL or the golden model.
#include "golden/ops/gemm.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "golden/base/error.h"
#include "golden/io/npy.h"
#include "golden/ops/requantize.h"
#include "tb/check/compare.h"
#include "tb/cli/commands.h"
#include "tb/cli/gemm_report.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/progress.h"
#include "tb/cli/rerun.h"
#include "tb/cli/tamper.h"

namespace sb::cli {

std::function<bool(tb::GemmStream, uint64_t, std::span<uint32_t>)> tamper_for_tests;

namespace {

struct GemmOptions {
  std::string a, b, bias, mult, shift, out, acc, json, engine = "rtl", out_type = "int8";
  bool b_transposed = false;
  int zp_a = 0, zp_out = 0, m = 32;
  SimulationOptions simulation;
};

golden::Clamp clamp_of(const std::string& out_type) {
  return out_type == "uint8"   ? golden::Clamp::U8
         : out_type == "int16" ? golden::Clamp::S16
                               : golden::Clamp::S8;
}

/// One value per output from a file of N values in a row, or of one that serves all.
template <typename T>
std::vector<T> per_output(const std::string& file, Eigen::Index n, int64_t low, int64_t high) {
  const golden::MatrixI32 values = golden::read_npy(file).integers(low, high);
  if (values.rows() != 1 || (values.cols() != n && values.cols() != 1))
    throw golden::InputError(
        fmt::format("{}: {} x {} values for {} outputs; 1 or {} in a row are needed", file,
                    values.rows(), values.cols(), n, n));
  std::vector<T> result;
  for (Eigen::Index i = 0; i < n; ++i)
    result.push_back(static_cast<T>(values.data()[values.size() == 1 ? 0 : i]));
  return result;
}

/// int8 or uint8 elements; float files are refused here, so no NaN gets further.
golden::MatrixI16 codes(const std::string& file, bool may_be_unsigned) {
  const golden::NpyArray array = golden::read_npy(file);
  if (array.type == golden::NpyType::I8) return array.matrix<int8_t>().cast<int16_t>();
  if (may_be_unsigned && array.type == golden::NpyType::U8)
    return array.matrix<uint8_t>().cast<int16_t>();
  throw golden::InputError(
      fmt::format("{}: elements must be int8{}", file, may_be_unsigned ? " or uint8" : ""));
}

std::string result_bytes(const golden::MatrixI32& y, bool requantized, const std::string& type) {
  if (!requantized) return golden::npy_bytes<int32_t>(y);
  if (type == "uint8") return golden::npy_bytes<uint8_t>(y.cast<uint8_t>());
  if (type == "int16") return golden::npy_bytes<int16_t>(y.cast<int16_t>());
  return golden::npy_bytes<int8_t>(y.cast<int8_t>());
}

int gemm(const CLI::App& command, GemmOptions o) {
  check_simulation_options(command, o.simulation, o.engine);
  if (o.mult.empty() != o.shift.empty()) throw golden::InputError("--mult and --shift go together");
  if (o.mult.empty()) refuse_without_effect(command, {"--zp-out", "--out-type"}, "without --mult");
  tb::TraceOptions& trace = o.simulation.trace;
  Outputs outputs(
      {{"--a", o.a}, {"--b", o.b}, {"--bias", o.bias}, {"--mult", o.mult}, {"--shift", o.shift}},
      {{"--out", o.out}, {"--acc", o.acc}, {"--json", o.json}}, &trace);
  const tb::ArrayGeometry geometry = tb::gemm_core_geometry(o.m);
  tb::GemmProblem p;
  p.a = codes(o.a, true);
  const golden::MatrixI16 b = codes(o.b, false);
  p.w = (o.b_transposed ? b : golden::MatrixI16(b.transpose())).cast<int8_t>();
  if (p.a.cols() != p.w.cols())
    throw golden::InputError(fmt::format("K differs: {} has {} columns, {} has {} {}", o.a,
                                         p.a.cols(), o.b, p.w.cols(),
                                         o.b_transposed ? "columns (--b-transposed)" : "rows"));
  const Eigen::Index n = p.w.rows();
  if (!o.bias.empty()) p.bias = per_output<int32_t>(o.bias, n, INT32_MIN, INT32_MAX);
  if (o.zp_a != 0) p.bias = golden::fold_zero_point(p.bias, p.w, o.zp_a);
  const auto clamp = clamp_of(o.out_type);
  if (!o.mult.empty()) {
    tb::Requantization q;
    q.mult = per_output<uint32_t>(o.mult, n, 0, (1 << 26) - 1);
    q.shift = per_output<uint8_t>(o.shift, n, 0, 46);
    q.zero_point = o.zp_out;
    q.clamp = clamp;
    p.requantization = q;
  }
  tb::check_problem(geometry, p);  // golden takes what the hardware takes
  const golden::MatrixI32 acc = golden::gemm(p.a, p.w, p.bias);
  const golden::MatrixI32 expected =
      p.requantization
          ? golden::MatrixI32(golden::requantize(acc, p.requantization->mult,
                                                 p.requantization->shift, o.zp_out, clamp)
                                  .cast<int32_t>())
          : acc;
  if (o.engine == "golden") {
    fmt::print("golden: {} x {} x {}\n", p.a.rows(), p.a.cols(), n);
    outputs.add(o.out, result_bytes(expected, p.requantization.has_value(), o.out_type));
    outputs.add(o.acc, golden::npy_bytes<int32_t>(acc));
    outputs.add(o.json, json_bytes({{"engine", "golden"},
                                    {"rows", p.a.rows()},
                                    {"k", p.a.cols()},
                                    {"n", n},
                                    {"macs", p.a.rows() * p.a.cols() * n}}));
    outputs.write();
    return 0;
  }

  // The accumulators, if they are wanted beside a requantized result, are a second product.
  std::vector<tb::GemmProblem> problems{p};
  auto core = tb::make_gemm_core(o.m, o.simulation.seed, trace);
  tb::GemmOptions options;
  options.seed = o.simulation.seed;
  options.input_stall = options.output_stall = tb::StallPolicy::random(o.simulation.stall);
  options.tamper = tamper_for_tests;
  options.progress = progress_line("gemm");
  const tb::GemmRun run = tb::run_gemm(*core, problems, options);
  tb::GemmRun acc_run = run;
  if (!o.acc.empty() && p.requantization) {
    problems[0].requantization.reset();
    acc_run = tb::run_gemm(*core, problems, options);
  }
  const golden::MatrixI32& rtl_acc = acc_run.results[0];
  core->close_trace();

  const auto wrong = tb::count_mismatches(expected, run.results[0]) +
                     (o.acc.empty() ? 0 : tb::count_mismatches(acc, rtl_acc));
  const GemmFigures f = figures("gemm", p, run, wrong);
  print_head();
  print_line(f);
  fmt::print(
      "{} of {} elements equal to golden\n",
      expected.size() - static_cast<Eigen::Index>(tb::count_mismatches(expected, run.results[0])),
      expected.size());
  tb::MismatchContext context{o.m, geometry.rows, &p.a, &p.w, &run.arrived[0], rerun_line};
  if (const auto text = tb::describe_mismatch(expected, run.results[0], context))
    fmt::print(stderr, "{}\n", *text);
  context.arrived = &acc_run.arrived[0];
  if (!o.acc.empty())
    if (const auto text = tb::describe_mismatch(acc, rtl_acc, context))
      fmt::print(stderr, "accumulators: {}\n", *text);
  auto figures = to_json(f);
  figures["engine"] = "rtl";
  figures["m"] = o.m;
  outputs.add(o.out, result_bytes(run.results[0], p.requantization.has_value(), o.out_type));
  outputs.add(o.acc, golden::npy_bytes<int32_t>(rtl_acc));
  outputs.add(o.json, json_bytes(figures));
  outputs.write();
  return wrong == 0 ? 0 : 1;
}

}  // namespace

void add_gemm(CLI::App& app, Run& run) {
  auto* command =
      app.add_subcommand("gemm", "Multiply two .npy matrices on the RTL and compare with golden");
  auto o = std::make_shared<GemmOptions>();
  command->add_option("--a", o->a, "activations (rows, K), int8 or uint8")->required();
  command->add_option("--b", o->b, "weights (K, N), int8")->required();
  command->add_flag("--b-transposed", o->b_transposed, "the weights are stored (N, K)");
  command->add_option("--bias", o->bias, "int32, N values or one");
  command->add_option("--mult", o->mult, "requantize: multipliers, N values or one, below 2^26");
  command->add_option("--shift", o->shift, "requantize: shifts, N values or one, 0..46");
  command->add_option("--zp-a", o->zp_a, "zero point of the activations")
      ->check(integer(-256, 255));
  command->add_option("--zp-out", o->zp_out, "zero point of the result")
      ->check(integer(-32768, 32767));
  command->add_option("--out-type", o->out_type, "requantized result")
      ->check(CLI::IsMember({"int8", "uint8", "int16"}));
  command->add_option("--m", o->m, "size of the array: 4, 8, 16, 32 or 64")->check(whole(1, 1024));
  command->add_option("--engine", o->engine, "who computes")
      ->check(CLI::IsMember({"rtl", "golden"}));
  command->add_option("--out", o->out, "result: int32, or --out-type if requantized")->required();
  command->add_option("--acc", o->acc, "accumulators plus bias, int32");
  command->add_option("--json", o->json, "write the figures to this file");
  add_simulation_options(*command, o->simulation);
  command->footer(
      "Examples:\n"
      "  scripts/bertsim gemm --a A.npy --b W.npy --out Y.npy\n"
      "  scripts/bertsim gemm --a A.npy --b W.npy --mult M.npy --shift S.npy --zp-out 3 --m 16 "
      "--out Y.npy "
      "--json Y.json\n"
      "  scripts/bertsim gemm --a A.npy --b W.npy --out Y.npy --stall 0.3 --trace run.fst");
  command->callback([o, command, &run] { run = [o, command] { return gemm(*command, *o); }; });
}

}  // namespace sb::cli
