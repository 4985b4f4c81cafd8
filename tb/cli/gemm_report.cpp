// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/gemm_report.h"

#include <fmt/format.h>

namespace sb::cli {

GemmFigures figures(const std::string& name, const tb::GemmProblem& problem, const tb::GemmRun& run,
                    uint64_t mismatches) {
  return {name,      problem.a.rows(), problem.a.cols(), problem.w.rows(), run.cycles,
          run.ideal, run.macs,         run.seconds,      mismatches};
}

nlohmann::json to_json(const GemmFigures& f) {
  return {{"name", f.name},
          {"rows", f.rows},
          {"k", f.k},
          {"n", f.n},
          {"cycles", f.cycles},
          {"ideal_cycles", f.ideal},
          {"utilization", f.utilization()},
          {"macs", f.macs},
          {"macs_per_second", f.macs_per_second()},
          {"mismatches", f.mismatches}};
}

void print_head() {
  fmt::print("{:<34} {:>5} {:>5} {:>5} {:>9} {:>9} {:>7} {:>8} {:>10}\n", "product", "rows", "K",
             "N", "cycles", "ideal", "util %", "M MAC/s", "mismatches");
}

void print_line(const GemmFigures& f) {
  fmt::print("{:<34} {:>5} {:>5} {:>5} {:>9} {:>9} {:>7.2f} {:>8.1f} {:>10}\n", f.name, f.rows, f.k,
             f.n, f.cycles, f.ideal, 100 * f.utilization(), f.macs_per_second() / 1e6,
             f.mismatches);
}

}  // namespace sb::cli
