// SPDX-License-Identifier: Apache-2.0
// sb_axi_read and sb_axi_write at an AXI memory: every word of every request once and in order,
// whatever the bus, the requests and the pauses; nothing left of what was dropped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <map>
#include <memory>

#include "models/axi_port_m16.h"
#include "models/axi_port_m4_wide.h"
#include "models/axi_port_m64_narrow.h"
#include "models/axi_port_m64_wide.h"
#include "tb/bfm/axi_memory.h"
#include "tb/bfm/stream.h"
#include "tb/sim/bench.h"
#include "tb/sim/error.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using tb::StallPolicy;
using tb::StreamPins;

constexpr uint64_t kSize = 1 << 18;  // of the memory; stores go to its upper half

struct Request {
  uint64_t address;
  uint32_t words;
};

/// A port: requests and words of readers 0 to 3 (commands, parameters, tables, loads), and stores.
class Port {
 public:
  virtual ~Port() = default;
  virtual tb::Clock& clock() = 0;
  /// After pins were set between two cycles.
  virtual void settle() = 0;
  int m = 0, data_bytes = 0, prefetch = 0, max_burst = 0;
  tb::AxiPins memory;
  std::array<StreamPins, 4> requests, words;
  StreamPins store_requests, store_words;
  uint8_t *run = nullptr, *idle = nullptr, *done = nullptr, *read_error = nullptr,
          *write_error = nullptr, *read_progress = nullptr, *write_progress = nullptr,
          *beat = nullptr, *param_beat = nullptr, *write_beat = nullptr;
  int word_bytes(size_t client) const { return std::array{128, m, 2, 2 * m}[client]; }
};
template <class P>
class PortModel : public Port {
 public:
  explicit PortModel(uint64_t seed) : bench_(seed, trace_options(seed)) {
    auto& d = *bench_;
    m = P::M, data_bytes = P::AxiDataBits / 8;
    prefetch = P::PrefetchTiles, max_burst = P::MaxBurst;
    memory = tb::axi_pins(d, "m_axi", data_bytes);
    requests = {StreamPins{"creq", &d.creq_valid_i, &d.creq_ready_o, tb::Port(d.creq_i)},
                StreamPins{"preq", &d.preq_valid_i, &d.preq_ready_o, tb::Port(d.preq_i)},
                StreamPins{"treq", &d.treq_valid_i, &d.treq_ready_o, tb::Port(d.treq_i)},
                StreamPins{"lreq", &d.lreq_valid_i, &d.lreq_ready_o, tb::Port(d.lreq_i)}};
    words = {StreamPins{"cmd", &d.cmd_valid_o, &d.cmd_ready_i, tb::Port(d.cmd_o)},
             StreamPins{"par", &d.par_valid_o, &d.par_ready_i, tb::Port(d.par_o)},
             StreamPins{"tab", &d.tab_valid_o, &d.tab_ready_i, tb::Port(d.tab_o)},
             StreamPins{"ld", &d.ld_valid_o, &d.ld_ready_i, tb::Port(d.ld_o)}};
    store_requests = {"sreq", &d.sreq_valid_i, &d.sreq_ready_o, tb::Port(d.sreq_i)};
    store_words = {"st", &d.st_valid_i, &d.st_ready_o, tb::Port(d.st_i)};
    run = &d.run_i, idle = &d.idle_o, done = &d.done_o;
    read_error = &d.read_error_o, write_error = &d.write_error_o;
    read_progress = &d.read_progress_o, write_progress = &d.write_progress_o;
    beat = &d.beat_o, param_beat = &d.param_beat_o, write_beat = &d.write_beat_o;
    for (auto& r : requests) *r.valid = 0;
    for (auto& w : words) *w.ready = 0;
    *store_requests.valid = *store_words.valid = *run = 0;
    for (uint8_t* pin :
         {memory.ar.ready, memory.aw.ready, memory.w.ready, memory.r.valid, memory.b.valid})
      *pin = 0;
    bench_.reset();
  }
  tb::Clock& clock() override { return bench_.clock(); }
  void settle() override { bench_->eval(); }

 private:
  tb::Bench<typename P::Model> bench_;
};
std::unique_ptr<Port> make_port(const std::string& size, uint64_t seed) {
  if (size == "m16") return std::make_unique<PortModel<models::axi_port_m16>>(seed);
  if (size == "m4_wide") return std::make_unique<PortModel<models::axi_port_m4_wide>>(seed);
  if (size == "m64_narrow") return std::make_unique<PortModel<models::axi_port_m64_narrow>>(seed);
  return std::make_unique<PortModel<models::axi_port_m64_wide>>(seed);
}

std::array<uint32_t, 3> packed(const Request& r) {
  return {r.words, static_cast<uint32_t>(r.address), static_cast<uint32_t>(r.address >> 32)};
}

/// What the port says of its handshakes, in every cycle, and that nothing of an old run counts.
class StatusCheck : public tb::Component {
 public:
  explicit StatusCheck(Port& port) : port_(port) {}
  void sample() override {
    const auto fires = [](uint8_t* valid, uint8_t* ready) { return *valid && *ready; };
    auto& m = port_.memory;
    const bool r = fires(m.r.valid, m.r.ready), w = fires(m.w.valid, m.w.ready);
    if (*port_.read_progress != (r || fires(m.ar.valid, m.ar.ready)))
      throw tb::SimError("read progress differs from the handshakes");
    if (*port_.write_progress !=
        (w || fires(m.aw.valid, m.aw.ready) || fires(m.b.valid, m.b.ready)))
      throw tb::SimError("write progress differs from the handshakes");
    if (*port_.write_beat != w) throw tb::SimError("a written beat is not counted");
    if (known_ && *port_.beat != beat_) throw tb::SimError("a read beat is not counted");
    if (known_ && *port_.param_beat != (beat_ && id_ == 1))
      throw tb::SimError("a beat of parameters is not counted");
    if (known_ && !run_ && (*port_.read_error || *port_.write_error || *port_.done))
      throw tb::SimError("an error or the end of a store after the run");
    if (known_ && !run_ && ((*m.ar.valid && !ar_) || (*m.aw.valid && !aw_)))
      throw tb::SimError("a burst starts after the run");
    ar_ = *m.ar.valid && !*m.ar.ready, aw_ = *m.aw.valid && !*m.aw.ready;
    run_ = *port_.run;
    beat_ = run_ && r, id_ = *m.r.id & 3;
    known_ = true;
  }

 private:
  Port& port_;
  bool known_ = false, run_ = false, beat_ = false, ar_ = false, aw_ = false;
  int id_ = 0;
};

/// Everything around one port: what it reads must be what the memory has, in the order asked for;
/// what it stores must be there when it says so.
class World : public tb::Component {
 public:
  World(Port& port, tb::AxiMemory& memory, std::array<std::vector<Request>, 4> reads,
        std::vector<Request> stores, uint64_t seed, bool pauses = true, bool takes = true)
      : port_(port),
        memory_(memory),
        reads_(std::move(reads)),
        stores_(std::move(stores)),
        status_(port) {
    std::mt19937_64 rng(seed * 5 + 1);
    const auto policy = [&] {
      switch (pauses ? rng() % 6 : 5) {
        case 0: return StallPolicy::every(3);
        case 1: return StallPolicy::random(0.5);
        case 2: return StallPolicy::random(0.9);
        case 3: return StallPolicy::bursts(30, 60);
        default: return StallPolicy::never();
      }
    };
    const auto source = [](std::vector<Request> requests) {
      std::vector<uint32_t> all;
      for (const Request& r : requests) {
        const auto p = packed(r);
        all.insert(all.end(), p.begin(), p.end());
      }
      return tb::words_of(all);
    };
    for (size_t c = 0; c < 4; ++c) {
      uint64_t total = 0;
      for (const Request& r : reads_[c]) total += r.words;
      drivers_.push_back(
          std::make_unique<tb::StreamDriver>(port.requests[c], source(reads_[c]), policy(), rng()));
      sinks_.push_back(std::make_unique<tb::StreamSink>(
          port.words[c], total, [this, c](std::span<const uint32_t> word, bool) { check(c, word); },
          policy(), rng()));
    }
    std::vector<uint32_t> data;
    for (const Request& r : stores_) {
      const size_t bytes = static_cast<size_t>(r.words) * 2 * port.m;
      stored_.emplace_back(bytes);
      for (auto& b : stored_.back()) b = static_cast<uint8_t>(rng());
      const size_t at = data.size();
      data.resize(at + bytes / 4);
      std::memcpy(data.data() + at, stored_.back().data(), bytes);
    }
    drivers_.push_back(
        std::make_unique<tb::StreamDriver>(port.store_requests, source(stores_), policy(), rng()));
    drivers_.push_back(
        std::make_unique<tb::StreamDriver>(port.store_words, tb::words_of(data), policy(), rng()));
    *port.run = 1;  // drivers offer their first word at once
    auto& clock = port.clock();
    clock.clear();
    clock.add(memory);
    for (auto& d : drivers_) clock.add(*d);
    for (auto& s : sinks_)
      if (takes) clock.add(*s);
    if (!takes)
      for (auto& w : port.words) *w.ready = 0;
    clock.add(status_);
    clock.add(*this);
    port.settle();
  }
  ~World() override { port_.clock().clear(); }
  void sample() override {
    errors += *port_.read_error | *port_.write_error;
    if (!*port_.done || careless) return;
    ASSERT_LT(done_, stores_.size());
    const auto got = memory_.bytes(stores_[done_].address, stored_[done_].size());
    EXPECT_TRUE(std::ranges::equal(got, stored_[done_])) << "store " << done_;
    ++done_;
  }
  bool done() const override { return done_ == stores_.size() && *port_.idle; }
  std::string pending() const override {
    return fmt::format("{} of {} stores", done_, stores_.size());
  }
  int errors = 0;
  bool careless = false;  ///< data of answers with errors are anything

 private:
  void check(size_t c, std::span<const uint32_t> word) {
    if (careless) return;
    while (at_[c].first < reads_[c].size() && at_[c].second == reads_[c][at_[c].first].words)
      at_[c] = {at_[c].first + 1, 0};
    const Request& r = reads_[c].at(at_[c].first);
    const auto bytes = static_cast<uint64_t>(port_.word_bytes(c));
    const auto wanted = memory_.bytes(r.address + at_[c].second++ * bytes, bytes);
    if (std::memcmp(wanted.data(), word.data(), bytes) != 0)
      throw tb::SimError(fmt::format("reader {}: request {} ({} words at {:#x}), word {} differs",
                                     c, at_[c].first, r.words, r.address, at_[c].second - 1));
  }
  Port& port_;
  tb::AxiMemory& memory_;
  std::array<std::vector<Request>, 4> reads_;
  std::vector<Request> stores_;
  StatusCheck status_;
  std::vector<std::vector<uint8_t>> stored_;
  std::vector<std::unique_ptr<tb::StreamDriver>> drivers_;
  std::vector<std::unique_ptr<tb::StreamSink>> sinks_;
  std::array<std::pair<size_t, uint64_t>, 4> at_{};
  size_t done_ = 0;
};

tb::AxiTiming timing(std::mt19937_64& rng) {
  const auto policy = [&] {
    return rng() % 3 == 0 ? StallPolicy::random(0.5 + 0.1 * static_cast<double>(rng() % 5))
                          : StallPolicy::never();
  };
  tb::AxiTiming t;
  t.latency = 1 + static_cast<int>(rng() % 60);
  t.jitter = static_cast<int>(rng() % 2 * (rng() % 100));
  t.outstanding = rng() % 3 == 0 ? 2 : 64;
  t.reorder = rng() % 2 != 0;
  t.ar = policy(), t.r = policy(), t.aw = policy(), t.w = policy(), t.b = policy();
  return t;
}
std::array<std::vector<Request>, 4> random_reads(const Port& port, std::mt19937_64& rng) {
  std::array<std::vector<Request>, 4> reads;
  for (size_t c = 0; c < 4; ++c) {
    const int count = static_cast<int>(1 + rng() % 12);
    for (int i = 0; i < count; ++i) {
      const uint64_t most = rng() % 5 == 0 ? 6000 : 300;  // bytes
      const uint32_t words =
          c == 2 ? 256
                 : static_cast<uint32_t>(
                       1 + rng() % (most / static_cast<uint64_t>(port.word_bytes(c)) + 1));
      // Often close to a multiple of 4096.
      uint64_t address = rng() % (kSize / 2 - 8192) / 64 * 64;
      if (rng() % 2 == 0) address = address / 4096 * 4096 + 4096 - 64 * (1 + rng() % 3);
      reads[c].push_back({address, words});
    }
  }
  return reads;
}
/// Stores that do not meet, each with guard bytes behind it.
std::vector<Request> random_stores(const Port& port, std::mt19937_64& rng,
                                   std::vector<tb::AxiRegion>& regions) {
  std::vector<Request> stores;
  uint64_t at = kSize / 2 + 64 * (rng() % 64);
  for (int i = static_cast<int>(rng() % 6); i >= 0; --i) {
    const auto bytes = static_cast<uint64_t>(2 * port.m);
    const auto words = static_cast<uint32_t>(1 + rng() % ((rng() % 3 ? 300 : 6000) / bytes + 1));
    stores.push_back({at, words});
    regions.push_back({at, words * bytes});
    at = (at + words * bytes + 63) / 64 * 64 + 64 * (1 + rng() % 80);
  }
  return stores;
}
void fill(tb::AxiMemory& memory) {
  memory.resize(kSize);
  std::mt19937 rng(7);
  for (auto& b : memory.bytes(0, kSize / 2)) b = static_cast<uint8_t>(rng());
}

class AxiPort : public testing::TestWithParam<const char*> {};

TEST_P(AxiPort, CarriesEveryWordOnceAndInOrder) {
  for_each_seed(6, [&](uint64_t seed) {
    const auto port = make_port(GetParam(), seed + 1);
    std::mt19937_64 rng(seed);
    tb::AxiMemory memory(port->memory, timing(rng), seed);
    fill(memory);
    std::vector<tb::AxiRegion> regions;
    const auto stores = random_stores(*port, rng, regions);
    memory.allow_writes(regions);
    World world(*port, memory, random_reads(*port, rng), stores, seed);
    port->clock().run(200000);
    EXPECT_EQ(world.errors, 0);
    for (const auto& r : regions)  // what lies behind a store is as it was
      EXPECT_EQ(memory.bytes(r.first + r.count, 1)[0], 0xA5);
  });
}

TEST_P(AxiPort, DropsWhatIsUnderWayAndCarriesOn) {
  for_each_seed(3, [&](uint64_t seed) {
    const auto port = make_port(GetParam(), seed + 1);
    std::mt19937_64 rng(seed);
    tb::AxiMemory memory(port->memory, timing(rng), seed);
    fill(memory);
    for (int turn = 0; turn < 4; ++turn) {
      std::vector<tb::AxiRegion> regions;
      std::vector<tb::AxiFault> faults;
      {
        const auto stores = random_stores(*port, rng, regions);
        memory.allow_writes(regions);
        // Errors among the answers, of those that come late too.
        for (const bool write : {false, true})
          for (uint64_t i = 0; i < 4; ++i)
            faults.push_back(
                {.kind = tb::AxiFault::Kind::Slverr,
                 .write = write,
                 .burst = (write ? memory.write_bursts() : memory.read_bursts()) + rng() % 12});
        memory.set_faults(faults);
        World world(*port, memory, random_reads(*port, rng), stores, rng());
        world.careless = true;
        for (uint64_t i = rng() % 400; i > 0; --i) port->clock().tick();
      }
      // The core is cleared in the same cycle: nothing is offered, nothing taken.
      for (auto& r : port->requests) *r.valid = 0;
      for (auto& w : port->words) *w.ready = 0;
      *port->store_requests.valid = *port->store_words.valid = *port->run = 0;
      port->settle();
      port->clock().add(memory);
      StatusCheck status(*port);
      port->clock().add(status);
      for (int i = 0; i < 3 || !*port->idle; ++i) {
        ASSERT_LT(i, 200000) << "never idle";
        port->clock().tick();
      }
      EXPECT_TRUE(memory.quiet());
      port->clock().clear();
      memory.set_faults({});
      regions.clear();
      const auto stores = random_stores(*port, rng, regions);
      memory.allow_writes(regions);
      World world(*port, memory, random_reads(*port, rng), stores, rng());
      port->clock().run(200000);
    }
  });
}

TEST_P(AxiPort, ReportsErrorsOfAnyBurst) {
  using enum tb::AxiFault::Kind;
  for (const bool write : {false, true})
    for (const auto kind : {Slverr, Decerr})
      for (const uint64_t burst : {0, 1}) {  // of two or more
        SCOPED_TRACE(fmt::format("{} {} {}", write, static_cast<int>(kind), burst));
        const auto port = make_port(GetParam(), 1);
        tb::AxiMemory memory(port->memory, {.latency = 10}, 1);
        fill(memory);
        memory.set_faults({{.kind = kind, .write = write, .burst = burst}});
        const auto words = static_cast<uint32_t>(6000 / port->m);
        std::array<std::vector<Request>, 4> reads;
        std::vector<Request> stores;
        if (write)
          stores = {{kSize / 2, words}};
        else
          reads[1] = {{64, words}};
        World world(*port, memory, reads, stores, 1, false);
        world.careless = true;
        for (int i = 0; i < 8000; ++i) port->clock().tick();
        EXPECT_GE(world.errors, 1);
        EXPECT_TRUE(*port->idle);
      }
}

TEST_P(AxiPort, ReportsAddressesThatTheBusDoesNotHaveAndDoesNothingMore) {
  for (const bool write : {false, true})
    for (const uint64_t address :
         {uint64_t{1} << 32, uint64_t{1} << 35, uint64_t{1} << 39, uint64_t{0xFFFFFFFFC0}}) {
      SCOPED_TRACE(fmt::format("{} {:#x}", write, address));
      const auto port = make_port(GetParam(), 1);
      tb::AxiMemory memory(port->memory, {.latency = 10}, 1);
      fill(memory);
      std::array<std::vector<Request>, 4> reads;
      std::vector<Request> stores;
      if (write)
        stores = {{address, 1}, {64, 1}};
      else
        reads[3] = {{address, 1}, {64, 1}};
      World world(*port, memory, reads, stores, 1, false);
      for (int i = 0; i < 2000; ++i) port->clock().tick();
      EXPECT_GT(world.errors, 0);
      EXPECT_EQ(memory.read_bursts() + memory.write_bursts(), 0U);
      EXPECT_TRUE(*port->idle);
    }
}

// Nobody takes what comes: each reader fills its buffer, all of it, and asks for no more.
TEST_P(AxiPort, ReadsAheadAsFarAsItsBuffersHold) {
  const auto port = make_port(GetParam(), 1);
  const auto beat = static_cast<uint64_t>(port->data_bytes);
  const uint64_t buffers[] = {8 * 128, static_cast<uint64_t>(port->prefetch * port->m * port->m),
                              2 * 512, 4 * static_cast<uint64_t>(port->max_burst) * beat};
  for (size_t c = 0; c < 4; ++c)
    for (const bool odd : {false, true}) {  // behind one word the bursts do not fill it
      SCOPED_TRACE(fmt::format("{} {}", c, odd));
      const auto each = make_port(GetParam(), 1);
      tb::AxiMemory memory(each->memory, {.latency = 10}, 1);
      fill(memory);
      std::array<std::vector<Request>, 4> reads;
      const auto words = static_cast<uint32_t>(
          c == 2 ? 256 : kSize / 4 / static_cast<uint64_t>(each->word_bytes(c)));
      if (odd) reads[c].push_back({0, 1});
      for (uint64_t at = 0; at < 12; ++at) reads[c].push_back({at * 1024, words});
      World world(*each, memory, reads, {}, 1, false, false);
      for (int i = 0; i < 4000; ++i) each->clock().tick();
      // What the words put together hold is no longer in the buffer.
      const uint64_t depth = std::max(buffers[c] / beat, uint64_t{16}) * beat;
      if (!odd) {
        EXPECT_GE(memory.bytes_read(), depth);
      }
      const auto word = static_cast<uint64_t>(each->word_bytes(c));
      EXPECT_LE(memory.bytes_read(), depth + std::max(word, beat) - beat);
    }
}

TEST(AxiPortCounts, MoreWordsThan16BitsHold) {
  const auto port = make_port("m4_wide", 1);
  constexpr uint32_t kWords = 65536 + 40;
  tb::AxiMemory memory(port->memory, {.latency = 10}, 1);
  fill(memory);
  memory.resize(2 << 20);
  std::array<std::vector<Request>, 4> reads;
  reads[1] = {{64, kWords}, {128, 2}};
  const std::vector<Request> stores{{1 << 20, kWords}, {64, 1}};
  World world(*port, memory, reads, stores, 1, false);
  port->clock().run(400000);
  EXPECT_EQ(world.errors, 0);
}

// The reader of parameters and the stores take the bus as it comes, with no gap between bursts.
TEST_P(AxiPort, KeepsTheBusBusy) {
  const auto port = make_port(GetParam(), 1);
  tb::AxiMemory memory(port->memory, {.latency = 8}, 1);
  fill(memory);
  const auto bytes = static_cast<uint32_t>(port->data_bytes);
  const uint32_t total = 64 * 1024;
  // Cycles of a beat: of a bus of 128 bytes two; of words narrower than the bus as many as words.
  const auto cycles = [&](uint32_t word) { return total / std::min({bytes, word, 64U}); };
  for (const bool write : {false, true}) {
    SCOPED_TRACE(write);
    const auto word = static_cast<uint32_t>(write ? 2 * port->m : port->m);
    std::array<std::vector<Request>, 4> reads;
    std::vector<Request> stores;
    if (write)
      stores = {{kSize / 2, total / word}};
    else
      reads[1] = {{0, total / word}};
    World world(*port, memory, reads, stores, 1, false);
    const uint64_t start = port->clock().cycles();
    port->clock().run(1000000);
    EXPECT_LT(port->clock().cycles() - start, cycles(word) + 100 + cycles(word) / 50);
  }
}

TEST(AxiPortBench, SeesAWordThatDiffers) {
  const auto port = make_port("m16", 1);
  tb::AxiMemory memory(port->memory, {.latency = 20}, 1);
  fill(memory);
  std::array<std::vector<Request>, 4> reads;
  reads[1] = {{0, 64}};
  World world(*port, memory, reads, {}, 1, false);
  for (int i = 0; i < 33; ++i) port->clock().tick();  // words are on their way inside
  for (auto& b : memory.bytes(0, 1024)) b ^= 1;
  EXPECT_THROW(port->clock().run(200), tb::SimError);
}

INSTANTIATE_TEST_SUITE_P(Sizes, AxiPort,
                         testing::Values("m16", "m4_wide", "m64_narrow", "m64_wide"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace sb::test
