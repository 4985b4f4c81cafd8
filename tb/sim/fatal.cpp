// SPDX-License-Identifier: Apache-2.0
// Verilator calls vl_fatal for $fatal, $stop and its own run-time errors; the models are compiled
// with VL_USER_FATAL, so this definition takes the place of the one that aborts the process.
#include <fmt/format.h>
#include <verilated.h>

#include "tb/sim/error.h"

void vl_fatal(const char* file, int line, const char* scope, const char* message) {
  throw sb::tb::SimError(fmt::format("{}:{}: {} {}", file ? file : "", line, scope ? scope : "",
                                     message ? message : ""));
}
