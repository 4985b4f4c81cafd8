// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "golden/base/matrix.h"
#include "tb/bfm/stream.h"
#include "tests/integration/operands.h"

/// Random jobs without end on one top after the other: README.md.
namespace sb::stress {

using Rng = std::mt19937;

/// 0 .. n - 1
inline int below(Rng& rng, int n) { return static_cast<int>(rng() % static_cast<unsigned>(n)); }
inline bool chance(Rng& rng, int percent) { return below(rng, 100) < percent; }
template <typename T>
const T& one_of(Rng& rng, const std::vector<T>& values) {
  return values[rng() % values.size()];
}

/// What the bench does wrong on purpose, to see that it is noticed.
enum class Fault {
  None,
  Result,  ///< a bit of a result is inverted on its way to the comparison
  Lost,    ///< a word that was handed over is not looked at
  Status   ///< a status output is read inverted in one cycle
};

/// Operands of a real model: quantized weights and activations to cut pieces from.
struct RealData {
  golden::MatrixI8 w;
  golden::MatrixI16 a;
};

struct Counts {
  uint64_t jobs = 0;
  uint64_t reset_jobs = 0;  ///< under way when a reset struck
  uint64_t resets = 0;
  uint64_t two_rows = 0;  ///< jobs of two rows, streams that stall differently
  uint64_t refused = 0;   ///< illegal jobs, broken batches
  uint64_t elements = 0;  ///< results compared
  void add(const Counts& other);
};

/// A run on a fresh model; its seed decides all of it.
struct Episode {
  Episode(uint64_t number, Fault made, const RealData* data)
      : seed(number), fault(made), real(data), rng(static_cast<unsigned>(number)) {}

  uint64_t seed;
  Fault fault;
  const RealData* real;
  Rng rng;
  Counts counts = {};
  std::string where = {};  ///< what was going on, for the message of a failure

  /// True once in an episode, at a random call: now the fault is to be made.
  bool strikes(Fault kind) {
    if (kind != fault || struck_ || below(rng, 20) != 0) return false;
    return struck_ = true;
  }

 private:
  bool struck_ = false;
};

/// Throws std::exception when the model does not do what it must.
struct Target {
  const char* name;
  void (*run)(Episode&);
};
void run_gemm_core(Episode&);
void run_fc_layer(Episode&);
void run_softmax(Episode&);
void run_layernorm(Episode&);
void run_requant(Episode&);
void run_table(Episode&);
void run_residual(Episode&);

/// One policy per stream: all free, one starved, all but one starved, or each drawn apart.
/// pause: the longest pause of a starved stream, which then moves up to `run` words.
struct Starved {
  int run, pause;
};
std::vector<tb::StallPolicy> draw_stalls(std::span<const Starved> streams, Rng& rng);
bool unequal(std::span<const tb::StallPolicy> policies);
std::string names(std::span<const tb::StallPolicy> policies);

/// Codes and weights of one job, drawn from a distribution or cut from real ones.
struct JobData {
  golden::MatrixI16 a;
  golden::MatrixI8 w;
};
JobData draw_data(int rows, int k, int n, int act_bits, const RealData* real, Rng& rng);
std::vector<int32_t> draw_bias(int n, Rng& rng);
/// Multipliers and shifts that spread sums of k products over the range of the clamp and beyond,
/// now and then the extreme ones.
tb::Requantization draw_requantization(int k, int n, golden::Clamp clamp, Rng& rng);

/// Inputs that carry anything while a reset lasts.
class NoiseInReset : public tb::Component {
 public:
  NoiseInReset(std::vector<tb::StreamPins> inputs, int cycles, Rng& rng);
  void drive() override;

 private:
  std::vector<tb::StreamPins> inputs_;
  int left_;
  Rng& rng_;
};

/// Clocks until all are done, or `limit` cycles if that is not 0: false then. Throws SimError when
/// nothing moves.
bool run_until(tb::Clock& clock, std::span<tb::Component* const> components, uint64_t limit);

}  // namespace sb::stress
