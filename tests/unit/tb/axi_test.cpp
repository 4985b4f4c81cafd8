// SPDX-License-Identifier: Apache-2.0
// The AXI models of the test bench on pins without a model behind them: what they carry is right
// under every timing, and each breach of the rules is caught.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <random>

#include "tb/bfm/axi_lite.h"
#include "tb/bfm/axi_memory.h"
#include "tb/sim/error.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

using tb::AxiFault;
using tb::AxiMemory;
using tb::AxiResponse;
using tb::AxiTiming;
using tb::StallPolicy;
using test::for_each_seed;
using testing::HasSubstr;

constexpr int kBytes = 8;

/// Pins of a port of 64 data bits, which a test or a Master sets.
struct Pins {
  struct Address {
    uint8_t valid = 0, ready = 0, id = 0, len = 0, size = 3, burst = 1;
    uint64_t addr = 0;
  } aw, ar;
  struct {
    uint8_t valid = 0, ready = 0, strb = 0xFF, last = 0;
    uint64_t data = 0;
  } w;
  struct {
    uint8_t valid = 0, ready = 0, id = 0, resp = 0, last = 0;
    uint64_t data = 0;
  } b, r;

  tb::AxiPins pins() {
    return {"m",
            kBytes,
            {&aw.valid, &aw.ready, tb::Port(aw.addr), &aw.id, &aw.len, &aw.size, &aw.burst},
            {&ar.valid, &ar.ready, tb::Port(ar.addr), &ar.id, &ar.len, &ar.size, &ar.burst},
            {&w.valid, &w.ready, tb::Port(w.data), tb::Port(w.strb), &w.last},
            {&b.valid, &b.ready, &b.id, &b.resp},
            {&r.valid, &r.ready, &r.id, tb::Port(r.data), &r.resp, &r.last}};
  }
};

struct Job {
  bool write = false;
  uint8_t id = 0;
  uint64_t address = 0;
  std::vector<uint64_t> words = {};  // of a write; of a read: how many
  std::vector<uint8_t> strobes = {};
};

/// A master that sends its jobs in order and keeps the answers.
class Master : public tb::Component {
 public:
  Master(Pins& pins, std::vector<Job> jobs, StallPolicy policy, uint64_t seed)
      : p_(pins), jobs_(std::move(jobs)) {
    for (size_t i = 0; i < stalls_.size(); ++i) stalls_[i] = tb::Stall(policy, seed * 8 + i);
    for (size_t i = 0; i < jobs_.size(); ++i) {
      if (!jobs_[i].write) {
        ar_.push_back(i);
        continue;
      }
      aw_.push_back(i);
      for (size_t k = 0; k < jobs_[i].words.size(); ++k) w_.emplace_back(i, k);
    }
    left_ = jobs_.size();
    results.resize(jobs_.size());
  }
  struct Result {
    std::vector<uint64_t> words;
    uint8_t response = 0;
    uint64_t asked = 0, first = 0, last = 0;  // cycles
  };
  std::vector<Result> results;
  std::vector<size_t> order;  ///< of last answers

  void sample() override {
    ++cycle_;
    const auto taken = [&](uint8_t valid, uint8_t ready, std::deque<size_t>& queue, bool write) {
      if (!valid || !ready) return;
      const size_t job = queue.front();
      queue.pop_front();
      results[job].asked = cycle_;
      open_[{write, jobs_[job].id}].push_back(job);
    };
    ar_fired_ = p_.ar.valid && p_.ar.ready, aw_fired_ = p_.aw.valid && p_.aw.ready;
    w_fired_ = p_.w.valid && p_.w.ready;
    if (p_.r.valid && p_.r.ready) {
      auto& open = open_.at({false, p_.r.id});
      Result& result = results[open.front()];
      if (result.words.empty()) result.first = cycle_;
      result.words.push_back(p_.r.data);
      result.response = std::max(result.response, p_.r.resp);
      const bool last = result.words.size() == jobs_[open.front()].words.size();
      EXPECT_EQ(p_.r.last, last);
      if (last) finish(open);
    }
    if (p_.b.valid && p_.b.ready) {
      auto& open = open_.at({true, p_.b.id});
      results[open.front()].response = p_.b.resp;
      finish(open);
    }
    taken(p_.ar.valid, p_.ar.ready, ar_, false);
    taken(p_.aw.valid, p_.aw.ready, aw_, true);
    if (w_fired_) w_.pop_front();
  }
  void drive() override {
    const auto address = [&](Pins::Address& a, bool fired, const std::deque<size_t>& queue,
                             size_t stall) {
      if (a.valid && !fired) return;
      a.valid = !queue.empty() && !stalls_[stall].next();
      if (!a.valid) return;
      const Job& job = jobs_[queue.front()];
      a.addr = job.address, a.id = job.id, a.len = static_cast<uint8_t>(job.words.size() - 1);
    };
    address(p_.ar, ar_fired_, ar_, 0);
    address(p_.aw, aw_fired_, aw_, 1);
    if (!p_.w.valid || w_fired_) {
      p_.w.valid = !w_.empty() && !stalls_[2].next();
      if (p_.w.valid) {
        const auto [job, word] = w_.front();
        p_.w.data = jobs_[job].words[word];
        p_.w.strb = jobs_[job].strobes[word];
        p_.w.last = word + 1 == jobs_[job].words.size();
      }
    }
    p_.r.ready = !stalls_[3].next();
    p_.b.ready = !stalls_[4].next();
  }
  bool done() const override { return left_ == 0; }
  std::string pending() const override { return fmt::format("{} jobs", left_); }

 private:
  void finish(std::deque<size_t>& open) {
    results[open.front()].last = cycle_;
    order.push_back(open.front());
    open.pop_front();
    --left_;
  }

  Pins& p_;
  std::vector<Job> jobs_;
  std::array<tb::Stall, 5> stalls_;
  std::deque<size_t> ar_, aw_;
  std::deque<std::pair<size_t, size_t>> w_;
  std::map<std::pair<bool, uint8_t>, std::deque<size_t>> open_;
  bool ar_fired_ = false, aw_fired_ = false, w_fired_ = false;
  size_t left_ = 0;
  uint64_t cycle_ = 0;
};

struct World {
  explicit World(const AxiTiming& timing = {}, uint64_t seed = 1)
      : clock(clk, [] {}), memory(pins.pins(), timing, seed) {
    memory.resize(1 << 16);
  }
  Master& run(std::vector<Job> jobs, StallPolicy policy = {}, uint64_t limit = 100000) {
    clock.clear();
    master = std::make_unique<Master>(pins, std::move(jobs), policy, 1);
    clock.add(*master);
    clock.add(memory);
    clock.run(limit);
    return *master;
  }
  uint8_t clk = 0;
  Pins pins;
  tb::Clock clock;
  AxiMemory memory;
  std::unique_ptr<Master> master;
};

Job read(uint64_t address, size_t words, uint8_t id = 0) {
  return {.id = id, .address = address, .words = std::vector<uint64_t>(words)};
}
Job write(uint64_t address, std::vector<uint64_t> words, uint8_t id = 0) {
  Job job{.write = true, .id = id, .address = address, .words = std::move(words)};
  job.strobes.assign(job.words.size(), 0xFF);
  return job;
}

template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const tb::SimError& e) {
    return e.what();
  } catch (const tb::InputError& e) {
    return e.what();
  }
  return "no error";
}

TEST(AxiMemory, CarriesRandomTrafficUnderEveryTiming) {
  for_each_seed(40, [](uint64_t seed) {
    std::mt19937_64 rng(seed);
    const auto uniform = [&](uint64_t low, uint64_t high) {
      return low + rng() % (high - low + 1);
    };
    const auto policy = [&]() -> StallPolicy {
      switch (uniform(0, 3)) {
        case 0: return {};
        case 1: return StallPolicy::every(static_cast<int>(uniform(2, 4)));
        case 2: return StallPolicy::random(static_cast<double>(uniform(1, 90)) / 100);
        default: return StallPolicy::bursts(5, 9);
      }
    };
    AxiTiming timing{.latency = static_cast<int>(uniform(1, 40)),
                     .jitter = static_cast<int>(uniform(0, 1) * uniform(0, 60)),
                     .bytes_per_cycle = static_cast<double>(uniform(0, kBytes)),
                     .outstanding = static_cast<int>(uniform(1, 20)),
                     .reorder = uniform(0, 1) == 1};
    timing.ar = policy(), timing.r = policy(), timing.aw = policy(), timing.w = policy(),
    timing.b = policy();
    World world(timing, seed);
    // Writes of the upper half, then reads of all of it, after the lower half is filled.
    std::vector<uint8_t> expected(1 << 16);
    for (auto& byte : expected) byte = static_cast<uint8_t>(rng());
    std::ranges::copy(expected, world.memory.bytes(0, 1 << 16).begin());
    world.memory.allow_writes({{1 << 15, 1 << 15}});
    const auto job = [&](uint64_t low) {
      const uint64_t word = uniform(low, (1 << 13) - 1);
      const uint64_t most = std::min<uint64_t>(512 - word % 512, uniform(0, 3) == 0 ? 256 : 9);
      Job j = read(word * kBytes, uniform(1, most), static_cast<uint8_t>(uniform(0, 3)));
      j.strobes.resize(j.words.size());
      return j;
    };
    std::vector<Job> writes, reads;
    std::map<uint64_t, bool> touched;
    for (int i = 0; i < 60; ++i) {
      Job j = job(1 << 12);
      bool fresh = true;  // overlapping writes under several IDs have no order
      for (size_t k = 0; k < j.words.size(); ++k) fresh &= !touched[j.address + k * kBytes];
      if (!fresh) continue;
      j.write = true;
      for (size_t k = 0; k < j.words.size(); ++k) {
        touched[j.address + k * kBytes] = true;
        j.words[k] = rng();
        j.strobes[k] = static_cast<uint8_t>(rng());
        for (uint64_t i8 = 0; i8 < kBytes; ++i8)
          if (j.strobes[k] >> i8 & 1)
            expected[j.address + k * kBytes + i8] = static_cast<uint8_t>(j.words[k] >> 8 * i8);
      }
      writes.push_back(j);
    }
    for (int i = 0; i < 60; ++i) reads.push_back(job(0));
    world.run(writes, policy());
    EXPECT_TRUE(std::ranges::equal(expected, world.memory.bytes(0, 1 << 16)));
    const Master& m = world.run(reads, policy());
    uint64_t bytes = 0;
    for (size_t i = 0; i < reads.size(); ++i) {
      bytes += reads[i].words.size() * kBytes;
      ASSERT_EQ(m.results[i].words.size(), reads[i].words.size());
      for (size_t k = 0; k < reads[i].words.size(); ++k) {
        uint64_t word = 0;
        std::memcpy(&word, &expected[reads[i].address + k * kBytes], kBytes);
        ASSERT_EQ(m.results[i].words[k], word);
      }
      EXPECT_TRUE(timing.reorder || m.order[i] == i);
    }
    EXPECT_EQ(world.memory.bytes_read(), bytes);
    EXPECT_TRUE(world.memory.quiet());
  });
}

TEST(AxiMemory, KeepsLatencyJitterAndBandwidth) {
  {
    World world({.latency = 17});
    const Master& m = world.run({read(0, 4), read(64, 4)});
    EXPECT_EQ(m.results[0].first - m.results[0].asked, 17);
    EXPECT_EQ(m.results[1].first, m.results[0].first + 4) << "one burst behind the other";
  }
  {
    World world({.latency = 1, .bytes_per_cycle = 3});
    const Master& m = world.run({read(0, 256), read(2048, 256)});
    EXPECT_NEAR(static_cast<double>(m.results[1].last - m.results[0].first), 512 * 8 / 3.0, 8);
  }
  {
    World world({.latency = 1, .bytes_per_cycle = 2});
    const Master& m = world.run({write(0, std::vector<uint64_t>(256))});
    EXPECT_NEAR(static_cast<double>(m.results[0].last - m.results[0].asked), 256 * 4, 8);
  }
  {
    World world({.latency = 5, .jitter = 50, .outstanding = 1});
    std::vector<Job> jobs;
    for (uint64_t i = 0; i < 200; ++i) jobs.push_back(read(i * 8, 1));
    const Master& m = world.run(jobs);
    uint64_t low = 1000, high = 0;
    for (const auto& r : m.results) {
      low = std::min(low, r.first - r.asked);
      high = std::max(high, r.first - r.asked);
    }
    EXPECT_EQ(low, 5);
    EXPECT_GT(high, 45);
    EXPECT_LE(high, 55);
  }
}

TEST(AxiMemory, AnswersOtherIdsOutOfOrderAndMixesTheirWords) {
  World world({.latency = 10, .reorder = true});
  std::vector<Job> jobs;
  for (uint64_t i = 0; i < 40; ++i) jobs.push_back(read(i * 64, 8, static_cast<uint8_t>(i % 4)));
  const Master& m = world.run(jobs);
  EXPECT_FALSE(std::ranges::is_sorted(m.order));
  bool mixed = false;
  for (const auto& r : m.results) mixed |= r.last - r.first > 7;
  EXPECT_TRUE(mixed);
}

TEST(AxiMemory, AWriteIsThereOnceItIsAnswered) {
  World world({.latency = 30});
  world.run({write(0, {5})});
  // Both at once: the read is answered first.
  const Master& m = world.run({write(0, {6}), read(0, 1)});
  EXPECT_EQ(m.results[1].words[0], 5);
  EXPECT_EQ(world.memory.bytes(0, 1)[0], 6);
}

TEST(AxiMemory, FaultsStrikeTheBurstThatTheyMean) {
  using Kind = AxiFault::Kind;
  World world;
  world.memory.set_faults({{.kind = Kind::Slverr, .burst = 1},
                           {.kind = Kind::Decerr, .address = 0x105},
                           {.kind = Kind::Slverr, .write = true, .burst = 2},
                           {.kind = Kind::Decerr, .write = true, .address = 0x207}});
  const Master& m =
      world.run({read(0, 1), read(8, 2), read(0x100, 1), read(0x108, 1), write(0x1F8, {1}),
                 write(0x200, {2}), write(0x208, {3}), write(0x210, {4})});
  std::vector<int> responses;
  for (const auto& r : m.results) responses.push_back(r.response);
  EXPECT_THAT(responses, testing::ElementsAre(0, 2, 3, 0, 0, 3, 2, 0));
  EXPECT_EQ(world.memory.faults_struck(), 4);
  std::vector<int> bytes;
  for (uint64_t a = 0x1F8; a <= 0x210; a += 8) bytes.push_back(world.memory.bytes(a, 1)[0]);
  EXPECT_THAT(bytes, testing::ElementsAre(1, 0xA5, 0xA5, 4));
}

TEST(AxiMemory, AnswersDecerrOutsideTheMemory) {
  World world;
  const Master& m = world.run({read(1 << 16, 2), read((1 << 16) - 8, 1), write(1 << 16, {1})});
  EXPECT_EQ(m.results[0].response, 3);
  EXPECT_EQ(m.results[1].response, 0);
  EXPECT_EQ(m.results[2].response, 3);
}

TEST(AxiMemory, NeverAnswersOrTakesWhatIsMeantSo) {
  for (const auto kind : {AxiFault::Kind::Silent, AxiFault::Kind::Refused})
    for (const bool is_write : {false, true}) {
      World world;
      world.memory.set_faults({{.kind = kind, .write = is_write, .burst = 1}});
      const Job job = is_write ? write(0, {1}) : read(0, 1);
      EXPECT_THAT(error_of([&] {
                    world.run({job, job, job}, {}, 1000);
                  }),
                  HasSubstr("pending: 2 jobs"));
      world.memory.reset();
      world.memory.set_faults({});
      world.pins.ar.valid = world.pins.aw.valid = world.pins.w.valid = 0;
      EXPECT_EQ(error_of([&] { world.run({job}, {}, 1000); }), "no error");
    }
}

TEST(AxiMemory, CatchesBurstsThatTheRulesForbid) {
  const auto message = [](auto&& change) {
    World world;
    world.memory.allow_writes({{0x100, 0x10}});
    Pins& p = world.pins;
    world.clock.add(world.memory);
    world.clock.tick();  // ready rises
    p.ar.valid = 1, p.ar.addr = 0xFF0, p.ar.len = 1;
    change(p);
    return error_of([&] {
      for (int i = 0; i < 5; ++i) world.clock.tick();
    });
  };
  EXPECT_EQ(message([](Pins&) {}), "no error");
  EXPECT_THAT(message([](Pins& p) { p.ar.len = 2; }),
              HasSubstr("m ar: cycle 2: burst of 3 words at 0xff0: crosses 4 KiB"));
  EXPECT_THAT(message([](Pins& p) { p.ar.burst = 2; }), HasSubstr("type 2"));
  EXPECT_THAT(message([](Pins& p) { p.ar.size = 2; }), HasSubstr("words of 4 bytes"));
  EXPECT_THAT(message([](Pins& p) { p.ar.addr = 0xFEC; }), HasSubstr("not aligned"));
  const auto writes = [&](uint64_t address, uint8_t len, uint8_t last, uint8_t strobes = 0xFF) {
    return message([&](Pins& p) {
      p.ar.valid = 0;
      p.aw.valid = p.w.valid = 1;
      p.aw.addr = address, p.aw.len = len, p.w.last = last, p.w.strb = strobes;
    });
  };
  EXPECT_EQ(writes(0x108, 0, 1), "no error");
  EXPECT_THAT(writes(0x108, 1, 1), HasSubstr("word 0 of 2 at 0x108 says last"));
  EXPECT_THAT(writes(0x108, 0, 0), HasSubstr("word 0 of 1 at 0x108 does not say last"));
  EXPECT_THAT(writes(0x110, 0, 1), HasSubstr("writes byte 0x110, which it must not"));
  EXPECT_THAT(writes(0x110, 0, 1, 0x80), HasSubstr("writes byte 0x117"));
  EXPECT_EQ(writes(0x110, 0, 1, 0), "no error") << "no byte of it is written";
}

TEST(AxiMemory, CatchesWhatChangesWhileItWaits) {
  const auto message = [](auto&& change) {
    World world({.outstanding = 1});
    world.memory.set_faults({{.kind = AxiFault::Kind::Refused, .burst = 0},
                             {.kind = AxiFault::Kind::Refused, .write = true, .burst = 0}});
    Pins& p = world.pins;
    world.clock.add(world.memory);
    world.clock.tick();
    p.ar.valid = p.aw.valid = p.w.valid = p.w.last = 1;
    world.clock.tick();  // the only word of write data is taken
    return error_of([&] {
      world.clock.tick();
      change(p);
      world.clock.tick();
    });
  };
  EXPECT_EQ(message([](Pins&) {}), "no error");
  EXPECT_THAT(message([](Pins& p) { p.ar.addr ^= 64; }),
              HasSubstr("m ar: cycle 3: payload changed before ready"));
  EXPECT_THAT(message([](Pins& p) { p.aw.id = 1; }), HasSubstr("m aw: cycle 3: payload"));
  EXPECT_THAT(message([](Pins& p) { p.w.data ^= 1; }), HasSubstr("m w: cycle 3: payload"));
  EXPECT_THAT(message([](Pins& p) { p.w.strb ^= 1; }), HasSubstr("m w: cycle 3: payload"));
  EXPECT_THAT(message([](Pins& p) { p.aw.valid = 0; }),
              HasSubstr("m aw: cycle 3: valid fell before ready"));
}

TEST(AxiMemory, AnswersUnderAForeignIdOnRequest) {
  World world;
  world.memory.set_faults({{.kind = AxiFault::Kind::Foreign, .burst = 0}});
  EXPECT_THROW(world.run({read(0, 1, 0)}), std::out_of_range);
  EXPECT_EQ(world.memory.faults_struck(), 1);
}

TEST(AxiMemory, RefusesTimingsThatDoNotExist) {
  EXPECT_THAT(error_of([] { World({.latency = 0}); }), HasSubstr("latency of 0 cycles"));
  EXPECT_THAT(error_of([] { World({.jitter = -1}); }), HasSubstr("jitter of -1"));
  EXPECT_THAT(error_of([] { World({.bytes_per_cycle = 9}); }), HasSubstr("9 bytes a cycle"));
  EXPECT_THAT(error_of([] { World({.outstanding = 0}); }), HasSubstr("0 bursts"));
  EXPECT_THAT(error_of([] { World().memory.bytes(65530, 7); }), HasSubstr("7 bytes from 0xfffa"));
}

/// Registers behind AXI4-Lite pins, which answer after a pause; address 12 answers SLVERR.
struct LitePins {
  struct {
    uint8_t valid = 0, ready = 0;
    uint32_t addr = 0;
  } aw, ar;
  struct {
    uint8_t valid = 0, ready = 0, strb = 0, resp = 0;
    uint32_t data = 0;
  } w, b, r;
  tb::AxiLitePins pins() {
    return {"s",
            {&aw.valid, &aw.ready, tb::Port(aw.addr)},
            {&ar.valid, &ar.ready, tb::Port(ar.addr)},
            {&w.valid, &w.ready, &w.data, &w.strb},
            {&b.valid, &b.ready, &b.resp},
            {&r.valid, &r.ready, &r.data, &r.resp}};
  }
};

class LiteSlave : public tb::Component {
 public:
  LiteSlave(LitePins& pins, StallPolicy policy, uint64_t seed) : p_(pins), stall_(policy, seed) {}
  void sample() override {
    if (p_.aw.valid && p_.aw.ready) address_ = p_.aw.addr;
    if (p_.w.valid && p_.w.ready) data_ = std::pair(p_.w.data, p_.w.strb);
    if (p_.ar.valid && p_.ar.ready) read_ = p_.ar.addr;
    if (p_.b.valid && p_.b.ready) p_.b.valid = 0;
    if (p_.r.valid && p_.r.ready) p_.r.valid = 0;
  }
  void drive() override {
    const auto response = [](uint32_t a) -> uint8_t { return a == 12 ? 2 : 0; };
    if (address_ && data_ && !p_.b.valid && !stall_.next()) {
      for (int i = 0; i < 4; ++i)
        if (data_->second >> i & 1) {
          const uint32_t mask = 0xFFU << 8 * i;
          registers[*address_] = (registers[*address_] & ~mask) | (data_->first & mask);
        }
      p_.b.resp = response(*address_);
      p_.b.valid = 1;
      address_.reset(), data_.reset();
    }
    if (read_ && !p_.r.valid && !stall_.next()) {
      p_.r.data = registers[*read_];
      p_.r.resp = response(*read_);
      p_.r.valid = 1;
      read_.reset();
    }
    p_.aw.ready = !address_ && !stall_.next();
    p_.w.ready = !data_ && !stall_.next();
    p_.ar.ready = !read_ && !stall_.next();
  }
  std::map<uint32_t, uint32_t> registers;

 private:
  LitePins& p_;
  tb::Stall stall_;
  std::optional<uint32_t> address_, read_;
  std::optional<std::pair<uint32_t, uint8_t>> data_;
};

TEST(AxiLiteMaster, ReadsAndWritesRegistersUnderEveryTiming) {
  for_each_seed(20, [](uint64_t seed) {
    std::mt19937_64 rng(seed);
    const auto policy = [&] { return StallPolicy::random(static_cast<double>(rng() % 4) * 0.3); };
    LitePins pins;
    uint8_t clk = 0;
    tb::Clock clock(clk, [] {});
    LiteSlave slave(pins, policy(), seed);
    tb::AxiLiteMaster master(pins.pins(), {policy(), policy(), policy(), policy(), policy()}, seed);
    clock.add(master), clock.add(slave);
    std::map<uint32_t, uint32_t> expected;
    for (int i = 0; i < 100; ++i) {
      const auto address = static_cast<uint32_t>(4 * (rng() % 5));
      const auto data = static_cast<uint32_t>(rng());
      if (rng() % 2 == 0) {
        const auto strobes = static_cast<uint8_t>(rng() % 16);
        master.write(address, data, strobes);
        for (int k = 0; k < 4; ++k)
          if (strobes >> k & 1)
            expected[address] = (expected[address] & ~(0xFFU << 8 * k)) | (data & 0xFFU << 8 * k);
        clock.run(1000);
      } else {
        master.read(address);
        clock.run(1000);
        EXPECT_EQ(master.data(), expected[address]);
      }
      EXPECT_EQ(master.response(), address == 12 ? AxiResponse::Slverr : AxiResponse::Okay);
    }
  });
}

TEST(AxiLiteMaster, CatchesAnswersWithoutARequestAndOnesThatChange) {
  const auto message = [](auto&& answer) {
    LitePins pins;
    uint8_t clk = 0;
    tb::Clock clock(clk, [] {});
    tb::AxiLiteMaster master(pins.pins(), {.r = StallPolicy::random(0.99)});
    clock.add(master);
    return error_of([&] { answer(pins, clock, master); });
  };
  EXPECT_THAT(message([](LitePins& p, tb::Clock& clock, auto&) {
                p.r.valid = 1;
                clock.tick();
              }),
              HasSubstr("s r: cycle 1: an answer without a request"));
  EXPECT_THAT(message([](LitePins& p, tb::Clock& clock, tb::AxiLiteMaster& master) {
                master.write(0, 1);
                p.aw.ready = 1;  // the address alone
                for (int i = 0; i < 3; ++i) clock.tick();
                p.b.valid = 1;
                clock.tick();
              }),
              HasSubstr("s b: cycle 4: an answer without a request"));
  EXPECT_THAT(message([](LitePins& p, tb::Clock& clock, tb::AxiLiteMaster& master) {
                master.read(0);
                p.ar.ready = 1;
                for (int i = 0; i < 3; ++i) clock.tick();
                p.r.valid = 1;
                clock.tick();
                p.r.data = 7;
                clock.tick();
              }),
              HasSubstr("s r: cycle 5: payload changed before ready"));
}

}  // namespace
}  // namespace sb
