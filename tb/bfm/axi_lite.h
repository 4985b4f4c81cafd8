// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>

#include "tb/bfm/axi.h"
#include "tb/bfm/stall.h"
#include "tb/sim/clock.h"

namespace sb::tb {

/// Pauses of the channels of an AXI4-Lite master: before an address or data is offered, before an
/// answer is taken.
struct AxiLiteStalls {
  StallPolicy aw = {}, w = {}, b = {}, ar = {}, r = {};
};

/// Carries out one access at a time. valid never waits for ready; a write's address and data are
/// offered apart from each other, either first. While nothing is offered the data pins carry noise.
class AxiLiteMaster : public Component {
 public:
  explicit AxiLiteMaster(AxiLitePins pins, const AxiLiteStalls& stalls = {}, uint64_t seed = 1);

  /// Starts an access; the one before is done.
  void read(uint32_t address);
  void write(uint32_t address, uint32_t data, uint8_t strobes = 0xF);
  /// Of the access that is done.
  uint32_t data() const { return data_; }
  AxiResponse response() const { return response_; }
  /// Forgets an access under way: the slave is in reset.
  void reset();

  void sample() override;
  void drive() override;
  bool done() const override { return state_ == State::Idle; }
  std::string pending() const override;

 private:
  enum class State { Idle, Read, Write };
  // One side of a handshake in which this end offers.
  struct Offer {
    bool wanted = false, offered = false, fired = false;
  };
  void offer(Offer& offer, Stall& stall, uint8_t* valid);

  AxiLitePins pins_;
  Stall aw_stall_, w_stall_, b_stall_, ar_stall_, r_stall_;
  std::mt19937 rng_;
  AxiStability b_stable_, r_stable_;
  State state_ = State::Idle;
  Offer aw_, w_, ar_;
  uint32_t address_ = 0, write_data_ = 0, data_ = 0;
  uint8_t strobes_ = 0;
  AxiResponse response_ = AxiResponse::Okay;
  uint64_t cycle_ = 0;
};

}  // namespace sb::tb
