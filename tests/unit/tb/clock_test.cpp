// SPDX-License-Identifier: Apache-2.0
// The clock of the test bench on a pin without a model: order of events, and a time limit that
// fails.
#include "tb/sim/clock.h"

#include <gmock/gmock.h>

#include "tb/sim/error.h"

namespace sb {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Finishes after some cycles, and records what is called.
class Countdown : public tb::Component {
 public:
  Countdown(std::string name, int cycles, std::string* log)
      : name_(std::move(name)), left_(cycles), log_(log) {}
  void sample() override { *log_ += "s" + name_ + " "; }
  void drive() override {
    *log_ += "d" + name_ + " ";
    --left_;
  }
  bool done() const override { return left_ <= 0; }
  std::string pending() const override { return name_ + " waits"; }

 private:
  std::string name_;
  int left_;
  std::string* log_;
};

TEST(Clock, SamplesAllBeforeTheEdgeAndDrivesAllAfterIt) {
  uint8_t clk = 1;
  std::string log;
  tb::Clock clock(
      clk, [&] { log += clk ? "up " : "down "; },
      [&](uint64_t half) { log += std::to_string(half) + " "; });
  Countdown a("a", 1, &log), b("b", 2, &log);
  clock.add(a);
  clock.add(b);
  clock.tick();
  EXPECT_EQ(log, "sa sb up 1 da db down 2 ");
  clock.run(1);
  EXPECT_EQ(clock.cycles(), 2);
}

TEST(Clock, TheTimeLimitFailsAndNamesWhatWasPending) {
  uint8_t clk = 0;
  std::string log;
  tb::Clock clock(clk, [] {});
  Countdown early("early", 2, &log), late("late", 12, &log), never("never", 1000, &log);
  for (tb::Component* c : {&early, &late, &never}) clock.add(*c);
  try {
    clock.run(10);
    FAIL() << "the time limit did not strike";
  } catch (const tb::SimError& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("time limit of 10 cycles"),
                                HasSubstr("late waits; never waits"), Not(HasSubstr("early"))));
  }
  EXPECT_EQ(clock.cycles(), 10);
}

TEST(Clock, ARunThatEndsInItsLastCycleIsInTime) {
  uint8_t clk = 0;
  std::string log;
  tb::Clock clock(clk, [] {});
  Countdown exact("exact", 10, &log);
  clock.add(exact);
  EXPECT_NO_THROW(clock.run(10));
}

}  // namespace
}  // namespace sb
