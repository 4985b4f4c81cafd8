// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tb/bfm/stream.h"
#include "tb/host/gemm_pack.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// One simulated sb_fc_layer: its parameters, pins and clock.
class FcLayer {
 public:
  virtual ~FcLayer() = default;
  virtual Clock& clock() = 0;
  virtual void reset(int cycles = 3) = 0;
  virtual bool error() const = 0;
  virtual bool loaded() const = 0;
  /// Drives the options of a batch: rows (all of it), act_unsigned, clamp, zero_point of `job`.
  virtual void set_options(const sb_pkg::job_t& job) = 0;

  const std::string name;
  const ArrayGeometry geometry;
  const int k, n, out_bits;
  StreamPins in, load, out;
  Port keep;

 protected:
  FcLayer(std::string layer_name, const ArrayGeometry& array, int inputs, int outputs,
          int result_bits)
      : name(std::move(layer_name)),
        geometry(array),
        k(inputs),
        n(outputs),
        out_bits(result_bits) {}
};

/// The layers that this build holds (tb/CMakeLists.txt), by name.
std::vector<std::string> fc_layer_names();
std::unique_ptr<FcLayer> make_fc_layer(const std::string& name, uint64_t seed = 1,
                                       const TraceOptions& trace = {});

struct FcOptions {
  StallPolicy input_stall, output_stall;
  uint64_t seed = 1;
};

struct FcRun {
  std::vector<golden::MatrixI32> results;  ///< one per batch
  /// Cycle in which each beat (row, n-block) was handed over, one matrix per batch.
  std::vector<golden::Matrix<uint64_t>> arrived;
  uint64_t cycles = 0;  ///< from the first beat taken to the last result taken, all batches
  uint64_t ideal = 0;   ///< sum of rows * ceil(K/M) * ceil(N/M)
};

/// Sends weights and channel data of the problem (its `a` is not looked at) through the load
/// stream.
void load_fc(FcLayer& layer, const GemmProblem& problem, const FcOptions& options = {});

/// Writes the $readmemh files that give a layer its weights and channel data from the start.
void write_fc_files(const ArrayGeometry& array, const GemmProblem& problem,
                    const std::string& weight_file, const std::string& chan_file);

/// Runs batches back to back; weights, bias and requantization of `problem` must be loaded. Checks
/// tlast and tkeep of every beat. Throws InputError or SimError.
FcRun run_fc(FcLayer& layer, const GemmProblem& problem, std::span<const golden::MatrixI16> batches,
             const FcOptions& options = {});

}  // namespace sb::tb
