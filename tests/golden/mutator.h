// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace sb::golden {

/// Damages bytes at random: bits, pieces cut, repeated or replaced by words that files are made of.
class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string operator()(std::string bytes);

  /// A random number below n.
  size_t below(size_t n) { return random_() % n; }
  template <typename T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  void mutate(std::string& bytes);

  std::mt19937_64 random_;
};

/// Damages the inputs and hands each to `load`, which must succeed or throw InputError with a
/// message of one line. Both must occur, or the mutations are too weak or too strong.
/// SB_FUZZ_ROUNDS multiplies the number of mutations, SB_FUZZ_SEED chooses others.
void fuzz(size_t count, const std::vector<std::string>& inputs,
          const std::function<void(const std::string&)>& load);

/// The same with mutants of one's own making.
void fuzz_with(size_t count, const std::function<std::string(Mutator&, size_t)>& mutant,
               const std::function<void(const std::string&)>& load);

}  // namespace sb::golden
