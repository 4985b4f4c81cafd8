// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/core_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::test {
namespace {

using tb::SimError;

constexpr int kKinds = tb::CoreView::kKinds;
constexpr Place kPlaces[kKinds] = {Place::Activation, Place::Activation, Place::Residual,
                                   Place::Residual,   Place::Residual,   Place::RowMaximum,
                                   Place::RowConstant};

// Words of external memory on their way to an input stream of the core.
class Feed {
 public:
  Feed(CorePins::Stream pins, size_t bytes, tb::StallPolicy stall, uint64_t seed)
      : pins_(pins), bytes_(bytes), stall_(stall, seed), rng_(seed), word_(pins.data.words()) {
    *pins_.valid = 0;
  }
  void request(uint64_t address, uint64_t words, uint64_t ready_cycle) {
    if (words > 0) ranges_.push_back({address, words, ready_cycle});
  }
  // Words per cycle that arrive (0: all at once), into a buffer of `depth` words.
  void limit(double rate, double depth) { rate_ = rate, depth_ = depth; }
  void sample() {
    fired_ = offering_ && *pins_.ready;
    sent += fired_;
  }
  void drive(const std::vector<uint8_t>& external, uint64_t cycle) {
    if (rate_ > 0) {
      double room = std::min(rate_, depth_ - level_);
      for (auto& r : ranges_) {
        if (r.ready_cycle > cycle || room <= 0) break;
        const double more = std::min(room, static_cast<double>(r.words) - r.arrived);
        r.arrived += more, level_ += more, room -= more;
      }
    }
    if (offering_ && !fired_) return;
    offering_ = false;
    if (!ranges_.empty() && ranges_.front().ready_cycle <= cycle && !stall_.next() &&
        (rate_ == 0 || ranges_.front().arrived >= 0.999)) {
      Range& r = ranges_.front();
      if (r.address + bytes_ > external.size())
        throw SimError(fmt::format("{}: reads byte {} of {}", pins_.name, r.address + bytes_ - 1,
                                   external.size()));
      std::fill(word_.begin(), word_.end(), 0);
      std::memcpy(word_.data(), external.data() + r.address, bytes_);
      r.address += bytes_, r.arrived -= 1, level_ -= 1;
      if (--r.words == 0) ranges_.pop_front();
      offering_ = true;
    } else if (rate_ == 0) {
      for (auto& w : word_) w = static_cast<uint32_t>(rng_());
    }
    pins_.data.write(word_);
    *pins_.valid = offering_;
  }
  bool idle() const { return ranges_.empty() && !offering_; }
  void drop() { ranges_.clear(), offering_ = false, level_ = 0, *pins_.valid = 0; }
  uint64_t sent = 0;  ///< words taken

 private:
  struct Range {
    uint64_t address, words, ready_cycle;
    double arrived = 0;
  };
  CorePins::Stream pins_;
  size_t bytes_;
  tb::Stall stall_;
  std::mt19937 rng_;
  std::vector<uint32_t> word_;
  std::deque<Range> ranges_;
  double rate_ = 0, depth_ = 0, level_ = 0;
  bool offering_ = false, fired_ = false;
};

// What the core wants of external memory.
class Requests {
 public:
  Requests(CorePins::Request pins, tb::StallPolicy stall, uint64_t seed)
      : pins_(pins), stall_(stall, seed) {
    *pins_.ready = 0;
  }
  template <typename Take>
  void sample(Take&& take) {
    if (*pins_.valid && *pins_.ready) take(*pins_.addr, pins_.words ? *pins_.words : 0);
  }
  void drive() { *pins_.ready = stall_.next() ? 0 : 1; }

 private:
  CorePins::Request pins_;
  tb::Stall stall_;
};

class World : public tb::Component {
 public:
  World(Core& core, const CoreSurroundings& around, std::span<const CommandWords> program,
        std::vector<uint8_t>& external, const std::vector<ExpectedWrite>* expected)
      : core_(core),
        pins_(core.pins),
        m_(static_cast<size_t>(core.parameters().m)),
        around_(around),
        program_(program),
        external_(external),
        expected_(expected),
        rng_(around.seed),
        cmd_stall_(around.cmd, around.seed * 16 + 1),
        par_(pins_.par, m_, around.par, around.seed * 16 + 2),
        tab_(pins_.tab, 2, around.tab, around.seed * 16 + 3),
        ld_(pins_.ld, 2 * m_, around.ld, around.seed * 16 + 4),
        preq_(pins_.preq, around.preq, around.seed * 16 + 5),
        treq_(pins_.treq, around.treq, around.seed * 16 + 6),
        lreq_(pins_.lreq, around.lreq, around.seed * 16 + 7),
        sreq_(pins_.sreq, around.sreq, around.seed * 16 + 8),
        st_stall_(around.st, around.seed * 16 + 9),
        st_word_(pins_.st.data.words()),
        index_word_(kKinds),
        addr_word_((kKinds * 16 + 31) / 32) {
    *pins_.cmd.valid = *pins_.st_done = *pins_.clear = 0;
    *pins_.st.ready = 0;
    if (around.bytes_per_cycle > 0)
      par_.limit(around.bytes_per_cycle / static_cast<double>(m_),
                 static_cast<double>(around.prefetch_tiles) * static_cast<double>(m_));
    run.first_issue.resize(program.size());
    run.last_issue.resize(program.size());
    run.lost.resize(program.size() + 1);
    for (const auto& words : program) {
      stores_before_.push_back(stores_before_.back() + (kind(words) == sb_engine_pkg::CmdStore));
      tables_before_.push_back(tables_before_.back() + (kind(words) == sb_engine_pkg::CmdTable));
    }
    if (expected != nullptr)
      for (size_t i = 0; i < expected->size(); ++i) {
        const WordWrite& w = (*expected)[i].write;
        if (w.place != Place::External && w.place != Place::Table && w.place != Place::ExpTable)
          wanted_[key(w.command, w.place, w.bank, w.address)] = i;
      }
  }

  void sample() override {
    const uint64_t t = cycle_;
    const uint32_t taken = next_cmd_;  // before the edge, which outputs are still read at
    if (cmd_offered_ && *pins_.cmd.ready) cmd_offered_ = false, ++next_cmd_;
    const uint64_t ready = t + 1 + static_cast<uint64_t>(around_.latency);
    preq_.sample([&](uint64_t a, uint32_t n) { par_.request(a, n, ready); });
    treq_.sample([&](uint64_t a, uint32_t) {
      tab_.request(a, static_cast<uint64_t>(sb_engine_pkg::TableEntries), ready);
    });
    lreq_.sample([&](uint64_t a, uint32_t n) { ld_.request(a, n, ready); });
    sreq_.sample([&](uint64_t a, uint32_t n) { stores_.push_back({a, n}); });
    par_.sample(), tab_.sample(), ld_.sample();
    if (*pins_.st.valid && *pins_.st.ready) store_word();
    if (*pins_.view.write != 0) check_writes();
    check_status(taken);
    if (!ended_) {
      ++run.why[*pins_.why];
      if (*pins_.view.issue) {
        const uint32_t i = *pins_.view.issue_index;
        ++run.issued;
        if (i < run.first_issue.size()) {
          if (run.first_issue[i] == 0) run.first_issue[i] = t + 1;
          run.last_issue[i] = t + 1;
          for (int w = 0; w < 16; ++w) run.lost[i][w] += lost_[w];
        }
        lost_ = {};
      } else {
        ++lost_[*pins_.why & 15];
      }
      ++run.cycles;
    }
    if (*pins_.end && !ended_) {
      ended_ = true;
      run.stop = {sb_engine_pkg::ErrNone, next_cmd_ - 1};
    }
    if (*pins_.error_valid && !ended_) {
      ended_ = true;
      run.stop = {static_cast<sb_engine_pkg::error_e>(*pins_.error_code), *pins_.error_index};
      check_done_before(run.stop.index);
    }
    ++cycle_;
  }
  void drive() override {
    preq_.drive(), treq_.drive(), lreq_.drive(), sreq_.drive();
    par_.drive(external_, cycle_), tab_.drive(external_, cycle_), ld_.drive(external_, cycle_);
    *pins_.st.ready = st_stall_.next() ? 0 : 1;
    *pins_.st_done = 0;
    if (!done_.empty() && done_.front() <= cycle_) {
      *pins_.st_done = 1;
      done_.pop_front();
      ++stores_done_;
    }
    if (!cmd_offered_) {
      cmd_offered_ = next_cmd_ < program_.size() && !cmd_stall_.next();
      if (cmd_offered_) {
        pins_.cmd.data.write(program_[next_cmd_]);
      } else {
        CommandWords noise;
        for (auto& w : noise) w = static_cast<uint32_t>(rng_());
        pins_.cmd.data.write(noise);
      }
      *pins_.cmd.valid = cmd_offered_;
    }
  }
  bool done() const override { return ended_; }
  std::string pending() const override {
    return fmt::format("{} of {} commands taken, oldest not finished {}, why {}", next_cmd_,
                       program_.size(), *pins_.oldest, *pins_.why);
  }
  // After a run to its end: nothing may be left.
  void check_end() {
    if (expected_ == nullptr) return;
    for (const auto& [k, i] : wanted_) {
      const WordWrite& w = (*expected_)[i].write;
      if (run.stop.error != sb_engine_pkg::ErrNone && w.command >= run.stop.index) continue;
      throw SimError(fmt::format("command {}: {} {} word {} (block {}, row {}) was never written",
                                 w.command, name(w.place), w.bank, w.address, w.block, w.row));
    }
    if (run.stop.error == sb_engine_pkg::ErrNone && (!par_.idle() || !tab_.idle() || !ld_.idle()))
      throw SimError("words of a stream are left");
  }

  CoreRun run;

 private:
  static uint64_t key(uint64_t command, Place place, int bank, int64_t address) {
    return command << 32 | static_cast<uint64_t>(place) << 24 | static_cast<uint64_t>(bank) << 20 |
           static_cast<uint64_t>(address);
  }
  void store_word() {
    if (stores_.empty()) throw SimError("st: a word without a request");
    pins_.st.data.read(st_word_);
    Store& s = stores_.front();
    if (s.address + 2 * m_ > external_.size()) throw SimError("st: beyond external memory");
    std::memcpy(external_.data() + s.address, st_word_.data(), 2 * m_);
    s.address += 2 * m_;
    if (--s.words == 0) {
      done_.push_back(cycle_ + 1 + rng_() % 20);
      stores_.pop_front();
    }
  }
  // Tables and stores of the commands before this one.
  void check_done_before(uint32_t command) const {
    const auto tables = tab_.sent / static_cast<uint64_t>(sb_engine_pkg::TableEntries);
    if (stores_done_ < stores_before_[command] || tables < tables_before_[command])
      throw SimError(fmt::format("a command before {} is not finished", command));
  }
  static sb_engine_pkg::cmd_kind_e kind(const CommandWords& words) {
    try {
      return sb_engine_pkg::cmd_t::unpack(words).kind;
    } catch (const tb::InputError&) {  // a fault on purpose
      return sb_engine_pkg::CmdEnd;
    }
  }
  // oldest_o never passes a command that is not finished, idle_o says that there is none; an error
  // stays as it is, end_o is there for a cycle.
  void check_status(uint32_t taken) {
    const uint32_t oldest = *pins_.oldest;
    if (cycle_ == 0 && !*pins_.idle) throw SimError("idle_o is low before the first command");
    if (ended_) {
      const bool error = run.stop.error != sb_engine_pkg::ErrNone;
      if (*pins_.end || (*pins_.error_valid != 0) != error)
        throw SimError("end_o or error_valid_o differs in a cycle after the end");
      if (error && (*pins_.error_code != static_cast<uint8_t>(run.stop.error) ||
                    *pins_.error_index != run.stop.index))
        throw SimError("error_code_o or error_index_o changes after the error");
      if (error == (*pins_.idle != 0))
        throw SimError(fmt::format("idle_o is {} after the end", *pins_.idle));
      return;
    }
    if (*pins_.end || expected_ == nullptr) return;
    if (oldest < oldest_ || oldest > taken)
      throw SimError(
          fmt::format("oldest_o is {}, after {}; {} commands taken", oldest, oldest_, taken));
    oldest_ = oldest;
    if (!wanted_.empty() && wanted_.begin()->first >> 32 < oldest)
      throw SimError(
          fmt::format("oldest_o is {}, but a command before it is not finished", oldest));
    check_done_before(oldest);
    if (*pins_.idle && oldest != taken)
      throw SimError(fmt::format("idle_o is high, {} of {} commands finished", oldest, taken));
  }
  void check_writes() {
    if (expected_ == nullptr) return;
    pins_.view.index.read(index_word_);
    pins_.view.addr.read(addr_word_);
    for (int k = 0; k < kKinds; ++k) {
      if ((*pins_.view.write >> k & 1) == 0) continue;
      const uint32_t command = index_word_[static_cast<size_t>(k)];
      const auto address = static_cast<int64_t>(tb::get_lane(addr_word_, k, 16));
      const int bank = *pins_.view.bank >> k & 1;
      const auto at = wanted_.find(key(command, kPlaces[k], bank, address));
      if (at == wanted_.end())
        throw SimError(
            fmt::format("cycle {}: command {} ({}) writes word {} of {} {}, which it must not (or "
                        "a second time)",
                        cycle_, command, describe(command), address, name(kPlaces[k]), bank));
      const ExpectedWrite& e = (*expected_)[at->second];
      std::vector<uint32_t> word(pins_.view.data[static_cast<size_t>(k)].words());
      pins_.view.data[static_cast<size_t>(k)].read(word);
      for (size_t l = 0; l < e.values.size(); ++l) {
        const int64_t got = value(k, word, static_cast<int>(l));
        if (got != e.values[l])
          throw SimError(
              fmt::format("cycle {}: command {} ({}), {} {} word {} (block {}, row {}), lane {}: "
                          "{}, must be {}",
                          cycle_, command, describe(command), name(kPlaces[k]), bank, address,
                          e.write.block, e.write.row, l, got, e.values[l]));
      }
      wanted_.erase(at);
    }
  }
  int64_t value(int kind, std::span<const uint32_t> word, int lane) const {
    switch (kPlaces[kind]) {
      case Place::Activation: return tb::get_signed_lane(word, lane, core_.parameters().act_bits);
      case Place::Residual: return tb::get_signed_lane(word, lane, 16);
      case Place::RowMaximum: return tb::get_signed_lane(word, 0, 8);
      default: {
        const auto row = sb_pkg::norm_row_t::unpack(word);
        return lane == 0 ? row.mean8 : lane == 1 ? row.m : row.q;
      }
    }
  }
  std::string describe(uint32_t index) const {
    if (index >= program_.size()) return "none";
    std::string text;
    const auto c = sb_engine_pkg::cmd_t::unpack(program_[index]);
    sb_engine_pkg::cmd_t::each(c, [&](const words::Field& f, const auto& v) {
      using V = std::remove_cvref_t<decltype(v)>;
      if constexpr (std::is_enum_v<V>)
        text += fmt::format(" {}={}", f.name, static_cast<int64_t>(v));
      else if constexpr (std::is_integral_v<V>)
        if (v != 0) text += fmt::format(" {}={}", f.name, v);
    });
    return text;
  }

  struct Store {
    uint64_t address, words;
  };
  Core& core_;
  CorePins& pins_;
  size_t m_;
  CoreSurroundings around_;
  std::span<const CommandWords> program_;
  std::vector<uint8_t>& external_;
  const std::vector<ExpectedWrite>* expected_;
  std::map<uint64_t, size_t> wanted_;
  std::mt19937_64 rng_;
  tb::Stall cmd_stall_;
  Feed par_, tab_, ld_;
  Requests preq_, treq_, lreq_, sreq_;
  tb::Stall st_stall_;
  std::vector<uint32_t> st_word_, index_word_, addr_word_;
  std::deque<Store> stores_;
  std::deque<uint64_t> done_;
  std::array<uint64_t, 16> lost_{};
  std::vector<uint64_t> stores_before_{0}, tables_before_{0};  // by command
  uint64_t stores_done_ = 0;
  uint32_t oldest_ = 0;
  uint32_t next_cmd_ = 0;
  bool cmd_offered_ = false, ended_ = false;
  uint64_t cycle_ = 0;
};

}  // namespace

namespace {
// Inputs change after the edge, as those of all components.
class Clear : public tb::Component {
 public:
  explicit Clear(CorePins& pins) : pins_(pins) {}
  void drive() override {
    for (uint8_t* pin :
         {pins_.cmd.valid, pins_.par.valid, pins_.tab.valid, pins_.ld.valid, pins_.st_done,
          pins_.preq.ready, pins_.treq.ready, pins_.lreq.ready, pins_.sreq.ready, pins_.st.ready})
      *pin = 0;
    *pins_.clear = on;
  }
  uint8_t on = 1;

 private:
  CorePins& pins_;
};
}  // namespace

void Core::clear(int cycles) {
  Clear component(pins);
  clock().clear();
  clock().add(component);
  for (int i = 0; i < cycles; ++i) clock().tick();
  component.on = 0;
  clock().tick();
  clock().clear();
}

CoreRun CoreBench::run(std::span<const CommandWords> program, std::vector<uint8_t>& external,
                       const std::vector<ExpectedWrite>* expected, uint64_t limit) {
  World world(core_, around_, program, external, expected);
  auto& clock = core_.clock();
  clock.clear();
  clock.add(world);
  if (clear_after != 0) {
    for (uint64_t i = 0; i < clear_after && !world.done(); ++i) clock.tick();
    core_.clear(1 + static_cast<int>(clear_after % 3));
    return world.run;
  }
  try {
    clock.run(limit);
  } catch (...) {
    clock.clear();
    throw;
  }
  // What stays as it is; every other time, so that programs follow each other at once too.
  if (around_.seed % 2 == 0)
    for (int i = 0; i < 40; ++i) clock.tick();
  clock.clear();
  world.check_end();
  return world.run;
}

}  // namespace sb::test
