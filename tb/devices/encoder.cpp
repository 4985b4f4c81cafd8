// SPDX-License-Identifier: Apache-2.0
#include "tb/devices/encoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

constexpr uint8_t kNoRun = 15;             // of Encoder::why
constexpr uint64_t kAccessLimit = 10'000;  // cycles of a register access

struct Entry {
  EncoderKind kind;
  EncoderRegistration::Make make;
};

std::vector<Entry>& entries() {
  static std::vector<Entry> all;
  return all;
}

}  // namespace

EncoderRegistration::EncoderRegistration(const EncoderKind& kind, Make make) {
  const auto before = [](const Entry& a, const Entry& b) {
    return std::pair(a.kind.engine.m, a.kind.engine.act_bits) <
           std::pair(b.kind.engine.m, b.kind.engine.act_bits);
  };
  const Entry entry{kind, make};
  entries().insert(std::ranges::upper_bound(entries(), entry, before), entry);
}

std::vector<EncoderKind> encoder_kinds() {
  std::vector<EncoderKind> kinds;
  for (const Entry& e : entries()) kinds.push_back(e.kind);
  return kinds;
}

std::unique_ptr<Encoder> make_encoder(const std::string& name, uint64_t seed,
                                      const TraceOptions& trace) {
  for (const Entry& e : entries())
    if (e.kind.name == name) return e.make(seed, trace);
  throw InputError(fmt::format("no encoder of size {}", name));
}

EncoderWatch::EncoderWatch(Encoder& encoder)
    : encoder_(encoder),
      index_(encoder.view.index.words()),
      addr_(encoder.view.addr.words()),
      word_(std::max(encoder.view.data[CoreView::Result].words(),
                     encoder.view.data[CoreView::Sum].words())) {}

void EncoderWatch::start(size_t commands) {
  commands_.assign(commands, {});
  spans_.clear();
  lost_ = {};
  cycle_ = quiet_ = issues_ = 0;
}

void EncoderWatch::sample() {
  const CoreView& v = encoder_.view;
  ++quiet_;
  if (*encoder_.why != kNoRun) {
    if (cycle_++ == 0) clock_offset_ = encoder_.clock().cycles() - 1;
    if (spans_.empty() || spans_.back().why != *encoder_.why) spans_.push_back({*encoder_.why, 0});
    ++spans_.back().cycles;
    if (*v.issue) {
      quiet_ = 0;
      ++issues_;
      if (const uint32_t i = *v.issue_index; i < commands_.size()) {
        Command& c = commands_[i];
        if (c.issues++ == 0) c.first_issue = cycle_;
        c.last_issue = cycle_;
        for (size_t r = 0; r < kReasons; ++r) c.lost[r] += lost_[r];
      }
      lost_ = {};
    } else {
      ++lost_[*encoder_.why];
    }
  }
  if (*v.write != 0) {
    quiet_ = 0;
    if (on_write) report_writes();
  }
}

void EncoderWatch::report_writes() {
  const CoreView& v = encoder_.view;
  v.index.read(index_);
  v.addr.read(addr_);
  for (int k = 0; k < CoreView::kKinds; ++k) {
    if ((*v.write >> k & 1) == 0) continue;
    const Port& data = v.data[static_cast<size_t>(k)];
    const auto word = std::span(word_).first(data.words());
    data.read(word);
    on_write({static_cast<CoreView::Kind>(k), index_[static_cast<size_t>(k)], *v.bank >> k & 1,
              static_cast<int64_t>(get_lane(addr_, k, 16)), word, encoder_.clock().cycles()});
  }
}

EncoderKind encoder_kind(int m, int bits) {
  std::string there;
  for (const EncoderKind& k : encoder_kinds()) {
    if (k.engine.m == m && k.engine.act_bits >= bits) return k;
    there +=
        fmt::format("{}{} ({} bits)", there.empty() ? "" : ", ", k.engine.m, k.engine.act_bits);
  }
  throw InputError(
      fmt::format("M = {} with {} bits: this build has encoders of M = {}", m, bits, there));
}

EncoderBus::EncoderBus(Encoder& encoder, const BusOptions& options)
    : encoder_(encoder),
      options_(options),
      memory_(encoder.memory, options.memory, options.seed * 2),
      registers_(encoder.registers, options.registers, options.seed * 2 + 1),
      watch_(encoder) {
  attach();
}

void EncoderBus::attach() {
  for (Component* c : {static_cast<Component*>(&memory_), static_cast<Component*>(&registers_),
                       static_cast<Component*>(&watch_)})
    encoder_.clock().add(*c);
}

EncoderBus::~EncoderBus() { encoder_.clock().clear(); }

void EncoderBus::access() {
  encoder_.clock().run(kAccessLimit);
  if (registers_.response() != AxiResponse::Okay)
    throw SimError(fmt::format("{} answers with error {}", registers_.pending(),
                               static_cast<int>(registers_.response())));
}

uint32_t EncoderBus::read_register(uint32_t address) {
  registers_.read(address);
  access();
  return registers_.data();
}

void EncoderBus::write_register(uint32_t address, uint32_t value) {
  registers_.write(address, value);
  access();
}

void EncoderBus::read_memory(uint64_t address, std::span<uint8_t> bytes) {
  std::ranges::copy(memory_.bytes(address, bytes.size()), bytes.begin());
}

void EncoderBus::write_memory(uint64_t address, std::span<const uint8_t> bytes) {
  // Whole 4 KiB: a burst does not end with the last byte that means something.
  constexpr uint64_t kPage = 4096;
  const uint64_t end = (address + bytes.size() + kPage - 1) / kPage * kPage;
  if (end > memory_.size()) memory_.resize(end);
  std::ranges::copy(bytes, memory_.bytes(address, bytes.size()).begin());
}

bool EncoderBus::wait_interrupt() {
  constexpr uint64_t kSometimes = 1 << 14;
  for (uint64_t n = 1; *encoder_.irq == 0; ++n) {
    if (watch_.quiet() > options_.patience) return false;
    encoder_.clock().tick();
    if (n % kSometimes == 0 && on_wait) on_wait();
  }
  return true;
}

void EncoderBus::reset() {
  // Words that wait may fall in a reset: nobody looks.
  encoder_.clock().clear();
  encoder_.reset();
  registers_.reset();
  memory_.reset();
  attach();
}

}  // namespace sb::tb
