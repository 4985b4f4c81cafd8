// SPDX-License-Identifier: Apache-2.0
#include "tb/bfm/axi_lite.h"

#include <fmt/format.h>

#include <array>

#include "tb/sim/error.h"

namespace sb::tb {

AxiLiteMaster::AxiLiteMaster(AxiLitePins pins, const AxiLiteStalls& stalls, uint64_t seed)
    : pins_(std::move(pins)),
      aw_stall_(stalls.aw, seed * 8 + 1),
      w_stall_(stalls.w, seed * 8 + 2),
      b_stall_(stalls.b, seed * 8 + 3),
      ar_stall_(stalls.ar, seed * 8 + 4),
      r_stall_(stalls.r, seed * 8 + 5),
      rng_(static_cast<uint32_t>(seed)),
      b_stable_(pins_.name + " b"),
      r_stable_(pins_.name + " r") {
  reset();
}

void AxiLiteMaster::reset() {
  state_ = State::Idle;
  aw_ = w_ = ar_ = {};
  *pins_.aw.valid = *pins_.w.valid = *pins_.ar.valid = *pins_.b.ready = *pins_.r.ready = 0;
  b_stable_.reset(), r_stable_.reset();
}

void AxiLiteMaster::read(uint32_t address) {
  state_ = State::Read;
  address_ = address;
  ar_ = {.wanted = true};
}

void AxiLiteMaster::write(uint32_t address, uint32_t data, uint8_t strobes) {
  state_ = State::Write;
  address_ = address, write_data_ = data, strobes_ = strobes;
  aw_ = w_ = {.wanted = true};
}

void AxiLiteMaster::sample() {
  ++cycle_;
  aw_.fired = aw_.offered && *pins_.aw.ready;
  w_.fired = w_.offered && *pins_.w.ready;
  ar_.fired = ar_.offered && *pins_.ar.ready;
  b_stable_.sample(cycle_, *pins_.b.valid, *pins_.b.ready,
                   [&] { return std::vector<uint32_t>{*pins_.b.resp}; });
  r_stable_.sample(cycle_, *pins_.r.valid, *pins_.r.ready, [&] {
    return std::vector<uint32_t>{*pins_.r.resp, *pins_.r.data};
  });
  const auto answered = [&](bool may, const char* channel, uint8_t response) {
    if (!may)
      throw SimError(
          fmt::format("{} {}: cycle {}: an answer without a request", pins_.name, channel, cycle_));
    response_ = static_cast<AxiResponse>(response);
    state_ = State::Idle;
  };
  if (*pins_.b.valid) {
    const bool sent = state_ == State::Write && !aw_.wanted && !w_.wanted;
    if (!sent || *pins_.b.ready) answered(sent, "b", *pins_.b.resp);
  }
  if (*pins_.r.valid) {
    const bool sent = state_ == State::Read && !ar_.wanted;
    if (sent && *pins_.r.ready) data_ = *pins_.r.data;
    if (!sent || *pins_.r.ready) answered(sent, "r", *pins_.r.resp);
  }
}

void AxiLiteMaster::offer(Offer& offer, Stall& stall, uint8_t* valid) {
  if (offer.fired) offer = {};
  if (!offer.offered) offer.offered = offer.wanted && !stall.next();
  *valid = offer.offered;
}

void AxiLiteMaster::drive() {
  offer(aw_, aw_stall_, pins_.aw.valid);
  offer(w_, w_stall_, pins_.w.valid);
  offer(ar_, ar_stall_, pins_.ar.valid);
  const auto noise = static_cast<uint32_t>(rng_());
  pins_.aw.addr.write(std::array{aw_.offered ? address_ : 0});
  *pins_.w.data = w_.offered ? write_data_ : noise;
  *pins_.w.strb = static_cast<uint8_t>(w_.offered ? strobes_ : noise & 0xF);
  pins_.ar.addr.write(std::array{ar_.offered ? address_ : 0});
  *pins_.b.ready = b_stall_.next() ? 0 : 1;
  *pins_.r.ready = r_stall_.next() ? 0 : 1;
}

std::string AxiLiteMaster::pending() const {
  return fmt::format("{}: {} of {:#x}", pins_.name, state_ == State::Read ? "read" : "write",
                     address_);
}

}  // namespace sb::tb
