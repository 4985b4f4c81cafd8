// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "tb/bfm/stream.h"
#include "tb/host/gemm_pack.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// One simulated sb_gemm_core: its parameters, pins and clock, whatever the size of its array.
class GemmCore {
 public:
  virtual ~GemmCore() = default;
  virtual Clock& clock() = 0;
  virtual void reset(int cycles = 3) = 0;
  virtual bool error() const = 0;
  virtual bool idle() const = 0;
  virtual void close_trace() = 0;

  const ArrayGeometry& geometry() const { return geometry_; }
  int out_bits() const { return out_bits_; }  ///< of a result lane

  StreamPins job, w, chan, act, out;

 protected:
  GemmCore(const ArrayGeometry& geometry, int out_bits)
      : geometry_(geometry), out_bits_(out_bits) {}

 private:
  ArrayGeometry geometry_;
  int out_bits_;
};

/// Sizes of array that this build holds, in order.
std::vector<int> gemm_core_sizes();
/// Its geometry, without making one. InputError if this build has no such size.
ArrayGeometry gemm_core_geometry(int m);
/// A core of the given size (one of gemm_core_sizes(), else InputError), in reset, with random
/// initial register values.
std::unique_ptr<GemmCore> make_gemm_core(int m, uint64_t seed = 1, const TraceOptions& trace = {});

/// Streams of the core, to name one.
enum class GemmStream { Job, W, Chan, Act, Out };

struct GemmOptions {
  StallPolicy input_stall, output_stall;
  std::map<GemmStream, StallPolicy> stall = {};  ///< of single streams, in place of the two above
  uint64_t seed = 1;
  /// For tests of the checkers: sees each word of a stream with its index before it is sent or
  /// kept, may change it; returning false drops it.
  std::function<bool(GemmStream, uint64_t index, std::span<uint32_t> word)> tamper;
  /// Called now and then with the share of results that have come.
  std::function<void(double)> progress;
};

struct GemmRun {
  std::vector<golden::MatrixI32> results;  ///< one per problem
  /// Cycle of the clock in which each word (row, n-block) was handed over, one matrix per problem.
  std::vector<golden::Matrix<uint64_t>> arrived;
  uint64_t cycles = 0;     ///< from the first word taken to the last result
  uint64_t ideal = 0;      ///< sum of rows * ceil(K/M) * ceil(N/M)
  uint64_t macs = 0;       ///< sum of rows * K * N
  double seconds = 0;      ///< wall time of the simulation
  double cpu_seconds = 0;  ///< CPU time of this process in it
};

/// Runs problems back to back through the core, which may have run others before. Throws InputError
/// (check_problem), which leaves the core as it was, or SimError, after which it needs reset().
GemmRun run_gemm(GemmCore& core, std::span<const GemmProblem> problems,
                 const GemmOptions& options = {});

}  // namespace sb::tb
