// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "golden/model/int_model.h"
#include "tb/cli/engine_cli.h"

namespace sb::cli {

/// Texts through the simulated engine, a batch after the other in each of some processes.
struct BatchOptions {
  int jobs = 0;        ///< processes; 0: one per processor
  std::string resume;  ///< folder that keeps finished batches; empty: none
};
struct BatchResults {
  golden::MatrixF embeddings;  ///< one row per text
  uint64_t cycles = 0, compared = 0, mismatches = 0;
  double seconds = 0;  ///< from the first batch of this call to the last
  size_t kept = 0;     ///< texts that the folder held already
};

/// Sentence embeddings as the engine computes them; each result is compared with the golden
/// model's, and the first mismatch of a batch printed with the command that repeats its texts:
/// rerun(first, count). A folder that was used is gone on with, if it is of the same model, texts
/// and engine; else InputError. Errors of a process are thrown here, and the others end.
BatchResults engine_embeddings(const golden::IntModel& model,
                               const std::vector<std::vector<int32_t>>& texts,
                               const EngineOptions& engine, const BatchOptions& options,
                               const std::function<std::string(size_t, size_t)>& rerun);

}  // namespace sb::cli
