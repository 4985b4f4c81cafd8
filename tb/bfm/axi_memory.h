// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tb/bfm/axi.h"
#include "tb/bfm/stall.h"
#include "tb/sim/clock.h"

namespace sb::tb {

/// How fast an AxiMemory is.
struct AxiTiming {
  int latency = 1;             ///< cycles from a burst taken to its first answer, 1 or more
  int jitter = 0;              ///< 0 to so many cycles more, drawn for each burst
  double bytes_per_cycle = 0;  ///< of reads, and of writes, on average; 0: the width of the bus
  int outstanding = 64;        ///< bursts taken and not answered, of reads, and of writes
  /// Answers of different IDs in any order, the words of read bursts mixed. Else in the order of
  /// the requests.
  bool reorder = false;
  StallPolicy ar = {}, r = {}, aw = {}, w = {}, b = {};  ///< pauses of the channels

  /// What no memory can have; throws InputError naming it.
  void check(int data_bytes) const;
};

/// What goes wrong. A burst is meant by its number (from 0, reads and writes counted apart) or by a
/// byte that it touches.
struct AxiFault {
  enum class Kind {
    Slverr,   ///< answered so; a write does not reach the memory
    Decerr,   ///< the same
    Silent,   ///< taken, never answered
    Refused,  ///< its address, and all after it, never taken
    Foreign,  ///< answered under an ID that has nothing outstanding: a fault of the bus, for tests
  } kind = Kind::Slverr;
  bool write = false;
  uint64_t burst = kNone;
  uint64_t address = kNone;
  static constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();
};

/// Bytes [first, first + count).
struct AxiRegion {
  uint64_t first = 0, count = 0;
};

/// Memory behind an AXI4 port of the model. Data that is written is there when its answer is
/// offered, not before. Outside the memory: DECERR.
///
/// Throws SimError for what a master must not do: a burst across 4 KiB, of another type than INCR
/// or of words narrower than the bus, a word that changes while it waits, a last word that is not
/// the last, and a write outside allow_writes: the message says the address.
class AxiMemory : public Component {
 public:
  explicit AxiMemory(AxiPins pins, const AxiTiming& timing = {}, uint64_t seed = 1);

  /// Bytes of the memory, which begins at 0.
  void resize(uint64_t bytes, uint8_t fill = 0xA5);
  uint64_t size() const { return bytes_.size(); }
  /// Throws InputError outside the memory.
  std::span<uint8_t> bytes(uint64_t address, uint64_t count);

  /// From now on; the timing of what is under way stays.
  void set_timing(const AxiTiming& timing);
  void set_faults(std::vector<AxiFault> faults) { faults_ = std::move(faults); }
  /// Writes go to these regions alone.
  void allow_writes(std::vector<AxiRegion> regions);
  /// Nothing is outstanding any more: the master was reset.
  void reset();

  /// Sees every read burst taken.
  std::function<void(uint64_t address, uint64_t bytes)> on_read;

  // Since the start.
  uint64_t read_bursts() const { return read_count_; }
  uint64_t write_bursts() const { return write_count_; }
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return bytes_written_; }
  /// Faults that have struck.
  uint64_t faults_struck() const { return struck_; }
  /// Nothing outstanding.
  bool quiet() const { return reads_.empty() && writes_.empty() && beats_.empty(); }

  void sample() override;
  void drive() override;
  std::string pending() const override;

 private:
  struct Burst {
    uint8_t id = 0;
    uint64_t address = 0;
    int beats = 0;
    uint64_t ready_cycle = 0;
    AxiResponse response = AxiResponse::Okay;
    bool silent = false, foreign = false;
    int done = 0;  // words answered, or taken
  };
  struct Beat {
    std::vector<uint32_t> data, strobes;
    bool last = false;
  };
  struct Write : Burst {
    std::vector<Beat> words;
  };

  void check_timing() const;
  template <typename B>
  void request(const AxiPins::Address& pins, bool write, std::deque<B>& queue);
  void take_beats();
  void commit(const Write& write);
  bool offer_read();
  bool offer_response();
  template <typename B>
  typename std::deque<B>::iterator pick(std::deque<B>& queue);
  bool covered(uint64_t address) const;
  void apply_faults(bool write, uint64_t number, Burst& burst);
  bool refused(bool write, uint64_t number) const;
  uint8_t id_of(const Burst& burst, bool write) const;

  AxiPins pins_;
  AxiTiming timing_;
  std::mt19937_64 rng_;
  Stall ar_stall_, r_stall_, aw_stall_, w_stall_, b_stall_;
  AxiStability ar_stable_, aw_stable_, w_stable_;
  std::vector<uint8_t> bytes_;
  std::vector<AxiRegion> writable_;
  bool guarded_ = false;
  std::vector<AxiFault> faults_;

  std::deque<Burst> reads_;
  std::deque<Write> writes_;
  std::deque<Beat> beats_;  // data that came before its address
  std::vector<uint32_t> read_word_;
  bool r_offered_ = false, b_offered_ = false, r_fired_ = false, b_fired_ = false;
  double read_credit_ = 0, write_credit_ = 0;
  uint64_t cycle_ = 0, seed_;
  uint64_t read_count_ = 0, write_count_ = 0, bytes_read_ = 0, bytes_written_ = 0, struck_ = 0;
};

}  // namespace sb::tb
