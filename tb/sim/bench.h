// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif

#include <concepts>
#include <limits>
#include <memory>
#include <string>

#include "tb/sim/clock.h"
#include "tb/sim/coverage.h"
#include "tb/sim/error.h"
#if VM_COVERAGE
#include <verilated_cov.h>
#endif
#include "tb/sim/waveform.h"

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
  explicit Bench(uint64_t seed = 1, const TraceOptions& trace = {}) : trace_(trace) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);
    context_.traceEverOn(!trace.file.empty());
    model_ = std::make_unique<Model>(&context_);
    if (!trace.file.empty()) {
#if VM_TRACE
      fst_ = std::make_unique<VerilatedFstC>();
      model_->trace(fst_.get(), 99);
      fst_->open(trace.file.c_str());
      if (!fst_->isOpen()) throw InputError("cannot write the waveform file " + trace.file);
#else
      throw InputError("this build has no waveforms; use the dev or the trace preset");
#endif
    }
    clock_ = std::make_unique<Clock>(
        model_->clk_i, [this] { model_->eval(); }, make_dump());
    model_->rst_ni = 0;
    model_->eval();
  }
  ~Bench() {
    // Verilator takes scopes out of the context of this thread, which may be that of another model,
    // or gone.
    Verilated::threadContextp(&context_);
    try {
      close_trace();
    } catch (const InputError&) {  // whoever wants to know closes it before
    }
#if VM_COVERAGE
    collect_coverage(*context_.coveragep());
#endif
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// Holds reset for some cycles. Call once all inputs have their idle values.
  void reset(int cycles = 3) {
    model_->rst_ni = 0;
    model_->eval();  // resets made of this one, too, are low at the first edge
    for (int i = 0; i < cycles; ++i) clock_->tick();
    model_->rst_ni = 1;
    model_->eval();
  }

  Model& operator*() { return *model_; }
  Model* operator->() { return model_.get(); }
  Clock& clock() { return *clock_; }
  /// Writes out and closes the waveform file and writes its save file; InputError as
  /// finish_waveform.
  void close_trace() {
#if VM_TRACE
    if (!fst_) return;
    fst_->close();
    fst_.reset();
    finish_waveform(trace_.file, dumps_, clock_->cycles());
#endif
  }

 private:
  std::function<void(uint64_t)> make_dump() {
#if VM_TRACE
    if (fst_)
      return [this](uint64_t half) {
        if (!fst_ || half / 2 < trace_.from || half / 2 > trace_.to) return;
        fst_->dump(half);
        ++dumps_;
      };
#endif
    return {};
  }

  TraceOptions trace_;
  uint64_t dumps_ = 0;
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> fst_;
#endif
  std::unique_ptr<Clock> clock_;
};

}  // namespace sb::tb
