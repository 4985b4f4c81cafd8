// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tb/bfm/stream.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// One simulated stand-alone stage (rtl/top/sb_*_top): a stream of words in, one out, a write port
/// for tables or channel words, and settings that hold still while words are under way.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual Clock& clock() = 0;
  virtual void reset(int cycles = 3) = 0;
  virtual void close_trace() = 0;
  /// Writes one word through the write port.
  virtual void load(int address, std::span<const uint32_t> word) = 0;

  int m = 0;          ///< lanes
  int max_words = 0;  ///< words of the longest row; 0: no limit
  /// Cycles from a word taken to its result, without stalls. From the first word of a row to its
  /// first result: less twice the row's words in softmax, less its words in layernorm.
  int latency = 0;
  StreamPins in, out;
  std::map<std::string, Port> settings;
  const uint8_t* error = nullptr;  ///< softmax and layernorm: a row was longer than max_words
  StreamPins statistics;           ///< residual only: valid and data, no ready
};

/// The stages of this build: "table", "requant", "residual", "softmax", "layernorm".
std::vector<int> stage_sizes(const std::string& name);
/// Columns of the longest row that such a stage takes; 0: any. InputError as make_stage.
int stage_columns(const std::string& name, int m);
/// A stage with the given number of lanes (one of stage_sizes, else InputError), in reset.
std::unique_ptr<Stage> make_stage(const std::string& name, int m, uint64_t seed = 1,
                                  const TraceOptions& trace = {});

struct StageOptions {
  StallPolicy input_stall, output_stall;
  uint64_t seed = 1;
  /// For tests of the checkers: sees each word with its index before it is sent (out = false) or
  /// kept (true), may change it; returning false drops it.
  std::function<bool(bool out, uint64_t index, std::span<uint32_t> word)> tamper;
};

/// What came out, word by word.
struct StageRun {
  std::vector<uint32_t> words;       ///< of the output stream, one after the other
  std::vector<uint8_t> last;         ///< its last flag, per word
  std::vector<uint64_t> taken;       ///< cycle in which each input word was taken
  std::vector<uint64_t> arrived;     ///< cycle in which each output word was taken
  std::vector<uint32_t> statistics;  ///< words of the statistics pins
};

/// Sends words (a multiple of the input's width) and collects `expected` output words. Throws
/// SimError when they do not come, when more come or when the RTL objects.
StageRun run_stage(Stage& stage, std::span<const uint32_t> words, uint64_t expected,
                   const StageOptions& options = {});

}  // namespace sb::tb
