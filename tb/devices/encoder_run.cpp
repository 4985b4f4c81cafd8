// SPDX-License-Identifier: Apache-2.0
#include "tb/devices/encoder_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::tb {

void TensorCheck::compare(const std::string& tensor, int sequence, int row, int column, int got,
                          int expected, uint32_t command, uint64_t cycle) {
  ++checked_;
  if (got == expected) return;
  if (mismatches_++ == 0)
    first_ = TensorMismatch{tensor, sequence, row, column, got, expected, command, cycle};
}

golden::MatrixI16* TensorCheck::kept(int sequence, const std::string& tensor,
                                     const golden::MatrixI16& expected) {
  if (kept_ == nullptr) return nullptr;
  kept_->resize(expected_.size());
  golden::MatrixI16& values = (*kept_)[static_cast<size_t>(sequence)][tensor];
  if (values.size() == 0) values = golden::MatrixI16::Zero(expected.rows(), expected.cols());
  return &values;
}

void TensorCheck::see(const EncoderWatch::Write& write) {
  if (write.kind == CoreView::Maximum || write.kind == CoreView::Constant) return;
  const bool activation = write.kind == CoreView::Result || write.kind == CoreView::Operand;
  const auto where = activation ? TensorPart::Memory::Activation : TensorPart::Memory::Residual;
  const int bits = activation ? program_.engine.act_bits : 16;
  if (write.command >= program_.commands.size())
    throw SimError(fmt::format("cycle {}: a write of command {}, the program has {}", write.cycle,
                               write.command, program_.commands.size()));
  const auto word = program_.locate(write.command, where, write.bank, write.address);
  if (!word)
    throw SimError(
        fmt::format("cycle {}: word {} of {} bank {} is none that this command writes: {}",
                    write.cycle, write.address, activation ? "activation" : "residual", write.bank,
                    program_.line(write.command)));
  const Tensors& tensors = expected_[static_cast<size_t>(word->sequence)];
  const auto tensor = tensors.find(word->name);
  if (tensor == tensors.end()) throw InputError("no tensor to compare with " + word->name);
  int64_t& seen = seen_[{word->sequence, word->name}];
  golden::MatrixI16* const keep = kept(word->sequence, word->name, tensor->second);
  for (size_t lane = 0; lane < word->columns.size(); ++lane) {
    const int column = word->columns[lane];
    if (column < 0) continue;
    ++seen;
    const auto code = static_cast<uint16_t>(tensor->second(word->row, column));
    const auto got = static_cast<int>(get_signed_lane(write.word, static_cast<int>(lane), bits));
    if (keep != nullptr) (*keep)(word->row, column) = static_cast<int16_t>(got);
    compare(word->name, word->sequence, word->row, column, got,
            static_cast<int>(sign_extend(code, bits)), write.command, write.cycle);
  }
}

void TensorCheck::see_results(std::span<const golden::MatrixI16> results,
                              const std::string& tensor) {
  for (size_t s = 0; s < results.size(); ++s) {
    const golden::MatrixI16& expected = expected_[s].at(tensor);
    // The command that stored it.
    uint32_t command = 0;
    for (uint32_t c = 0; c < program_.commands.size(); ++c)
      for (const TensorPart& t : program_.notes[c].tensors)
        if (t.memory == TensorPart::Memory::External &&
            std::ranges::count(program_.passes[static_cast<size_t>(t.pass)].sequences,
                               static_cast<int>(s)) != 0)
          command = c;
    for (Eigen::Index r = 0; r < expected.rows(); ++r)
      for (Eigen::Index c = 0; c < expected.cols(); ++c)
        compare(tensor, static_cast<int>(s), static_cast<int>(r), static_cast<int>(c),
                results[s](r, c), expected(r, c), command, 0);
    if (auto* const keep = kept(static_cast<int>(s), tensor, expected)) *keep = results[s];
    seen_[{static_cast<int>(s), tensor}] += expected.size();
  }
}

std::vector<std::string> TensorCheck::missing() const {
  std::vector<std::string> names;
  for (size_t s = 0; s < expected_.size(); ++s)
    for (const auto& [name, value] : expected_[s]) {
      // Products before a table or an addition, and the codes of exp, lie in no memory.
      const bool inside = name.ends_with(".dense") || name.ends_with(".ffn1") ||
                          name.ends_with(".ffn2") || name.find(".exp.") != std::string::npos;
      const auto at = seen_.find({static_cast<int>(s), name});
      if (!inside && (at == seen_.end() || at->second < value.size()))
        names.push_back(fmt::format("{} of sequence {}", name, s));
    }
  return names;
}

EncoderRig::EncoderRig(const EncoderKind& kind, const BusOptions& options, uint64_t seed,
                       const TraceOptions& trace)
    : encoder_(make_encoder(kind.name, seed, trace)), bus_(*encoder_, options), driver_(bus_) {
  if (driver_.parameters() != kind.engine)
    throw SimError("the identity registers of " + kind.name + " are not its parameters");
}

void EncoderRig::load(const EngineImage& image) {
  driver_.load(image);
  images_.push_back({image.base(), image.bytes().size()});
}

uint64_t EncoderRig::program_base() const {
  uint64_t end = 0;
  for (const AxiRegion& r : images_) end = std::max(end, r.first + r.count);
  constexpr auto kAlign = static_cast<uint64_t>(sb_engine_pkg::StreamAlign);
  return (end + kAlign - 1) / kAlign * kAlign;
}

EncoderRun EncoderRig::run(const EngineProgram& program, std::span<const golden::MatrixI16> inputs,
                           TensorCheck* check) {
  std::vector<AxiRegion> outputs;
  for (int p = 0; p < static_cast<int>(program.passes.size()); ++p)
    outputs.push_back({program.passes[static_cast<size_t>(p)].output, program.output_bytes(p)});
  AxiMemory& memory = bus_.memory();
  memory.allow_writes(outputs);
  EncoderRun run;
  memory.on_read = [&](uint64_t address, uint64_t bytes) {
    for (const AxiRegion& r : images_)
      if (address >= r.first && address < r.first + r.count) run.parameter_bytes += bytes;
  };
  EncoderWatch& watch = bus_.watch();
  watch.start(program.commands.size());
  watch.on_write = {};
  if (check != nullptr) watch.on_write = [check](const EncoderWatch::Write& w) { check->see(w); };
  driver_.prepare(program, inputs);
  const uint64_t read = memory.bytes_read(), written = memory.bytes_written();
  const auto wall = std::chrono::steady_clock::now();
  const auto cpu = std::clock();
  driver_.start(program);
  static_cast<EngineRun&>(run) = driver_.wait(program);
  run.cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  run.bytes_read = memory.bytes_read() - read;
  run.bytes_written = memory.bytes_written() - written;
  run.commands = watch.commands();
  run.spans = watch.spans();
  run.clock_offset = watch.clock_offset();
  watch.on_write = {};
  memory.on_read = {};
  return run;
}

}  // namespace sb::tb
