// SPDX-License-Identifier: Apache-2.0
// sb_array in three forms, of inferred multipliers and of cells, each result against a plain loop over integers.
#include <bit>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>

#include "tb/host/lanes.h"
#include "tests/unit/array/array_pins.h"

namespace sb {
namespace {

constexpr int kForms = 3;

struct Form {
  test::ArrayKind kind;
  int index = 0, m = kind.m;
  bool packed() const { return index < 2; }
  int chain() const { return index == 0 ? 4 : index == 1 ? m / 4 : m; }
  int dot_bits() const { return m == 4 ? 19 : 20; }
  std::size_t latency() const {  // as the header of sb_array states it
    const int chains = m / chain(), groups = packed() ? m / 2 : m;
    return static_cast<std::size_t>(
        1 + (2 + chain() + std::bit_width(static_cast<unsigned>(chains)) - 1) + (groups - 1) + 1);
  }
};

using Row = std::vector<int>;  // M values

/// One activation word and one weight word of a channel; `index` counts the rows since the swap.
struct Operands {
  std::function<Row(int tile, int index)> act;
  std::function<Row(int tile, int channel)> weights;
};

struct Timing {
  int tiles = 1;
  int min_rows = 0;    ///< rows that a tile gets at least
  double gap = 0;      ///< share of cycles in which loading pauses and a swap waits
  int load_early = 0;  ///< cycles by which loading breaks the contract
};

/// Runs tiles through one form, one activation word in every cycle, and returns the wrong results
/// (tags too). Without gaps each load begins and each swap comes in the first cycle that the
/// contract allows.
int wrong_results(const Form& form, const Operands& operands, const Timing& timing, uint64_t seed) {
  struct Issued {
    std::optional<Row> dots;
    uint16_t tag;
  };
  const test::ArrayPins pins = test::make_array(form.kind, seed);
  test::Rng rng(static_cast<uint32_t>(seed) + 1);
  const auto pause = [&] { return std::uniform_real_distribution<double>(0, 1)(rng) < timing.gap; };
  const auto drive = [&](const tb::Port& port, int lanes, int bits,
                         const std::function<int(int)>& value) {
    std::vector<uint32_t> word(port.words());
    for (int l = 0; l < lanes; ++l)
      tb::put_lane(word, form.index * lanes + l, bits, static_cast<uint32_t>(value(l)));
    port.write(word);
  };
  const auto noise = [&](int) { return static_cast<int>(rng()); };

  std::vector<Row> loading, current;
  int swapped = 0, channel = 0, rows = 0, wrong = 0;
  int64_t load_from = 0, loaded_at = -1;
  std::deque<Issued> flight;
  for (int64_t cycle = 0, left = static_cast<int64_t>(form.latency()) + timing.min_rows; left > 0;
       ++cycle) {
    if (swapped == timing.tiles) --left;
    // Swap: a cycle after the last channel, and once the tile before has had its rows.
    const bool loaded = channel == form.m && loaded_at < cycle;
    const bool swap = loaded && (swapped == 0 || rows >= timing.min_rows) && !pause();
    if (swap) {
      current = std::exchange(loading, {});
      channel = 0;
      rows = 0;
      ++swapped;
      load_from = cycle + form.chain() - 1 - timing.load_early;
    }
    const bool load = swapped < timing.tiles && channel < form.m && cycle >= load_from && !pause();
    if (load) {
      loading.push_back(operands.weights(swapped, channel));
      drive(pins.channel, 1, form.m == 4 ? 2 : 3, [&](int) { return channel; });
      drive(pins.w, form.m, 8, [&](int k) { return loading.back()[static_cast<std::size_t>(k)]; });
      if (++channel == form.m) loaded_at = cycle;
    } else {
      drive(pins.channel, 1, form.m == 4 ? 2 : 3, noise);
      drive(pins.w, form.m, 8, noise);
    }
    const Row act = operands.act(swapped - 1, rows++);
    const auto tag = static_cast<uint16_t>(rng());
    drive(pins.act, form.m, 9, [&](int k) { return act[static_cast<std::size_t>(k)]; });
    drive(pins.tag, 1, 16, [&](int) { return tag; });
    drive(pins.swap, 1, 1, [&](int) { return swap; });
    drive(pins.load, 1, 1, [&](int) { return load; });
    pins.clock->tick();

    Issued issued{std::nullopt, tag};
    if (!current.empty()) {
      issued.dots.emplace();
      for (const Row& w : current) {
        int dot = 0;
        for (std::size_t k = 0; k < act.size(); ++k) dot += w[k] * act[k];
        issued.dots->push_back(dot);
      }
    }
    flight.push_back(issued);
    if (flight.size() < form.latency()) continue;
    std::vector<uint32_t> tags(pins.tag_out.words()), dots(pins.dot.words());
    pins.tag_out.read(tags);
    pins.dot.read(dots);
    wrong += tb::get_lane(tags, form.index, 16) != flight.front().tag;
    for (int c = 0; flight.front().dots && c < form.m; ++c) {
      const int64_t got = tb::get_signed_lane(dots, form.index * form.m + c, form.dot_bits());
      const int dot = (*flight.front().dots)[static_cast<std::size_t>(c)];
      wrong +=
          got !=
          (form.packed() && c % 2 == 0 ? -dot : dot);  // even channels of packed forms are negated
    }
    flight.pop_front();
  }
  return wrong;
}

/// Operands drawn from a list of values.
Operands drawn(int m, std::vector<int> acts, std::vector<int> weights, uint64_t seed) {
  auto rng = std::make_shared<test::Rng>(static_cast<uint32_t>(seed));
  const auto row = [m, rng](const std::vector<int>& values) {
    Row r;
    for (int k = 0; k < m; ++k) r.push_back(values[(*rng)() % values.size()]);
    return r;
  };
  return {[row, acts](int, int) { return row(acts); },
          [row, weights](int, int) { return row(weights); }};
}

std::vector<int> range(int low, int high) {
  std::vector<int> values;
  for (int v = low; v <= high; ++v) values.push_back(v);
  return values;
}

class Array : public testing::TestWithParam<Form> {};

TEST_P(Array, RandomTilesWithoutAGapEachSwappedAtTheFirstLegalCycle) {
  test::for_each_seed(1, [](uint64_t seed) {
    const auto operands = drawn(GetParam().m, range(-256, 255), range(-128, 127), seed);
    EXPECT_EQ(wrong_results(GetParam(), operands, {.tiles = 300}, seed), 0);
  });
}

TEST_P(Array, RandomTilesWithPausesInLoadingAndSwapping) {
  test::for_each_seed(1, [](uint64_t seed) {
    const auto operands = drawn(GetParam().m, range(-256, 255), range(-128, 127), seed);
    EXPECT_EQ(wrong_results(GetParam(), operands, {.tiles = 100, .min_rows = 3, .gap = 0.5}, seed),
              0);
  });
}

TEST_P(Array, CornerOperandsInEveryPlace) {
  test::for_each_seed(1, [](uint64_t seed) {
    const auto operands = drawn(GetParam().m, {-256, 255, 0}, {-128, 127, 0, -1}, seed);
    EXPECT_EQ(wrong_results(GetParam(), operands, {.tiles = 400, .min_rows = 16}, seed), 0);
  });
}

TEST_P(Array, EveryPatternOfExtremesAlongAChain) {
  // Bit i of a pattern chooses the extreme at place i of every chain; 16 patterns each for the
  // activations and for both channels of a group. A packed chain of 4 stands at its limit here.
  const Form form = GetParam();
  const int chains = form.m / 4;
  const auto pattern = [&](int bits, int low, int high) {
    Row r;
    for (int k = 0; k < form.m; ++k) r.push_back(bits >> (k / chains) & 1 ? low : high);
    return r;
  };
  const Operands operands{[&](int, int index) { return pattern(index % 16, -256, 255); },
                          [&](int tile, int channel) {
                            return pattern(channel % 2 ? tile / 16 : tile % 16, -128,
                                           channel & 2 ? 127 : 0);
                          }};
  EXPECT_EQ(wrong_results(form, operands, {.tiles = 256, .min_rows = 16}, 1), 0);
}

std::vector<Form> forms() {
  std::vector<Form> all;
  for (const test::ArrayKind& kind : test::arrays())
    for (int f = 0; f < kForms; ++f) all.push_back({kind, f});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Forms, Array, testing::ValuesIn(forms()), [](const auto& p) {
  const Form& f = p.param;
  return "M" + std::to_string(f.m) + (f.kind.cells ? "_Cells" : "") +
         (f.packed() ? "_PackedChain" : "_PlainChain") + std::to_string(f.chain());
});

TEST(ArrayContract, LoadingOneCycleTooEarlyIsSeen) {
  // Proves that the tests above load in the first legal cycle and would notice a wrong weight. The
  // plain chain has no pairing register, so its first column takes the word at once.
  for (const test::ArrayKind& kind : test::arrays()) {
    const auto operands = drawn(kind.m, range(-256, 255), range(-128, 127), 1);
    EXPECT_GT(wrong_results({kind, 2}, operands, {.tiles = 20, .load_early = 1}, 1), 0) << kind.m;
  }
}

}  // namespace
}  // namespace sb
