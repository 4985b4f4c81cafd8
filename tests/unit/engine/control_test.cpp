// SPDX-License-Identifier: Apache-2.0
// sb_run_control, sb_regs, sb_cmd_fetch and sb_table_loader alone, against models of what their
// headers and rtl/pkg/README.md say, cycle by cycle, under inputs that the engine around them
// seldom makes.
#include "models/control.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "tb/sim/bench.h"
#include "tb/sim/port.h"
#include "tests/support/seeds.h"
#include "words/sb_engine_pkg.h"
#include "words/sb_regs_pkg.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_regs_pkg;
using P = models::control;

class Control : public testing::Test {
 protected:
  Control() {
    for (uint8_t* pin : {&d_.run_start_i,
                         &d_.run_stop_i,
                         &d_.run_reset_i,
                         &d_.run_bus_idle_i,
                         &d_.run_progress_i,
                         &d_.run_read_error_i,
                         &d_.run_write_error_i,
                         &d_.run_list_empty_i,
                         &d_.run_core_idle_i,
                         &d_.run_core_end_i,
                         &d_.run_core_error_i,
                         &d_.s_axil_awvalid,
                         &d_.s_axil_wvalid,
                         &d_.s_axil_bready,
                         &d_.s_axil_arvalid,
                         &d_.s_axil_rready,
                         &d_.running_i,
                         &d_.done_i,
                         &d_.error_i,
                         &d_.bus_idle_i,
                         &d_.param_beat_i,
                         &d_.read_beat_i,
                         &d_.write_beat_i,
                         &d_.poke_i,
                         &d_.fetch_rst_ni,
                         &d_.fetch_start_i,
                         &d_.creq_ready_i,
                         &d_.fetch_valid_i,
                         &d_.cmd_ready_i,
                         &d_.table_valid_i,
                         &d_.treq_ready_i,
                         &d_.tab_valid_i,
                         &d_.load_exp_ready_i,
                         &d_.load_table_ready_i,
                         &d_.why_i,
                         &d_.s_axil_wstrb})
      *pin = 0;
    d_.run_count_i = 1;
    d_.fetch_count_i = 1;
    bench_.reset();
  }
  bool chance(int percent) { return static_cast<int>(rng_() % 100) < percent; }
  void tick() {
    d_.eval();
    bench_.clock().tick();
  }

  tb::Bench<P::Model> bench_{static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 1,
                             trace_options(1)};
  P::Model& d_ = *bench_;
  std::mt19937_64 rng_{static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 1};
};

// Runs.

struct RunModel {
  enum { Idle, Wait, Run, Stop } state = Idle;
  bool fetch = false, late = false, done = false, error = false;
  uint64_t quiet = 0;
  uint8_t code = 0;
  uint32_t index = 0;
  error_e cause = ErrNone;  ///< of the run that ends
  uint32_t cause_index = 0;

  void step(const P::Model& d) {
    if (d.run_reset_i || !d.rst_ni) {
      *this = {};
      return;
    }
    const auto before = state;
    const bool was_late = late;
    late = before != Idle && d.run_limit_i != 0 && quiet >= d.run_limit_i && !was_late;
    quiet = before == Idle || d.run_bus_idle_i || d.run_progress_i || was_late ? 0 : quiet + 1;
    fetch = false;
    const auto end = [&](error_e why, uint32_t at) { cause = why, cause_index = at, state = Stop; };
    const uint32_t oldest = before == Wait ? 0 : d.run_oldest_i;
    const bool ready = before == Wait && d.run_bus_idle_i;
    if (before == Idle) {
      if (!d.run_start_i) return;
      state = Wait;
      done = error = false;
      code = 0, index = 0;
    } else if (before == Stop) {
      if (!d.run_bus_idle_i && !was_late) return;
      state = Idle;
      done = cause == ErrNone;
      error = !done;
      code = static_cast<uint8_t>(cause), index = cause_index;
    } else if (before == Run && d.run_core_end_i) {
      end(ErrNone, 0);
    } else if (before == Run && d.run_core_error_i) {
      end(static_cast<error_e>(d.run_core_code_i), d.run_core_index_i);
    } else if (ready && d.run_program_i % static_cast<uint64_t>(StreamAlign) != 0) {
      end(ErrAlign, 0);
    } else if (ready && d.run_count_i == 0) {
      end(ErrProgram, 0);
    } else if (before == Run && d.run_list_empty_i && d.run_core_idle_i) {
      end(ErrProgram, oldest);
    } else if (ready && d.run_program_i >> 40 != 0) {
      end(ErrReadBus, 0);
    } else if (d.run_read_error_i) {
      end(ErrReadBus, oldest);
    } else if (d.run_write_error_i) {
      end(ErrWriteBus, oldest);
    } else if (was_late) {
      end(ErrTimeout, oldest);
    } else if (d.run_stop_i) {
      end(ErrStopped, oldest);
    } else if (ready) {
      state = Run;
      fetch = true;
    }
  }
};

TEST_F(Control, RunsStartAndEndAsTheModelSays) {
  RunModel model;
  std::map<uint8_t, int> ends;
  int rare = 50, progress = 0, idle = 50;
  for (int cycle = 0; cycle < 150000; ++cycle) {
    if (cycle % 64 == 0) {  // another mood of the surroundings
      rare = chance(30) ? 8 : 1;
      progress = chance(50) ? 0 : 30;
      idle = chance(40) ? 2 : 50;
    }
    if (model.state == RunModel::Idle) {
      const uint64_t aligned = (rng_() & 0xFFFFFFFFFF) / 64 * 64;
      d_.run_program_i = chance(60)   ? aligned
                         : chance(50) ? aligned | uint64_t{1} << rng_() % 6
                                      : aligned | uint64_t{1} << (40 + rng_() % 24);
      d_.run_count_i = chance(80) ? 1U << rng_() % 32 : 0;
      d_.run_limit_i = chance(20) ? 0 : 1 + static_cast<uint32_t>(rng_() % 9);
      if (chance(2)) d_.run_limit_i = 0x10002;
    }
    d_.run_start_i = model.state == RunModel::Idle && chance(30);
    d_.run_stop_i = chance(rare);
    d_.run_reset_i = chance(1) && chance(30);
    d_.run_bus_idle_i = chance(idle);
    d_.run_progress_i = chance(progress);
    const bool run = model.state == RunModel::Run;
    d_.run_read_error_i = chance(rare), d_.run_write_error_i = chance(rare);
    d_.run_list_empty_i = chance(4 * rare), d_.run_core_idle_i = chance(20);
    d_.run_core_end_i = run && chance(rare), d_.run_core_error_i = run && chance(rare);
    d_.run_core_code_i = static_cast<uint8_t>(1 + rng_() % 13);
    d_.run_core_index_i = static_cast<uint32_t>(rng_());
    d_.run_oldest_i = static_cast<uint32_t>(rng_());
    const bool was_running = model.state != RunModel::Idle;
    d_.eval();
    model.step(d_);
    tick();
    ASSERT_EQ(d_.run_running_o, model.state != RunModel::Idle) << cycle;
    ASSERT_EQ(d_.run_o, model.state == RunModel::Run) << cycle;
    ASSERT_EQ(d_.run_fetch_o, model.fetch) << cycle;
    ASSERT_EQ(d_.run_done_o, model.done) << cycle;
    ASSERT_EQ(d_.run_error_o, model.error) << cycle;
    ASSERT_EQ(d_.run_code_o, model.code) << cycle;
    ASSERT_EQ(d_.run_index_o, model.index) << cycle;
    if (was_running && (model.done || model.error)) ++ends[model.code];
  }
  for (const error_e end :
       {ErrNone, ErrAlign, ErrProgram, ErrReadBus, ErrWriteBus, ErrTimeout, ErrStopped})
    EXPECT_GT(ends[static_cast<uint8_t>(end)], 20) << name(end);
}

// The time limit of a bus that is owed an answer, exactly, and up to a value of more than 16 bits.
TEST_F(Control, TheTimeLimitCountsCyclesWithoutAHandshake) {
  for (const uint32_t limit : {1U, 2U, 3U, 255U, 66000U}) {
    d_.run_bus_idle_i = 1, d_.run_limit_i = limit, d_.run_program_i = 64;
    d_.run_start_i = 1;
    tick();
    d_.run_start_i = 0;
    tick();
    ASSERT_TRUE(d_.run_o);
    d_.run_bus_idle_i = 0;
    d_.run_progress_i = 1;  // however long it takes
    for (uint32_t i = 0; i < std::min(3 * limit, 1000U); ++i) tick();
    ASSERT_TRUE(d_.run_o);
    d_.run_progress_i = 0;
    uint32_t cycles = 0;
    for (; d_.run_o; ++cycles) tick();
    EXPECT_EQ(cycles, limit + 2);  // and two until it is acted on
    for (cycles = 0; d_.run_running_o; ++cycles) tick();
    EXPECT_EQ(cycles, limit + 2);  // as long again to drain
    EXPECT_EQ(d_.run_code_o, static_cast<uint8_t>(ErrTimeout));
  }
}

// Registers.

struct RegsModel {
  bool aw = false, w = false, b = false, ar = false, r = false;
  uint32_t aw_addr = 0, w_data = 0, w_strb = 0, b_resp = 0, ar_addr = 0, r_data = 0, r_resp = 0;
  uint64_t program = 0;
  uint32_t count = 0, limit = 0, irq_enable = 0, irq_status = 0, high = 0;
  bool done = false, error = false, irq = false, counting = false;
  uint8_t why = 0;
  uint64_t cycles = 0, param = 0, read = 0, write = 0;
  std::array<uint64_t, 16> reasons{};

  static constexpr uint64_t kCounter = (uint64_t{1} << 48) - 1;
  bool acting() const { return aw && w && !b; }
  /// A write that succeeds.
  bool accepted(const P::Model& d) const {
    if (!acting() || w_strb != 15) return false;
    switch (static_cast<reg_e>(aw_addr & 0xFFC)) {
      case RegControl: return (w_data & 7) != 1 || !d.running_i;
      case RegIrqEnable:
      case RegIrqStatus: return true;
      case RegProgramLow:
      case RegProgramHigh:
      case RegProgramCount:
      case RegTimeLimit: return !d.running_i;
      default: return false;
    }
  }
  uint32_t control(const P::Model& d) const {
    if (!accepted(d) || (aw_addr & 0xFFC) != static_cast<uint32_t>(RegControl)) return 0;
    return (w_data & 4) != 0 ? 4 : (w_data & 2) != 0 ? 2 : w_data & 1;
  }
  bool counter(uint32_t address, uint64_t& value) const {
    if (address >= 0x100 && address < 0x120)
      value = std::array{cycles, param, read, write}[(address - 0x100) / 8];
    else if (address >= 0x180 && address < 0x180 + 8 * WhyCount)
      value = reasons[(address - 0x180) / 8];
    else
      return false;
    return true;
  }
  bool known(uint32_t address, const P::Model& d, uint32_t& value) const {
    const std::map<reg_e, int64_t> all{
        {RegIdentity, 0x53424531},
        {RegVersion, 0x100},
        {RegControl, 0},
        {RegStatus,
         (!d.bus_idle_i && !d.running_i) << 3 | d.error_i << 2 | d.done_i << 1 | d.running_i},
        {RegProgramLow, static_cast<uint32_t>(program)},
        {RegProgramHigh, static_cast<uint32_t>(program >> 32)},
        {RegProgramCount, count},
        {RegTimeLimit, limit},
        {RegIrqEnable, irq_enable},
        {RegIrqStatus, irq_status},
        {RegErrorCode, d.code_i},
        {RegErrorIndex, d.index_i},
        {RegOldest, d.oldest_i},
        {RegM, P::M},
        {RegRows, P::Rows},
        {RegStatRows, P::StatRows},
        {RegActBits, P::ActBits},
        {RegActDepth0, P::ActDepth0},
        {RegActDepth1, P::ActDepth1},
        {RegResDepth0, P::ResDepth0},
        {RegResDepth1, P::ResDepth1},
        {RegExpTables, P::ExpTables},
        {RegMulStyle, P::MulStyle},
        {RegChainLength, P::ChainLength},
        {RegPacked, 1},
        {RegAxiAddrBits, P::AxiAddrBits},
        {RegAxiDataBits, P::AxiDataBits},
        {RegAxiIdBits, P::AxiIdBits},
        {RegMaxBurst, P::MaxBurst},
        {RegPrefetchTiles, P::PrefetchTiles}};
    const auto at = all.find(static_cast<reg_e>(address));
    value = at == all.end() ? 0 : static_cast<uint32_t>(at->second);
    return at != all.end();
  }

  void step(const P::Model& d) {
    if (!d.rst_ni) {
      *this = {};
      return;
    }
    const RegsModel was = *this;
    const uint32_t act = control(d);
    const bool accept = accepted(d);
    // Reads see what is there before this cycle's write.
    if (was.r && d.s_axil_rready) r = false;
    if (was.ar && !was.r) {
      uint64_t value = 0;
      r = true, ar = false;
      if (counter(was.ar_addr & 0xFF8, value)) {
        r_data = (was.ar_addr & 4) != 0 ? high : static_cast<uint32_t>(value);
        if ((was.ar_addr & 4) == 0) high = static_cast<uint32_t>(value >> 32);
        r_resp = 0;
      } else {
        r_resp = known(was.ar_addr & 0xFFC, d, r_data) ? 0 : 2;
      }
    }
    if (d.s_axil_arvalid && !was.ar) ar = true, ar_addr = d.s_axil_araddr;
    if (was.b && d.s_axil_bready) b = false;
    if (was.acting()) aw = w = false, b = true, b_resp = accept ? 0 : 2;
    if (d.s_axil_awvalid && !was.aw) aw = true, aw_addr = d.s_axil_awaddr;
    if (d.s_axil_wvalid && !was.w) w = true, w_data = d.s_axil_wdata, w_strb = d.s_axil_wstrb;

    irq = (was.irq_status & was.irq_enable) != 0;
    uint32_t set = (d.done_i && !was.done ? 1U : 0) | (d.error_i && !was.error ? 2U : 0);
    done = d.done_i, error = d.error_i;
    if (accept) switch (static_cast<reg_e>(was.aw_addr & 0xFFC)) {
        case RegProgramLow: program = program >> 32 << 32 | was.w_data; break;
        case RegProgramHigh: program = (program & 0xFFFFFFFF) | uint64_t{was.w_data} << 32; break;
        case RegProgramCount: count = was.w_data; break;
        case RegTimeLimit: limit = was.w_data; break;
        case RegIrqEnable: irq_enable = was.w_data & 3; break;
        case RegIrqStatus: irq_status &= ~was.w_data; break;
        default: break;
      }
    irq_status |= set;

    counting = d.running_i, why = d.why_i;
    if (was.counting) {
      cycles = (cycles + 1) & kCounter;
      reasons[was.why] = (reasons[was.why] + 1) & kCounter;
    }
    if (d.running_i && d.param_beat_i) param = (param + 1) & kCounter;
    if (d.running_i && d.read_beat_i) read = (read + 1) & kCounter;
    if (d.running_i && d.write_beat_i) write = (write + 1) & kCounter;
    if (d.poke_i) {
      cycles = d.poke_value_i, param = cycles + 1, read = cycles + 2, write = cycles + 3;
      for (size_t i = 0; i < reasons.size(); ++i) reasons[i] = cycles + 4 + i;
    }
    if (act == 1 || act == 4) {
      cycles = param = read = write = 0;
      reasons = {};
      counting = false;
    }
    if (act == 4) {
      program = 0, count = limit = irq_enable = irq_status = 0;
      done = error = irq = false;
    }
  }
};

TEST_F(Control, RegistersAnswerAndActAsTheModelSays) {
  RegsModel model;
  const auto address = [&] {
    // Those with a function most of the time; the lowest bits are not looked at.
    const uint32_t a = chance(50)   ? 4 * static_cast<uint32_t>(rng_() % 0x22)
                       : chance(80) ? 0x100 + 4 * static_cast<uint32_t>(rng_() % 64)
                                    : static_cast<uint32_t>(rng_() % 0x1000);
    return static_cast<uint16_t>((a & ~3U) | rng_() % 4);
  };
  int busy = 50, resets = 0, starts = 0, stops = 0;
  for (int cycle = 0; cycle < 200000; ++cycle) {
    if (cycle % 256 == 0) busy = chance(30) ? 100 : chance(50) ? 60 : 15;
    if (!d_.s_axil_awvalid || d_.s_axil_awready) {
      d_.s_axil_awvalid = chance(busy);
      d_.s_axil_awaddr = chance(70) ? static_cast<uint16_t>(8 + 4 * (rng_() % 8)) : address();
    }
    if (!d_.s_axil_wvalid || d_.s_axil_wready) {
      d_.s_axil_wvalid = chance(busy);
      d_.s_axil_wdata =
          chance(60) ? static_cast<uint32_t>(rng_() % 8) : static_cast<uint32_t>(rng_());
      d_.s_axil_wstrb = static_cast<uint8_t>(chance(85) ? 15 : rng_() % 16);
    }
    if (!d_.s_axil_arvalid || d_.s_axil_arready) {
      d_.s_axil_arvalid = chance(busy);
      d_.s_axil_araddr = cycle == 0 ? 0x100  // what a high word is before that is not said
                         : chance(30) && d_.s_axil_araddr < 0xFFC ? (d_.s_axil_araddr & 0xFFC) + 4
                                                                  : address();
      if (cycle == 0) d_.s_axil_arvalid = 1;
    }
    d_.s_axil_bready = chance(60), d_.s_axil_rready = chance(60);
    if (chance(3)) d_.running_i = !d_.running_i;
    if (chance(5)) d_.done_i = chance(50);
    if (chance(5)) d_.error_i = chance(50);
    d_.bus_idle_i = chance(50);
    d_.code_i = static_cast<uint8_t>(rng_());
    d_.index_i = static_cast<uint32_t>(rng_()), d_.oldest_i = static_cast<uint32_t>(rng_());
    d_.why_i = static_cast<uint8_t>(rng_() % WhyCount);
    d_.param_beat_i = chance(30), d_.read_beat_i = chance(60), d_.write_beat_i = chance(40);
    // While nothing is counted, and no start clears it: close to where 32 bits overflow, or 48.
    d_.eval();
    d_.poke_i = !d_.running_i && !model.counting && model.control(d_) == 0 && chance(5);
    d_.poke_value_i = chance(50)   ? (rng_() % 0x10000 << 32 | 0xFFFFFFF0)
                      : chance(50) ? RegsModel::kCounter - 40
                                   : rng_() >> 17;
    d_.eval();
    const uint32_t act = model.control(d_);
    ASSERT_EQ(d_.start_o, act == 1) << cycle;
    ASSERT_EQ(d_.stop_o, act == 2) << cycle;
    ASSERT_EQ(d_.reset_o, act == 4) << cycle;
    starts += act == 1, stops += act == 2, resets += act == 4;
    model.step(d_);
    tick();
    ASSERT_EQ(d_.s_axil_awready, !model.aw) << cycle;
    ASSERT_EQ(d_.s_axil_wready, !model.w) << cycle;
    ASSERT_EQ(d_.s_axil_arready, !model.ar) << cycle;
    ASSERT_EQ(d_.s_axil_bvalid, model.b) << cycle;
    ASSERT_EQ(d_.s_axil_rvalid, model.r) << cycle;
    if (model.b) {
      ASSERT_EQ(d_.s_axil_bresp, model.b_resp) << cycle;
    }
    if (model.r) {
      ASSERT_EQ(d_.s_axil_rresp, model.r_resp) << cycle;
      ASSERT_EQ(d_.s_axil_rdata, model.r_data) << cycle << fmt::format(" {:#x}", model.ar_addr);
    }
    ASSERT_EQ(d_.program_o, model.program) << cycle;
    ASSERT_EQ(d_.count_o, model.count) << cycle;
    ASSERT_EQ(d_.limit_o, model.limit) << cycle;
    ASSERT_EQ(d_.irq_o, model.irq) << cycle;
  }
  EXPECT_GT(resets, 100);
  EXPECT_GT(starts, 100);
  EXPECT_GT(stops, 100);
}

// Commands of a program.

TEST_F(Control, CommandsAreFetchedUpToTheEndOfTheProgramOrOfItsList) {
  for (int program = 0; program < 2000; ++program) {
    d_.fetch_rst_ni = 0;
    d_.fetch_valid_i = d_.cmd_ready_i = 0;
    for (uint64_t i = 1 + rng_() % 2; i > 0; --i) tick();
    d_.fetch_rst_ni = 1;
    d_.fetch_valid_i = d_.cmd_ready_i = 1;  // and taken only after a start
    d_.eval();
    ASSERT_FALSE(d_.creq_valid_o || d_.cmd_valid_o || d_.fetch_ready_o || d_.empty_o);
    const auto count = static_cast<uint32_t>(chance(5) ? 1U << 31 : 1 + rng_() % 6);
    const auto end = static_cast<uint32_t>(chance(60) ? rng_() % 6 : 1000);  // its CmdEnd
    d_.fetch_addr_i = rng_() & 0xFFFFFFFFC0;
    d_.fetch_count_i = count;
    d_.fetch_valid_i = d_.cmd_ready_i = 0;
    d_.fetch_start_i = 1;
    tick();
    d_.fetch_start_i = 0;
    bool asked = false, offered = false;
    uint32_t next = 0;
    std::array<uint32_t, 32> word{};
    for (int cycle = 0; cycle < 60; ++cycle) {
      const bool over = next == count || next > end;
      if (!offered && chance(60)) {
        offered = true;
        for (auto& w : word) w = static_cast<uint32_t>(rng_());
        cmd_t kind{};
        kind.kind = next == end ? CmdEnd : static_cast<cmd_kind_e>(1 + rng_() % 4);
        word = kind.pack();
        word[0] = static_cast<uint32_t>(rng_());
        tb::Port(d_.fetch_i).write(word);
      }
      d_.fetch_valid_i = offered;
      d_.creq_ready_i = chance(40), d_.cmd_ready_i = chance(50);
      d_.eval();
      ASSERT_EQ(d_.creq_valid_o, !asked);
      if (!asked) {
        ASSERT_EQ(d_.creq_addr_o, d_.fetch_addr_i);
        ASSERT_EQ(d_.creq_words_o, count);
      }
      ASSERT_EQ(d_.cmd_valid_o, offered && !over) << "command " << next << " of " << count;
      ASSERT_EQ(d_.fetch_ready_o, d_.cmd_ready_i && !over);
      ASSERT_EQ(d_.empty_o, next == count && end >= count);
      if (d_.cmd_valid_o) {
        std::array<uint32_t, 32> got{};
        tb::Port(d_.cmd_o).read(got);
        ASSERT_EQ(got, word);
      }
      asked = asked || d_.creq_ready_i;
      if (offered && d_.fetch_ready_o) offered = false, ++next;
      tick();
    }
  }
}

// Tables of a program with more of them on their way than the loader holds.

TEST_F(Control, TablesAreLoadedInTheirOrderAndNoneIsLost) {
  struct Table {
    bool exp;
    uint8_t sel;
    uint64_t address;
    uint32_t index;
    std::array<uint16_t, TableEntries> data;
  };
  std::vector<Table> tables(40);
  for (uint32_t i = 0; i < tables.size(); ++i) {
    Table& t = tables[i];
    t = {chance(60), static_cast<uint8_t>(rng_() % 64), rng_() & 0xFFFFFFFFC0, 3 * i + 7, {}};
    for (auto& entry : t.data) entry = static_cast<uint16_t>(rng_());
  }
  // Tables handed over, asked for and loaded, entries sent and loaded.
  size_t handed = 0, asked = 0, sent = 0, loaded = 0, most = 0;
  bool offered = false, done = false, end = false;
  for (int cycle = 0; loaded < tables.size() * TableEntries || done; ++cycle) {
    ASSERT_LT(cycle, 100000);
    const int busy = cycle / 3000 % 3 == 0 ? 100 : 40;
    d_.table_valid_i = handed < tables.size() && (d_.table_valid_i || chance(50));
    if (d_.table_valid_i) {
      const Table& t = tables[handed];
      d_.table_exp_i = t.exp, d_.table_sel_i = t.sel;
      d_.table_addr_i = t.address, d_.table_index_i = t.index;
    }
    d_.treq_ready_i = chance(20);
    offered = sent < asked * TableEntries && (offered || chance(busy));
    d_.tab_valid_i = offered;
    if (offered) d_.tab_data_i = tables[sent / TableEntries].data[sent % TableEntries];
    d_.load_exp_ready_i = chance(busy), d_.load_table_ready_i = chance(busy);
    d_.eval();
    const size_t now = loaded / TableEntries;  // the table on its way
    ASSERT_EQ(d_.table_done_o, done) << cycle;
    if (done) {
      ASSERT_EQ(d_.table_done_exp_o, tables[now - 1].exp);
      ASSERT_EQ(d_.table_done_sel_o, tables[now - 1].sel);
    }
    ASSERT_EQ(d_.table_busy_o, now < handed) << cycle;
    if (d_.table_busy_o) {
      ASSERT_EQ(d_.table_index_o, tables[now].index) << cycle;
    }
    ASSERT_FALSE(d_.tab_ready_o && now == handed);
    ASSERT_EQ(d_.load_exp_valid_o || d_.load_table_valid_o, sent > loaded) << cycle;
    end = false;
    if (sent > loaded) {
      const Table& t = tables[now];
      ASSERT_EQ(d_.load_exp_valid_o, t.exp) << cycle;
      ASSERT_EQ(d_.load_table_valid_o, !t.exp) << cycle;
      ASSERT_EQ(d_.load_sel_o, t.sel);
      ASSERT_EQ(d_.load_addr_o, loaded % TableEntries);
      ASSERT_EQ(d_.load_data_o, t.data[loaded % TableEntries] & 0x1FF);
    }
    const bool load =
        sent > loaded && (tables[now].exp ? d_.load_exp_ready_i : d_.load_table_ready_i);
    if (offered && d_.tab_ready_o) offered = false, ++sent;
    if (d_.treq_valid_o && d_.treq_ready_i) {
      ASSERT_EQ(d_.treq_addr_o, tables[asked].address);
      ++asked;
    }
    if (d_.table_valid_i && d_.table_ready_o) d_.table_valid_i = 0, ++handed, end = true;
    if (load) ++loaded;
    done = load && loaded % TableEntries == 0;
    most = std::max(most, handed - loaded / TableEntries);
    if (end) d_.table_valid_i = 1;  // as it was at the edge
    tick();
    if (end) d_.table_valid_i = 0;
  }
  EXPECT_EQ(handed, tables.size());
  EXPECT_EQ(most, 4U);
}

}  // namespace
}  // namespace sb::test
