#pragma once
#include <cstdint>
#include <random>
#include <string>

namespace sb::tb {

/// When a stream pauses: never, every n-th cycle, or with probability p in each cycle.
struct StallPolicy {
  enum class Kind { Never, EveryN, Random } kind = Kind::Never;
  int n = 0;     ///< EveryN: pause in every n-th cycle, n of 2 or more; n of 1 would never move
  double p = 0;  ///< Random: 0 <= p < 1

  static StallPolicy never() { return {}; }
  static StallPolicy every(int n) { return {Kind::EveryN, n, 0}; }
  static StallPolicy random(double p) {
    return p > 0 ? StallPolicy{Kind::Random, 0, p} : StallPolicy{};
  }
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
};

}  // namespace sb::tb
