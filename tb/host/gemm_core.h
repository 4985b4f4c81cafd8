#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tb/bfm/stream.h"
#include "tb/host/matrix.h"
#include "tb/host/requant_code.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// One simulated sb_gemm_core: its parameters, pins and clock, whatever the size of its array.
class GemmCore {
 public:
  virtual ~GemmCore() = default;
  virtual Clock& clock() = 0;
  virtual void reset() = 0;
  virtual bool error() const = 0;
  virtual void close_trace() = 0;

  int m = 0;         ///< rows and columns of the array
  int rows = 0;      ///< depth of the accumulators
  int act_bits = 8;  ///< activation lanes: 8 (signed or unsigned) or 9 (signed)
  int chain = 4;     ///< products per chain
  StreamPins job, w, chan, act, out;
};

/// Sizes of array that this build holds, in order.
std::vector<int> gemm_core_sizes();
/// A core of the given size (one of gemm_core_sizes(), else InputError), in reset, with random initial
/// register values.
std::unique_ptr<GemmCore> make_gemm_core(int m, uint64_t seed = 1, const TraceOptions& trace = {});

/// How a product is requantized; without it the result is the accumulator plus bias.
struct Requantization {
  std::vector<uint32_t> mult;  ///< N values
  std::vector<uint8_t> shift;  ///< N values
  int zero_point = 0;          ///< int16
  Clamp clamp = Clamp::S8;
};

/// One matrix product: y (rows, N) = a (rows, K) * w^T (N, K) + bias, requantized if asked.
struct GemmProblem {
  MatrixI16 a;  ///< codes: int8, uint8 or, with 9-bit lanes, -256..255
  MatrixI8 w;
  std::vector<int32_t> bias;  ///< N values or none
  std::optional<Requantization> requantization;
};

/// Streams of the core, to name one.
enum class GemmStream { Job, W, Chan, Act, Out };

struct GemmOptions {
  StallPolicy input_stall, output_stall;
  uint64_t seed = 1;
  /// For tests of the checkers: sees each word of a stream with its index before it is sent or kept, may
  /// change it; returning false drops it.
  std::function<bool(GemmStream, uint64_t index, std::span<uint32_t> word)> tamper;
  /// Called now and then with the share of results that have come.
  std::function<void(double)> progress;
};

struct GemmRun {
  std::vector<MatrixI32> results;  ///< one per problem
  uint64_t cycles = 0;             ///< from the first word taken to the last result
  uint64_t ideal = 0;              ///< sum of rows * ceil(K/M) * ceil(N/M)
  uint64_t macs = 0;               ///< sum of rows * K * N
  double seconds = 0;              ///< wall time of the simulation
};

/// Throws InputError when the core cannot compute the problem exactly: sizes, codes that do not fit its
/// lanes, sums that could leave int32, multipliers that it does not hold.
void check_problem(const GemmCore& core, const GemmProblem& problem);

/// Runs problems back to back through the core, which must be fresh from reset(). Throws InputError
/// (check_problem) or SimError.
GemmRun run_gemm(GemmCore& core, std::span<const GemmProblem> problems, const GemmOptions& options = {});

}  // namespace sb::tb
