// SPDX-License-Identifier: Apache-2.0
#include "tests/stress/stress.h"

#include <fmt/format.h>

#include <algorithm>

#include "tb/sim/error.h"

namespace sb::stress {

void Counts::add(const Counts& other) {
  jobs += other.jobs;
  reset_jobs += other.reset_jobs;
  resets += other.resets;
  two_rows += other.two_rows;
  refused += other.refused;
  elements += other.elements;
}

namespace {

tb::StallPolicy draw_policy(Rng& rng) {
  switch (below(rng, 5)) {
    case 0: return tb::StallPolicy::every(2 + below(rng, 4));
    case 1: return tb::StallPolicy::random(0.05 * (1 + below(rng, 16)));
    case 2: return tb::StallPolicy::bursts(1 + below(rng, 8), 1 + below(rng, 8));
    default: return tb::StallPolicy::never();
  }
}

}  // namespace

std::vector<tb::StallPolicy> draw_stalls(std::span<const Starved> streams, Rng& rng) {
  std::vector<tb::StallPolicy> policies(streams.size());
  const auto starve = [&](std::size_t i) {
    policies[i] = tb::StallPolicy::bursts(streams[i].run, streams[i].pause);
  };
  const std::size_t chosen = rng() % streams.size();
  switch (below(rng, 8)) {
    case 0: break;
    case 1: starve(chosen); break;
    case 2:
      for (std::size_t i = 0; i < streams.size(); ++i)
        if (i != chosen) starve(i);
      break;
    case 3: policies[chosen] = draw_policy(rng); break;
    default:
      for (std::size_t i = 0; i < streams.size(); ++i)
        if (chance(rng, 15))
          starve(i);
        else
          policies[i] = draw_policy(rng);
  }
  return policies;
}

bool unequal(std::span<const tb::StallPolicy> policies) {
  return std::any_of(policies.begin(), policies.end(),
                     [&](const auto& p) { return p.name() != policies[0].name(); });
}

std::string names(std::span<const tb::StallPolicy> policies) {
  std::string text;
  for (const auto& p : policies) text += (text.empty() ? "" : " ") + p.name();
  return text;
}

JobData draw_data(int rows, int k, int n, int act_bits, const RealData* real, Rng& rng) {
  JobData data{golden::MatrixI16(rows, k), golden::MatrixI8(n, k)};
  if (real != nullptr && k <= real->w.cols() && n <= real->w.rows() && rows <= real->a.rows() &&
      chance(rng, 20)) {
    const auto at = [&](Eigen::Index size, int part) {
      return static_cast<Eigen::Index>(rng() % static_cast<unsigned>(size - part + 1));
    };
    const auto column = at(real->w.cols(), k);
    data.w = real->w.block(at(real->w.rows(), n), column, n, k);
    data.a = real->a.block(at(real->a.rows(), rows), column, rows, k);
    return data;
  }
  const Operands kind = one_of(rng, operand_names()).first;
  const bool is_unsigned = kind == Operands::Unsigned;
  const int low = is_unsigned ? 0 : act_bits == 9 ? -256 : -128;
  const int high = is_unsigned || act_bits == 9 ? 255 : 127;
  for (auto& v : data.a.reshaped()) v = static_cast<int16_t>(draw(kind, low, high, rng));
  for (auto& v : data.w.reshaped()) v = static_cast<int8_t>(draw(kind, -128, 127, rng));
  return data;
}

std::vector<int32_t> draw_bias(int n, Rng& rng) {
  std::vector<int32_t> bias;
  const int shift = below(rng, 24);
  for (int c = 0; c < n; ++c)
    bias.push_back(chance(rng, 10) ? 0 : static_cast<int32_t>(rng()) >> (8 + shift));
  return bias;
}

tb::Requantization draw_requantization(int k, int n, golden::Clamp clamp, Rng& rng) {
  tb::Requantization q;
  q.clamp = clamp;
  const std::vector<int> corners{0, 1, -1, 127, -128, 32767, -32768};
  q.zero_point =
      chance(rng, 40) ? one_of(rng, corners) : std::uniform_int_distribution<int>(-300, 300)(rng);
  const int range_bits = clamp == golden::Clamp::S16 ? 15 : 7;
  const int sum_bits = 13 + static_cast<int>(std::log2(k) / 2);
  for (int c = 0; c < n; ++c) {
    int shift = std::clamp(16 + sum_bits - range_bits + below(rng, 7) - 3, 7, 46);
    auto mult = static_cast<uint32_t>(1 + below(rng, 65535));
    if (chance(rng, 10)) {
      const std::vector<uint32_t> extremes{0, 1, 65535, 32768};
      mult = one_of(rng, extremes);
      shift = 7 + below(rng, 40);
    }
    q.mult.push_back(mult);
    q.shift.push_back(static_cast<uint8_t>(shift));
  }
  return q;
}

NoiseInReset::NoiseInReset(std::vector<tb::StreamPins> inputs, int cycles, Rng& rng)
    : inputs_(std::move(inputs)), left_(cycles), rng_(rng) {}

void NoiseInReset::drive() {
  const bool on = --left_ > 0;  // the last cycle of the reset leaves all of them idle
  for (const tb::StreamPins& stream : inputs_) {
    *stream.valid = on && (rng_() & 1) != 0;
    std::vector<uint32_t> word(stream.data.words());
    for (uint32_t& w : word) w = static_cast<uint32_t>(rng_());
    if (*stream.valid) stream.data.write(word);
  }
}

bool run_until(tb::Clock& clock, std::span<tb::Component* const> components, uint64_t limit) {
  clock.clear();
  for (tb::Component* c : components) clock.add(*c);
  clock.settle();
  const auto pending = [&] {
    std::string text;
    for (const tb::Component* c : components) text += c->done() ? "" : c->pending() + "; ";
    return text;
  };
  // A word moves now and then, or the text of what is pending would change.
  constexpr uint64_t kPatience = 4096;
  std::string before;
  for (uint64_t n = 1;; ++n) {
    if (std::all_of(components.begin(), components.end(), [](const auto* c) { return c->done(); }))
      return true;
    if (n == limit) return false;
    clock.tick();
    if (n % kPatience == 0) {
      std::string now = pending();
      if (!now.empty() && now == before)
        throw tb::SimError(fmt::format("nothing moved in {} cycles; pending: {}", kPatience, now));
      before = std::move(now);
    }
  }
}

}  // namespace sb::stress
