// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "tb/devices/gemm_core.h"

namespace sb::cli {

// For tests of the checks: take part in every run of sb_gemm_core and of a stage, as in
// tb::GemmOptions and tb::StageOptions. Empty in the program.
extern std::function<bool(tb::GemmStream, uint64_t, std::span<uint32_t>)> tamper_for_tests;
extern std::function<bool(bool out, uint64_t, std::span<uint32_t>)> tamper_stage_for_tests;

}  // namespace sb::cli
