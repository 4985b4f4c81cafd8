// SPDX-License-Identifier: Apache-2.0
// The bus models of the test bench on pins without a model behind them: each breach of the contract
// is caught.
#include "tb/bfm/stream.h"

#include <gmock/gmock.h>

#include "tb/sim/error.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

using testing::HasSubstr;

/// Pins that the test sets by hand.
struct Pins {
  uint8_t valid = 0, ready = 0, last = 0;
  uint32_t data = 0;
  tb::StreamPins stream() { return {"s", &valid, &ready, tb::Port(data), &last}; }
};

template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const tb::SimError& e) {
    return e.what();
  }
  return "no error";
}

TEST(StreamMonitor, CatchesValidThatFallsBeforeReady) {
  Pins pins{.valid = 1, .data = 5};
  tb::StreamMonitor monitor(pins.stream());
  monitor.sample();
  pins.valid = 0;
  EXPECT_THAT(error_of([&] { monitor.sample(); }),
              HasSubstr("s: cycle 2: valid fell before ready"));
}

TEST(StreamMonitor, CatchesDataThatChangesWhileWaiting) {
  Pins pins{.valid = 1, .data = 5};
  tb::StreamMonitor monitor(pins.stream());
  monitor.sample();
  monitor.sample();
  pins.data = 4;
  pins.ready = 1;  // too late: the word that waited is another one
  EXPECT_THAT(error_of([&] { monitor.sample(); }),
              HasSubstr("s: cycle 3: data changed before ready"));
}

TEST(StreamMonitor, AcceptsWhatTheContractAllowsAndCountsTransfers) {
  Pins pins;
  tb::StreamMonitor monitor(pins.stream());
  const struct {
    uint8_t valid, ready;
    uint32_t data;
  } cycles[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 0, 3}, {1, 1, 3},
                {1, 1, 4}, {0, 1, 5}, {0, 0, 6}, {1, 1, 7}};
  for (const auto& c : cycles) {
    pins.valid = c.valid, pins.ready = c.ready, pins.data = c.data;
    monitor.sample();
  }
  EXPECT_EQ(monitor.transfers(), 3);
}

TEST(StreamSink, CatchesAWordTooMany) {
  Pins pins{.valid = 1};
  int words = 0;
  tb::StreamSink sink(pins.stream(), 2, [&](auto, bool) { ++words; });
  sink.sample();
  EXPECT_FALSE(sink.done());
  EXPECT_THAT(sink.pending(), HasSubstr("s: 1 of 2 words received"));
  sink.sample();
  EXPECT_TRUE(sink.done());
  // valid stuck at 1
  EXPECT_THAT(error_of([&] { sink.sample(); }), HasSubstr("s: a word more than the 2 expected"));
  EXPECT_EQ(words, 2);
}

TEST(StreamSink, TakesWordsOnlyWhenBothSidesAgreeAndPassesLastOn) {
  Pins pins{.valid = 1, .last = 1, .data = 9};
  std::vector<std::pair<uint32_t, bool>> got;
  tb::StreamSink sink(
      pins.stream(), 10, [&](auto word, bool last) { got.emplace_back(word[0], last); },
      tb::StallPolicy::every(2));
  for (int i = 0; i < 4; ++i) {  // ready in cycles 0 and 2
    EXPECT_EQ(pins.ready, i % 2 == 0);
    sink.sample();
    sink.drive();
    pins.last = 0;
  }
  using Word = std::pair<uint32_t, bool>;
  EXPECT_THAT(got, testing::ElementsAre(Word{9, true}, Word{9, false}));
}

TEST(StreamDriver, HoldsItsWordUntilItIsTakenAndShowsNoiseBetween) {
  Pins pins;
  tb::StreamDriver driver(pins.stream(), tb::words_of({11, 22}), tb::StallPolicy::every(2));
  EXPECT_EQ(pins.valid, 1);
  for (int i = 0; i < 3; ++i) {
    driver.sample();
    driver.drive();
    EXPECT_EQ(pins.valid, 1);
    EXPECT_EQ(pins.data, 11);
  }
  EXPECT_EQ(driver.blocked(), 3);
  EXPECT_THAT(driver.pending(), HasSubstr("0 words sent, one waits for ready"));
  pins.ready = 1;
  driver.sample();
  driver.drive();
  EXPECT_EQ(pins.valid, 0);  // its pause
  EXPECT_NE(pins.data, 11);
  EXPECT_NE(pins.data, 22);
  EXPECT_THAT(driver.pending(), HasSubstr("1 words sent, more to send"));
  driver.sample();
  driver.drive();
  EXPECT_EQ(pins.valid, 1);
  EXPECT_EQ(pins.data, 22);
  driver.sample();
  driver.drive();
  EXPECT_EQ(pins.valid, 0);
  EXPECT_TRUE(driver.done());
  EXPECT_EQ(driver.sent(), 2);
}

TEST(Stall, PausesAsOftenAsItsPolicySays) {
  const auto pauses = [](tb::StallPolicy policy, uint64_t seed) {
    tb::Stall stall(policy, seed);
    int count = 0;
    for (int i = 0; i < 12000; ++i) count += stall.next();
    return count;
  };
  EXPECT_EQ(pauses(tb::StallPolicy::never(), 1), 0);
  EXPECT_EQ(pauses(tb::StallPolicy::every(3), 1), 4000);
  EXPECT_NEAR(pauses(tb::StallPolicy::random(0.25), 1), 3000, 300);
  EXPECT_NEAR(pauses(tb::StallPolicy::random(0.9), 2), 10800, 300);
  EXPECT_EQ(pauses(tb::StallPolicy::random(0.25), 7), pauses(tb::StallPolicy::random(0.25), 7));
  EXPECT_THROW(tb::Stall(tb::StallPolicy::every(1)), tb::InputError);
  EXPECT_THROW(tb::Stall(tb::StallPolicy::random(1)), tb::InputError);
  EXPECT_NEAR(pauses(tb::StallPolicy::bursts(2, 8), 1), 9000, 300);
  EXPECT_THROW(tb::Stall(tb::StallPolicy::bursts(0, 1)), tb::InputError);
  EXPECT_THROW(tb::Stall(tb::StallPolicy::bursts(1, 0)), tb::InputError);
}

TEST(WordsOf, GivesEveryWordOnce) {
  auto source = tb::words_of({1, 2, 3, 4});
  std::vector<uint32_t> word(2);
  ASSERT_TRUE(source(word));
  EXPECT_THAT(word, testing::ElementsAre(1, 2));
  ASSERT_TRUE(source(word));
  EXPECT_THAT(word, testing::ElementsAre(3, 4));
  EXPECT_FALSE(source(word));
}

}  // namespace
}  // namespace sb
