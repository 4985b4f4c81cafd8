// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "tb/cli/engine_cli.h"

namespace sb::cli {

/// A run in the Trace Event format (JSON object form), for Perfetto and chrome://tracing: a
/// microsecond there is a cycle. Tracks: layers, the commands that feed the array, and one for each
/// reason of lost cycles.
std::string trace_events(const EngineJob& job);

}  // namespace sb::cli
