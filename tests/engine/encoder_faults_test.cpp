// SPDX-License-Identifier: Apache-2.0
// One sb_encoder that goes from fault to fault: malformed commands, errors of the bus, buses that
// do not answer, stops and resets in the middle of anything. Each is reported, none hangs, and the
// program after it leaves the right memory. Programs are short, so that faults are many.
#include <fmt/format.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <map>

#include "tb/sim/error.h"
#include "tests/engine/top_cases.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_regs_pkg;
using tb::AxiFault;

constexpr size_t kPrograms = 64;  // that are drawn from until the next ones are made

/// An encoder, programs for it, and what has been noticed so far.
class FaultBench {
 public:
  FaultBench(Top& top, uint64_t seed)
      : rng_(seed), bench_(top, random_timing(seed), random_stalls(seed), seed) {}

  struct Kind {
    const char* name;
    void (FaultBench::*strike)();
    int count = 0;  // that were noticed: others came too late
  };
  std::array<Kind, 6> kinds{{{"malformed command", &FaultBench::malformed},
                             {"error of a read", &FaultBench::read_error},
                             {"error of a write", &FaultBench::write_error},
                             {"no answer", &FaultBench::silence},
                             {"stop", &FaultBench::stop},
                             {"reset", &FaultBench::reset}}};

  /// A fault, then a program without one; other programs and another bus every now and then.
  void strike() {
    if (turn_++ % kPrograms == 0) {
      programs_.clear();
      for (size_t i = 0; i < kPrograms; ++i)
        programs_.push_back(
            short_program(bench_.parameters(), 1 + static_cast<int>(i % 4), rng_()));
    }
    if (rng_() % 8 == 0) bench_.memory.set_timing(random_timing(rng_()));
    const uint64_t kind = rng_() % (2 * kinds.size());
    now_ = &kinds[kind < kinds.size() ? kind : 0];  // malformed commands are many
    SCOPED_TRACE(now_->name);
    (this->*now_->strike)();
    bench_.memory.set_faults({});
    run_case(bench_, any_case());
  }

  /// Faults that were noticed, of any kind.
  int noticed() const {
    int sum = 0;
    for (const Kind& kind : kinds) sum += kind.count;
    return sum;
  }
  /// How many commands broke a rule.
  std::map<error_e, int> rules;

 private:
  // A program in which one command breaks a rule: any of the rules, or any bits are changed.
  Case malformed_case() {
    for (;;) {
      const RandomProgram& program = any_program();
      auto words = program.words();
      const size_t at = rng_() % words.size();
      if (rng_() % 4 != 0) {
        constexpr auto kFirst = static_cast<uint64_t>(ErrKind);
        constexpr auto kLast = static_cast<uint64_t>(ErrAlign);
        const auto rule = static_cast<error_e>(kFirst + rng_() % (kLast - kFirst + 1));
        try {
          words[at] = faulty_command(program, rule, rng_(), 2000);
        } catch (const golden::InputError&) {
          continue;  // no command to make it of
        }
      } else {
        for (uint64_t n = 1 + rng_() % 3; n > 0; --n) {
          const uint64_t bit = rng_() % (8 * CmdBytes);
          words[at][bit / 32] ^= 1U << bit % 32;
        }
      }
      const error_e error = check_command(program.engine, words[at]);
      if (error == ErrNone) continue;
      Case c = make_case(program, words);
      EXPECT_EQ(c.stop.index, at);
      EXPECT_EQ(name(c.stop.error), name(error));
      ++rules[error];
      return c;
    }
  }

  const RandomProgram& any_program() { return programs_[rng_() % programs_.size()]; }
  Case any_case() {
    const RandomProgram& program = any_program();
    return make_case(program, program.words());
  }
  void start(const Case& c, uint32_t limit = 0) {
    place(bench_, c);
    bench_.start(c.program, c.count, limit);
  }
  void see(bool noticed) { now_->count += noticed; }

  void malformed() {
    run_case(bench_, malformed_case());
    see(true);
  }

  void bus_error(bool write) {
    Case c = any_case();
    while (write && c.stores.empty()) c = any_case();
    tb::AxiMemory& memory = bench_.memory;
    const uint64_t from = write ? memory.write_bursts() : memory.read_bursts();
    memory.set_faults({{.kind = rng_() % 2 ? AxiFault::Kind::Slverr : AxiFault::Kind::Decerr,
                        .write = write,
                        .burst = from + rng_() % (write ? 2 : 10)}});
    const uint64_t before = memory.faults_struck();
    start(c);
    const TopRun run = bench_.finish(kCycleLimit);
    expect_counters(run);
    EXPECT_EQ(run.status.draining, 0);
    EXPECT_TRUE(memory.quiet());
    if (run.code == ErrNone) {
      EXPECT_EQ(memory.faults_struck(), before) << "nothing is read that is not wanted";
      expect_memory(bench_, c.after);
      return;
    }
    EXPECT_EQ(name(run.code), name(write ? ErrWriteBus : ErrReadBus));
    EXPECT_EQ(memory.faults_struck(), before + 1);
    EXPECT_LT(run.index, c.count);
    EXPECT_EQ(run.status.error, 1);
    see(true);
  }
  void read_error() { bus_error(false); }
  void write_error() { bus_error(true); }

  void silence() {
    const Case c = any_case();
    const bool write = !c.stores.empty() && rng_() % 2 == 0;
    const uint64_t from = write ? bench_.memory.write_bursts() : bench_.memory.read_bursts();
    bench_.memory.set_faults(
        {{.kind = rng_() % 2 ? AxiFault::Kind::Silent : AxiFault::Kind::Refused,
          .write = write,
          .burst = from + rng_() % (write ? 2 : 8)}});
    start(c, 1000);
    const TopRun run = bench_.finish(kCycleLimit);
    expect_counters(run);
    if (run.code == ErrNone) return expect_memory(bench_, c.after);
    EXPECT_EQ(name(run.code), name(ErrTimeout));
    EXPECT_EQ(run.status.error, 1);
    EXPECT_EQ(run.status.draining, 1);
    bench_.memory.set_faults({});
    bench_.reset(1 + static_cast<int>(rng_() % 3));
    EXPECT_EQ(bench_.read(RegStatus), 0U);
    see(true);
  }

  void stop() {
    const Case c = any_case();
    start(c);
    bench_.wait(rng_() % (rng_() % 2 == 0 ? 100 : 1000));
    bench_.write(RegControl, control_t{.stop = 1}.pack()[0]);
    const TopRun run = bench_.finish(kCycleLimit);
    expect_counters(run);
    EXPECT_TRUE(bench_.memory.quiet());
    if (run.code == ErrNone) return expect_memory(bench_, c.after);
    EXPECT_EQ(name(run.code), name(ErrStopped));
    EXPECT_LT(run.index, c.count);
    see(true);
  }

  void reset() {
    start(any_case());
    bench_.wait(rng_() % (rng_() % 2 == 0 ? 100 : 1000));
    see(bench_.status().running != 0);
    if (rng_() % 2 == 0)
      bench_.reset(1 + static_cast<int>(rng_() % 3));
    else
      bench_.write(RegControl, control_t{.reset = 1}.pack()[0]);
    // Answers that are owed are waited for: what is still written belongs to this program.
    for (int i = 0; bench_.status().draining != 0; ++i)
      if (i == 10000) throw tb::SimError("draining without end");
    EXPECT_EQ(bench_.read(RegStatus), 0U);
  }

  std::mt19937_64 rng_;
  TopBench bench_;
  std::vector<RandomProgram> programs_;
  uint64_t turn_ = 0;
  Kind* now_ = nullptr;
};

// SB_FAULTS: how many are noticed; a few seconds' worth without it.
TEST(EncoderFaults, AreReportedAndTheNextProgramIsRight) {
  const char* wish = std::getenv("SB_FAULTS");
  const int wanted = wish != nullptr ? std::atoi(wish) : 300;
  for_each_seed(0, [&](uint64_t) {
    const auto seed = static_cast<uint64_t>(GTEST_FLAG_GET(random_seed));
    const auto top = make_top("m4", seed + 1, trace_options(seed));
    FaultBench faults(*top, seed);
    for (int n = 0; n < 3 * wanted && faults.noticed() < wanted && !HasFailure(); ++n) {
      SCOPED_TRACE(fmt::format("fault {}", n));
      faults.strike();
    }
    EXPECT_GE(faults.noticed(), wanted);
    for (const auto& kind : faults.kinds) {
      fmt::print("{} times: {}\n", kind.count, kind.name);
      EXPECT_GT(kind.count, wanted / 60) << kind.name;
    }
    for (const auto& [rule, count] : faults.rules) fmt::print("  {} {}\n", count, name(rule));
    if (wanted >= 300) {
      EXPECT_GE(faults.rules.size(), 10U) << "rules that commands broke";
    }
  });
}

TEST(EncoderFaults, AWrongReportAndAHangAreSeen) {
  const auto top = make_top("m4", 1);
  TopBench bench(*top, random_timing(1), random_stalls(1), 1);
  auto c = faulty_case(*top, 3, ErrRows, 1);
  ASSERT_TRUE(c.has_value());
  ++c->stop.index;
  testing::TestPartResultArray failures;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    run_case(bench, *c);
  }
  EXPECT_EQ(failures.size(), 1);
  bench.start(c->program, c->count);
  EXPECT_THROW(bench.finish(10), tb::SimError);
}

}  // namespace
}  // namespace sb::test
