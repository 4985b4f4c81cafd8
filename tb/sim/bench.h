// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>
#include <verilated_fst_c.h>

#include <concepts>
#include <limits>
#include <memory>
#include <string>

#include "tb/sim/clock.h"
#include "tb/sim/error.h"

namespace sb::tb {

/// What to record as a waveform: an FST file, from cycle `from` up to cycle `to`.
struct TraceOptions {
  std::string file;  ///< empty: no waveform
  uint64_t from = 0;
  uint64_t to = std::numeric_limits<uint64_t>::max();
};

/// A Verilated model (clock pin clk_i, synchronous active-low reset rst_ni) with its own context:
/// random initial values from the seed, waveform on request. Assertions of the RTL become SimError.
template <class Model>
class Bench {
 public:
  explicit Bench(uint64_t seed = 1, const TraceOptions& trace = {}) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);
    context_.traceEverOn(!trace.file.empty());
    model_ = std::make_unique<Model>(&context_);
    if (!trace.file.empty()) {
      if constexpr (requires(Model & m, VerilatedFstC * fst) { m.trace(fst, 99); }) {
        fst_ = std::make_unique<VerilatedFstC>();
        model_->trace(fst_.get(), 99);
        fst_->open(trace.file.c_str());
        if (!fst_->isOpen()) throw InputError("cannot write the waveform file " + trace.file);
      } else {
        throw InputError("this build has no waveforms; use the dev or the trace preset");
      }
    }
    clock_ = std::make_unique<Clock>(
        model_->clk_i, [this] { model_->eval(); }, make_dump(trace));
    model_->rst_ni = 0;
    model_->eval();
  }
  ~Bench() {
    // Verilator takes scopes out of the context of this thread, which may be that of another model,
    // or gone.
    Verilated::threadContextp(&context_);
    close_trace();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// Holds reset for some cycles. Call once all inputs have their idle values.
  void reset(int cycles = 3) {
    model_->rst_ni = 0;
    for (int i = 0; i < cycles; ++i) clock_->tick();
    model_->rst_ni = 1;
    model_->eval();
  }

  Model& operator*() { return *model_; }
  Model* operator->() { return model_.get(); }
  Clock& clock() { return *clock_; }
  /// Writes out and closes the waveform file.
  void close_trace() {
    if (fst_) fst_->close();
    fst_.reset();
  }

 private:
  std::function<void(uint64_t)> make_dump(const TraceOptions& trace) {
    if (!fst_) return {};
    return [this, from = trace.from, to = trace.to](uint64_t half) {
      if (fst_ && half / 2 >= from && half / 2 <= to) fst_->dump(half);
    };
  }

  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<VerilatedFstC> fst_;
  std::unique_ptr<Clock> clock_;
};

}  // namespace sb::tb
