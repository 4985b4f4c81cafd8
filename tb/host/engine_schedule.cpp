// SPDX-License-Identifier: Apache-2.0
// When the products of a program begin: parameters on the bus, the ring of commands, tiles, rows
// that wait for results. Times are cycles; the rules are those of rtl/engine.
#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <map>
#include <vector>

#include "tb/host/engine_program.h"
#include "words/sb_schedule_pkg.h"

namespace sb::tb {

using namespace sb_engine_pkg;
using namespace sb_pkg;
using namespace sb_schedule_pkg;

namespace {

// Depths of sb_encoder_core and cycles of sb_cmd_check.
constexpr auto kSlots = static_cast<size_t>(Ring);  // commands under way
constexpr size_t kWaiting = 32;                     // checked commands that wait
constexpr double kCheck = 14;                       // cycles that checking a command takes
constexpr size_t kTables = 4;                       // tables on their way
constexpr size_t kChannels = 8;                     // channel words that wait
constexpr size_t kNorms = 4;                        // LayerNorm words that wait

// Latencies that depend on the shape of the array: the package has some of them, these the rule.
constexpr int64_t log2(int64_t n) { return std::bit_width(static_cast<uint64_t>(n)) - 1; }
constexpr int64_t row_max(int64_t m) { return RowMaxM4 - 2 + log2(m); }
constexpr int64_t row_stats(int64_t m) { return RowStatsM4 - 2 + log2(m); }
constexpr int64_t recip(int64_t m) { return RecipM4 - 2 + log2(m); }
constexpr int64_t array(int64_t m, int64_t chain, bool packed) {
  return ArrayM4Chain1Plain - 7 + chain + log2(m / chain) + (packed ? m / 2 : m);
}
constexpr int64_t prologue(int64_t m, int64_t chain, bool packed) {
  // The reciprocal is there when the first result of the row wants it.
  const int64_t word = 1 + array(m, chain, packed) - AccumulatorLead + Accumulator - Memory;
  return std::max(LayerNorm, recip(m) + 2 - word);
}
static_assert(row_max(64) == RowMaxM64 && row_stats(64) == RowStatsM64 && recip(64) == RecipM64);
static_assert(array(8, 8, false) == ArrayM8Chain8Plain && array(4, 2, true) == ArrayM4Chain2 &&
              array(64, 4, true) == ArrayM64Chain4);
static_assert(prologue(4, 1, false) == PrologueM4Chain1Plain &&
              prologue(4, 2, true) == PrologueM4Chain2 &&
              prologue(64, 4, true) == PrologueM64Chain4);

/// Cycles from one place of the pipeline to another.
struct Latencies {
  double read;        ///< a word may be read: it can be issued
  double result;      ///< issue: an activation may be read
  double maximum;     ///< issue: maximum of the row
  double constants;   ///< issue: constants of the row
  double write_back;  ///< a word may be read: LayerNorm's operand may be
};
Latencies latencies(const EngineParameters& e) {
  // The last term is what lies between: registers at memories and FIFOs, as measured.
  const int64_t read = Memory + prologue(e.m, e.chain, e.packed) + 2;
  const int64_t sum = array(e.m, e.chain, e.packed) + Accumulator + Requant;
  const auto cycles = [](int64_t n) { return static_cast<double>(n); };
  return {.read = cycles(read),
          .result = cycles(sum + Table + 2),
          .maximum = cycles(sum + row_max(e.m) + 1),
          .constants = cycles(sum + row_stats(e.m) + NormRow - 2),
          .write_back = cycles(read)};
}

/// The read channel: bursts in the order in which they are asked for.
class ReadBus {
 public:
  ReadBus(double latency, double interval) : latency_(latency), interval_(interval) {}
  double interval() const { return interval_; }
  /// When the bursts of loads had come, so far.
  const std::vector<double>& load_ends() const { return load_ends_; }

  /// Another reader asks for beats at a time.
  void ask(double time, int64_t beats) { others_.emplace(time, beats); }
  /// A load: bursts one after the other, as many at a time as its buffer holds. When its first beat
  /// comes.
  double load(double time, int64_t beats, int64_t burst) {
    for (size_t n = 0; n < kLoadBursts && beats > 0; ++n, beats -= burst)
      load_.push_back({time + static_cast<double>(n), std::min(beats, burst)});
    load_left_ = std::max<int64_t>(beats, 0);
    load_burst_ = burst;
    return std::max(next_, time + 1 + latency_);
  }
  /// When the beats of such a reader come, as far as what is asked for is known.
  double estimate(double time, int64_t beats) const {
    double first = next_;
    const auto behind = [&](double ask, int64_t count) {
      first = std::max(first, ask + 1 + latency_) + static_cast<double>(count) * interval_;
    };
    for (const Ask& a : load_)
      if (a.time <= time) behind(a.time, a.beats);
    for (const auto& [ask, count] : others_)
      if (ask <= time) behind(ask, count);
    return std::max(first, time + 1 + latency_) + static_cast<double>(beats - 1) * interval_;
  }
  /// First beat of a burst granted at a time, later ones follow at interval(); after all that was
  /// asked for before.
  double burst(double time, int64_t beats) {
    for (;;) {
      const bool other = !others_.empty() && others_.begin()->first <= time;
      if (!load_.empty() && load_.front().time <= time &&
          (!other || load_.front().time <= others_.begin()->first)) {
        const Ask now = load_.front();
        load_.pop_front();
        serve(now.time, now.beats);
        load_ends_.push_back(next_);
        if (load_left_ > 0) load_.push_back({next_ + 4, std::min(load_left_, load_burst_)});
        load_left_ -= load_burst_;
      } else if (other) {
        const auto [at, count] = *others_.begin();
        others_.erase(others_.begin());
        serve(at, count);
      } else {
        return serve(time, beats);
      }
    }
  }

 private:
  double serve(double time, int64_t beats) {
    const double first = std::max(next_, time + 1 + latency_);
    next_ = first + static_cast<double>(beats) * interval_;
    return first;
  }

  struct Ask {
    double time;
    int64_t beats;
  };
  static constexpr size_t kLoadBursts = 4;
  std::multimap<double, int64_t> others_;  // time, beats
  std::deque<Ask> load_;
  std::vector<double> load_ends_;
  int64_t load_left_ = 0, load_burst_ = 0;
  double latency_, interval_, next_ = 0;
};

/// Parameters: requests in, bursts as the buffer has room, words out.
class ParameterStream {
 public:
  ParameterStream(ReadBus& bus, const EngineParameters& engine)
      : bus_(bus), word_(engine.m), beat_(engine.data_bytes) {
    depth_ = std::max<int64_t>(16, int64_t{engine.prefetch_tiles} * word_ * word_ / beat_);
    burst_ = std::min<int64_t>({engine.max_burst, depth_ / 4, 4096 / beat_});
  }

  void request(double time, int64_t address, int64_t words) {
    requests_.push_back({time, address / beat_, (address + words * word_ + beat_ - 1) / beat_});
    jobs_.emplace_back(address % beat_, words);
  }

  /// Asks for all bursts that there is room for until a time.
  void advance(double time) {
    while (can_grant() && grant_time() <= time) grant();
  }

  /// Takes the next word, at `time` at the earliest; when.
  double word(double time) {
    if (left_ == 0) {
      left_ = jobs_.front().second;
      offset_ = jobs_.front().first;
      jobs_.pop_front();
    }
    const int64_t end = offset_ + word_;  // in the beat
    double at = time;
    for (int64_t byte = offset_; byte < end; byte += beat_ - byte % beat_) {
      const double there = arrival(taken_);
      at = std::max(there, unit_ + 1);
      const bool last = byte + beat_ - byte % beat_ >= end;
      if (last) at = std::max(at, time);
      unit_ = at;
      if (!last || end % beat_ == 0 || left_ == 1) pop(at);
    }
    --left_;
    offset_ = end % beat_;
    return at;
  }

 private:
  struct Request {
    double time;
    int64_t beat, end;  // the next one, behind the last
  };

  double arrival(int64_t beat) {
    while (static_cast<int64_t>(arrived_.size()) + arrived_base_ <= beat) grant();
    return arrived_[static_cast<size_t>(beat - arrived_base_)];
  }
  bool can_grant() const {
    if (requests_.empty()) return false;
    return granted_ + length() - depth_ <= taken_;
  }
  int64_t length() const {
    const Request& r = requests_.front();
    return std::min(r.end - r.beat, burst_ - r.beat % burst_);
  }
  double grant_time() const {
    const double at = std::max(last_grant_ + 1, requests_.front().time + 3);
    const int64_t room = granted_ + length() - depth_;
    return room <= 0 ? at : std::max(at, popped_[static_cast<size_t>(room - 1 - popped_base_)] + 1);
  }
  void grant() {
    Request& r = requests_.front();
    const int64_t beats = length();
    const double at = grant_time();
    while (granted_ + beats - depth_ > popped_base_ + 1 && popped_.size() > 1)
      popped_.pop_front(), ++popped_base_;
    const double first = bus_.burst(at, beats);
    for (int64_t b = 0; b < beats; ++b)
      arrived_.push_back(std::ceil(first + static_cast<double>(b) * bus_.interval()) + 4);
    granted_ += beats;
    last_grant_ = at;
    r.beat += beats;
    if (r.beat == r.end) {
      last_grant_ += 2;
      requests_.pop_front();
    }
  }
  void pop(double time) {
    popped_.push_back(time);
    ++taken_;
    while (arrived_base_ < taken_) arrived_.pop_front(), ++arrived_base_;
    while (can_grant()) grant();
  }

  ReadBus& bus_;
  int64_t word_, beat_, depth_ = 0, burst_ = 0;
  std::deque<Request> requests_;
  std::deque<std::pair<int64_t, int64_t>> jobs_;  // bytes into the first beat, words
  std::deque<double> arrived_, popped_;
  int64_t arrived_base_ = 0, popped_base_ = 0, granted_ = 0, taken_ = 0;
  int64_t left_ = 0, offset_ = 0;
  double unit_ = -1, last_grant_ = 0;
};

/// When the words of a memory are written: runs of rows, one a cycle.
class Written {
 public:
  void row(int bank, int64_t address, int64_t rows, double first) {
    runs_[{bank, address}] = {rows, first};
  }
  double at(int bank, int64_t address) const {
    auto run = runs_.upper_bound({bank, address});
    if (run == runs_.begin()) return 0;
    --run;
    const int64_t row = address - run->first.second;
    if (run->first.first != bank || row >= run->second.rows) return 0;
    return run->second.first + static_cast<double>(row);
  }

 private:
  struct Run {
    int64_t rows;
    double first;
  };
  std::map<std::pair<int, int64_t>, Run> runs_;
};

struct Place {
  int bank;
  int64_t address;
};
Place place(const region_t& r, int64_t block) {
  const int bank = static_cast<int>(r.bank);
  if (block < r.split) return {bank, static_cast<int64_t>(r.base + block * r.stride)};
  return {1 - bank, static_cast<int64_t>(r.base2 + (block - r.split) * r.stride)};
}

/// Goes through a program, command after command.
class Schedule {
 public:
  /// load_ends: of a schedule before this one, which makes loads exact.
  Schedule(const EngineProgram& program, const BusModel& model, std::vector<double> load_ends)
      : program_(program),
        engine_(program.engine),
        latency_(latencies(engine_)),
        bus_(model.latency, std::max(1.0, engine_.data_bytes / model.bytes_per_cycle)),
        stream_(bus_, engine_),
        model_(model),
        known_(std::move(load_ends)) {}

  const std::vector<double>& load_ends() const { return bus_.load_ends(); }

  std::vector<int64_t> run() {
    const auto& commands = program_.commands;
    std::vector<int64_t> cycles(commands.size());
    fetched_ = 2 * model_.latency;
    double begun = 0, ended = 0;
    size_t last = commands.size();
    for (size_t i = 0; i < commands.size(); ++i) {
      const cmd_t& c = commands[i];
      if (c.kind == CmdTable || c.kind == CmdEnd) continue;
      enter(i);
      if (c.kind == CmdStore) store(c);
      if (c.kind != CmdMatmul) continue;
      product(c);
      if (last < commands.size()) cycles[last] = std::llround(first_issue_ - begun);
      last = i, begun = first_issue_, ended = last_issue_ + 1;
    }
    if (last < commands.size()) cycles[last] = std::llround(ended - begun);
    return cycles;
  }

 private:
  int64_t parameter_words(const cmd_t& c) const {
    int64_t words = 0;
    if (c.prologue == ProNorm) words += kEntryWords * c.k_blocks;
    if (c.kind != CmdMatmul) return c.kind == CmdStore ? words : 0;
    if (c.chan_shared == 0) words += kEntryWords * c.n_blocks;
    if (c.weight == WeightStream) words += int64_t{engine_.m} * c.k_blocks * c.n_blocks;
    return words;
  }
  int64_t beats(int64_t bytes) const {
    return (bytes + engine_.data_bytes - 1) / engine_.data_bytes;
  }

  // Commands are fetched, checked one after the other, and wait, kWaiting at most before the one
  // that is taken at a time; their parameters are asked for then.
  void check(size_t taken, double time) {
    const auto& commands = program_.commands;
    const double fetch = CmdBytes / model_.bytes_per_cycle;
    for (; checked_.size() < std::min(commands.size(), taken + kWaiting + 1);) {
      const cmd_t& c = commands[checked_.size()];
      fetched_ += fetch;
      const double at = std::max({checked_.empty() ? 0 : checked_.back() + kCheck, fetched_,
                                  checked_.size() > kWaiting ? time + kCheck : 0});
      checked_.push_back(at);
      if (const int64_t words = parameter_words(c); words > 0)
        stream_.request(at, static_cast<int64_t>(c.stream_addr), words);
      bus_.ask(at, beats(CmdBytes));
    }
  }

  // Into the ring: a slot is free. Then the tables that follow are handed over, unless this command
  // uses one.
  void enter(size_t i) {
    while (handed_ < i) table(handed_++);
    check(i, next_);
    next_ = std::max(next_ + 1, checked_[i] + 2);
    if (left_.size() >= kSlots) next_ = std::max(next_, left_[left_.size() - kSlots] + 1);
    entered_ = next_;
    const cmd_t& c = program_.commands[i];
    if (c.prologue == ProExp) user_[key(true, c.exp_table)] = left_.size();
    if (c.table_on != 0) user_[key(false, c.table_sel)] = left_.size();
    if (c.kind == CmdLoad) load(c);
    handed_ = i + 1;
    while (program_.commands[handed_].kind == CmdTable && user_has_left(program_.commands[handed_]))
      table(handed_++);
  }
  static int64_t key(bool exp, int64_t table) { return 2 * table + (exp ? 1 : 0); }
  static int64_t key(const cmd_t& c) {
    return c.exp_load != 0 ? key(true, c.exp_table) : key(false, c.table_sel);
  }
  // Whether the last command that uses the table has left, as far as known.
  bool user_has_left(const cmd_t& c) const {
    const auto user = user_.find(key(c));
    return user == user_.end() || user->second < left_.size();
  }
  // Handed to the loader, which has room for a few, when no command under way uses the table.
  void table(size_t i) {
    const cmd_t& c = program_.commands[i];
    if (c.kind != CmdTable) return;
    check(i, next_);
    next_ = std::max(next_ + 1, checked_[i] + 2);
    if (const auto user = user_.find(key(c)); user != user_.end())
      next_ = std::max(next_, left_[user->second] + 1);
    if (tables_.size() >= kTables) next_ = std::max(next_, tables_[tables_.size() - kTables] + 1);
    const double there = bus_.estimate(next_ + 2, beats(2 * TableEntries)) + 6;
    bus_.ask(next_ + 2, beats(2 * TableEntries));
    tables_.push_back(std::max(there, tables_.empty() ? 0 : tables_.back()) + 2 * TableEntries);
    loaded_[key(c)] = tables_.back();
  }
  // All is written.
  void leave(double time) { left_.push_back(std::max(time, left_.empty() ? 0 : left_.back() + 1)); }

  void load(const cmd_t& c) {
    const int64_t count = beats(2 * int64_t{engine_.m} * c.rows * c.n_blocks);
    stream_.advance(entered_ + 3);
    const double first = bus_.load(entered_ + 3, count, engine_.max_burst) + 6;
    // A word has come with its burst, as the time before has shown; else at the rate of the bus.
    const auto rows = static_cast<double>(c.rows);
    const auto there = [&](int64_t words) {
      const int64_t last = beats(2 * engine_.m * words) - 1;
      const auto burst = load_bursts_ + static_cast<size_t>(last / engine_.max_burst);
      if (burst >= known_.size()) return first + static_cast<double>(last) * bus_.interval();
      const int64_t left =
          std::min(count - 1 - last, engine_.max_burst - 1 - last % engine_.max_burst);
      return known_[burst] + 6 - static_cast<double>(left) * bus_.interval();
    };
    for (int64_t nb = 0; nb < c.n_blocks; ++nb) {
      const Place at = place(c.result, nb);
      residual_.row(at.bank, at.address, c.rows, there((nb + 1) * c.rows) - rows + 1);
    }
    leave(there(c.rows * c.n_blocks) + 2);
    load_bursts_ += static_cast<size_t>((count + engine_.max_burst - 1) / engine_.max_burst);
  }
  void store(const cmd_t& c) {
    for (int64_t w = parameter_words(c); w > 0; --w) demux_ = stream_.word(demux_) + 1;
    leave(last_issue_ + static_cast<double>(c.rows * c.k_blocks));
  }

  // An entry of the parameter stream: collected, and pushed when its FIFO has room.
  double entry(std::deque<double>& taken, size_t depth) {
    for (int64_t w = 0; w < kEntryWords; ++w) demux_ = stream_.word(demux_) + 1;
    if (taken.size() >= depth) demux_ = std::max(demux_, taken[taken.size() - depth] + 1);
    if (taken.size() > depth) taken.pop_front();
    return demux_++;
  }

  void product(const cmd_t& c) {
    const double m = engine_.m;
    const auto rows = static_cast<double>(c.rows);
    const bool stream = c.weight == WeightStream;
    demux_ = std::max(demux_, entered_ + 3);
    double read = std::max(read_, entered_ + 3), done = 0;
    for (int64_t nb = 0; nb < c.n_blocks; ++nb) {
      double channel = 0;
      if (c.chan_shared == 0) {
        channel = entry(channels_, kChannels) + 1;
      } else {
        demux_ += 2;
        channel = demux_;
      }
      double last = 0;
      for (int64_t kb = 0; kb < c.k_blocks; ++kb) {
        // LayerNorm word, or nothing; then the tile into the shadow.
        double norm = 0;
        if (nb == 0 && c.prologue == ProNorm)
          norm = entry(norms_, kNorms);
        else
          demux_ += 1;
        double loaded = open_;
        if (stream) {
          demux_ = std::max(demux_, open_);
          for (int w = 0; w < engine_.m; ++w) demux_ = stream_.word(demux_) + 1;
          loaded = demux_;
        } else {
          loaded = std::max(open_, keys(c, nb, kb)) + m;
        }
        // Its rows.
        read = std::max(read + (nb + kb == 0 ? 1 : rows), source(c, nb, kb, norm));
        if (norm > 0) norms_.push_back(read);
        double issue = std::max({issue_ + 1, loaded, read + latency_.read});
        if (rows_before_ < 4) issue = std::max(issue, issue_ + 3);
        if (kb + 1 == c.k_blocks) issue = std::max(issue, channel);
        if (nb + kb == 0) first_issue_ = issue;
        if (norm > 0) back(c, kb, read);
        open_ = issue + engine_.chain;
        issue_ = last_issue_ = issue + rows - 1;
        rows_before_ = rows;
        last = issue;
      }
      channels_.push_back(last + latency_.result - 8);
      done = results(c, nb, last);
    }
    read_ = read + rows - 1;
    leave(done);
  }

  // When the first word of K or V of a tile can be in the loader.
  double keys(const cmd_t& c, int64_t nb, int64_t kb) {
    const bool values = c.weight == WeightValues;
    const int64_t block = values ? nb : kb, first = engine_.m * (values ? kb : nb);
    const int64_t count = std::clamp<int64_t>(c.keys - first, 0, engine_.m);
    const int64_t address = c.weight_base + block * c.weight_stride + first;
    double at = std::max(key_read_ + 1, entered_ + 3);
    if (count > 0) at = std::max(at, activation_.at(static_cast<int>(c.weight_bank), address) + 1);
    key_read_ = at + static_cast<double>(std::max<int64_t>(count, 1));
    return key_read_ + 5;
  }

  // When the first word of a block of the source may be read.
  double source(const cmd_t& c, int64_t nb, int64_t kb, double norm) const {
    if (c.prologue == ProNorm && nb > 0) {
      return activation_.at(static_cast<int>(c.back_bank), c.back_base + kb * c.back_stride);
    }
    const Place at = place(c.source, kb);
    double time = (norm > 0 ? residual_ : activation_).at(at.bank, at.address);
    const auto table = [&](int64_t which) {
      if (const auto at_table = loaded_.find(which); at_table != loaded_.end())
        time = std::max(time, at_table->second + 1);
    };
    if (c.table_on != 0) table(key(false, c.table_sel));
    if (c.prologue == ProExp) {
      table(key(true, c.exp_table));
      time = std::max(time, maxima_.at(0, c.max_in));
    }
    if (norm > 0) {
      time = std::max(time, norm + 2);
      if (c.norm_identity == 0) time = std::max(time, constants_.at(0, c.norm_in));
    }
    return time + 1;
  }
  void back(const cmd_t& c, int64_t kb, double read) {
    activation_.row(static_cast<int>(c.back_bank), c.back_base + kb * c.back_stride, c.rows,
                    read + latency_.write_back);
    const Place at = place(c.source, kb);
    residual_.row(at.bank, at.address, c.rows, read + latency_.write_back);
  }

  // Results of a block of which row 0 is issued at a time; when the last is written.
  double results(const cmd_t& c, int64_t nb, double issue) {
    const Place at = place(c.result, nb);
    (c.dest == DestAct ? activation_ : residual_)
        .row(at.bank, at.address, c.rows, issue + latency_.result);
    double done = latency_.result;
    if (nb + 1 == c.n_blocks) {
      if (c.row_max != 0) maxima_.row(0, c.max_out, c.rows, issue + latency_.maximum);
      if (c.norm_stats != 0) {
        constants_.row(0, c.norm_out, c.rows, issue + latency_.constants);
        done = latency_.constants;
      }
    }
    return issue + static_cast<double>(c.rows) + done;
  }

  const EngineProgram& program_;
  const EngineParameters& engine_;
  Latencies latency_;
  ReadBus bus_;
  ParameterStream stream_;
  BusModel model_;
  std::vector<double> known_;  // ends of the bursts of loads
  size_t load_bursts_ = 0;     // of loads so far
  std::vector<double> checked_;
  std::vector<double> left_;
  std::deque<double> channels_, norms_;  // when each was taken
  Written activation_, residual_, maxima_, constants_;
  std::map<int64_t, size_t> user_;    // of tables: the last command, in the order of left_
  std::map<int64_t, double> loaded_;  // tables
  std::vector<double> tables_;        // the same in their order
  size_t handed_ = 0;
  double fetched_ = 0;  // the last command
  double next_ = 0;     // when the next command may enter or be handed over
  double entered_ = 0, demux_ = 0, open_ = 0, issue_ = 0, last_issue_ = 0, rows_before_ = 4;
  double first_issue_ = 0, read_ = 0, key_read_ = 0;
};

}  // namespace

std::vector<int64_t> EngineProgram::predict_schedule(const BusModel& bus) const {
  // Where the bursts of loads lie among the others shows only later in the program: twice.
  Schedule first(*this, bus, {});
  first.run();
  return Schedule(*this, bus, first.load_ends()).run();
}

}  // namespace sb::tb
