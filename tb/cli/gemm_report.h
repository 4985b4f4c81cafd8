// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "tb/devices/gemm_core.h"

namespace sb::cli {

/// The figures of one product, as bertsim prints them and writes them with --json.
struct GemmFigures {
  std::string name;
  int64_t rows = 0, k = 0, n = 0;
  uint64_t cycles = 0, ideal = 0, macs = 0;
  double seconds = 0;
  uint64_t mismatches = 0;

  double utilization() const {
    return cycles == 0 ? 0 : static_cast<double>(ideal) / static_cast<double>(cycles);
  }
  double macs_per_second() const { return seconds > 0 ? static_cast<double>(macs) / seconds : 0; }
};

GemmFigures figures(const std::string& name, const tb::GemmProblem& problem, const tb::GemmRun& run,
                    uint64_t mismatches);
nlohmann::json to_json(const GemmFigures& figures);

/// Prints the head of the table, and one line per product.
void print_head();
void print_line(const GemmFigures& figures);

}  // namespace sb::cli
