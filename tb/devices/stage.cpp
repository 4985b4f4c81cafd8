// SPDX-License-Identifier: Apache-2.0
#include "tb/devices/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "tb/devices/stage_model.h"

namespace sb::tb {
namespace {

// Notes when words of a stream are handed over, and takes the words of one without ready.
class Observer : public Component {
 public:
  Observer(const StreamPins& pins, const Clock& clock, std::vector<uint64_t>* cycles,
           std::vector<uint32_t>* words)
      : pins_(pins), clock_(clock), cycles_(cycles), words_(words), word_(pins.data.words()) {}
  void sample() override {
    if (pins_.valid == nullptr || !*pins_.valid || (pins_.ready != nullptr && !*pins_.ready))
      return;
    if (cycles_ != nullptr) cycles_->push_back(clock_.cycles());
    if (words_ == nullptr) return;
    pins_.data.read(word_);
    words_->insert(words_->end(), word_.begin(), word_.end());
  }

 private:
  const StreamPins& pins_;
  const Clock& clock_;
  std::vector<uint64_t>* cycles_;
  std::vector<uint32_t>* words_;
  std::vector<uint32_t> word_;
};

const StageEntry& entry_of(const std::string& name, int m) {
  for (const StageEntry& e : stage_entries())
    if (e.name == name && e.m == m) return e;
  throw InputError(fmt::format("this build has no stage {} with {} lanes", name, m));
}

}  // namespace

std::vector<int> stage_sizes(const std::string& name) {
  std::vector<int> sizes;
  for (const StageEntry& e : stage_entries())
    if (e.name == name) sizes.push_back(e.m);
  return sizes;
}

std::unique_ptr<Stage> make_stage(const std::string& name, int m, uint64_t seed,
                                  const TraceOptions& trace) {
  const StageEntry& e = entry_of(name, m);
  return e.make(e, seed, trace);
}

int stage_columns(const std::string& name, int m) { return m * entry_of(name, m).max_words; }

StageRun run_stage(Stage& stage, std::span<const uint32_t> words, uint64_t expected,
                   const StageOptions& options) {
  StageRun run;
  const std::size_t in_words = stage.in.data.words();
  WordSource source = words_of(std::vector<uint32_t>(words.begin(), words.end()));
  if (options.tamper)
    source = [plain = source, &options, index = uint64_t{0}](std::span<uint32_t> word) mutable {
      while (plain(word))
        if (options.tamper(false, index++, word)) return true;
      return false;
    };
  std::vector<uint32_t> copy(stage.out.data.words());
  uint64_t out_index = 0;
  const auto keep = [&](std::span<const uint32_t> word, bool last) {
    std::copy(word.begin(), word.end(), copy.begin());
    if (options.tamper && !options.tamper(true, out_index++, copy)) return;
    run.words.insert(run.words.end(), copy.begin(), copy.end());
    run.last.push_back(last);
  };
  StreamDriver driver(stage.in, source, options.input_stall, options.seed * 4 + 1);
  StreamSink sink(stage.out, expected, keep, options.output_stall, options.seed * 4 + 2);
  StreamMonitor monitor(stage.out);
  Clock& clock = stage.clock();
  Observer taken(stage.in, clock, &run.taken, nullptr),
      arrived(stage.out, clock, &run.arrived, nullptr);
  Observer statistics(stage.statistics, clock, nullptr, &run.statistics);
  clock.clear();
  // However the run ends: the components above end with it.
  const auto leave = [](Clock* c) { c->clear(); };
  const std::unique_ptr<Clock, decltype(leave)> guard(&clock, leave);
  for (Component* c :
       std::initializer_list<Component*>{&driver, &sink, &monitor, &taken, &arrived, &statistics})
    clock.add(*c);
  const double slow = options.input_stall.slowdown() * options.output_stall.slowdown();
  const double sent = static_cast<double>(words.size()) / static_cast<double>(in_words);
  clock.run(static_cast<uint64_t>((sent + static_cast<double>(expected) + 1000) * slow * 2));
  // What is still on its way: statistics, and words that must not be there.
  for (int i = 0; i < 64; ++i) clock.tick();
  return run;
}

}  // namespace sb::tb
