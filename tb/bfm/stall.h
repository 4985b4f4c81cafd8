// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <string>

namespace sb::tb {

/// When a stream pauses: never, every n-th cycle, with probability p in each cycle, or in bursts.
struct StallPolicy {
  enum class Kind { Never, EveryN, Random, Bursts } kind = Kind::Never;
  int n = 0;     ///< EveryN: pause in every n-th cycle, n of 2 or more; n of 1 would never move
                 ///< Bursts: a pause takes 1 to n cycles, drawn anew each time
  double p = 0;  ///< Random: 0 <= p < 1
  int run = 0;   ///< Bursts: 1 to `run` cycles without a pause lie between two of them

  static StallPolicy never() { return {}; }
  static StallPolicy every(int n) { return {Kind::EveryN, n, 0}; }
  static StallPolicy random(double p) {
    return p > 0 ? StallPolicy{Kind::Random, 0, p} : StallPolicy{};
  }
  static StallPolicy bursts(int run, int pause) { return {Kind::Bursts, pause, 0, run}; }
  /// Cycles per cycle that moves, on average: 1 or more.
  double slowdown() const;
  std::string name() const;
};

/// The sequence of pauses of one stream.
class Stall {
 public:
  explicit Stall(StallPolicy policy = {}, uint64_t seed = 1);
  /// True: pause in this cycle.
  bool next();

 private:
  StallPolicy policy_;
  std::mt19937_64 rng_;
  uint64_t threshold_;
  int count_ = 0;
  bool paused_ = true;  // Bursts; the first call draws a run
};

}  // namespace sb::tb
