// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/saturation.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "golden/base/clamp.h"
#include "golden/base/parallel.h"
#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"

namespace sb::golden {
namespace {

// "layer.3.attention.scores.7" is one of "layer.3.attention.scores".
std::string without_head(const std::string& name) {
  const size_t dot = name.rfind('.');
  return name.find_first_not_of("0123456789", dot + 1) == std::string::npos ? name.substr(0, dot)
                                                                            : name;
}

// None for what comes out of a table.
std::optional<Clamp> clamp_of(const IntBert& model, const std::string& name) {
  const auto ends = [&](const char* what) { return name.ends_with(what); };
  if (ends(".exp") || ends(".gelu")) return std::nullopt;
  if (ends(".input")) return model.input_operand.bits == 9 ? Clamp::S9 : Clamp::S8;
  if (ends(".dense") || ends(".ffn2") || ends(".sum") || ends(".h") || ends(".x"))
    return Clamp::S16;
  return Clamp::S8;
}

}  // namespace

std::vector<TensorSaturation> saturation(const IntModel& model,
                                         const std::vector<std::vector<int32_t>>& texts) {
  std::map<std::string, TensorSaturation> total;
  std::mutex mutex;
  parallel_for(texts.size(), [&](size_t text) {
    std::map<std::string, TensorSaturation> here;
    IntObserver observer;
    observer.value = [&](const std::string& full, const MatrixI16& value) {
      const std::string name = without_head(full);
      const auto clamp = clamp_of(model.encoder, name);
      if (!clamp) return;
      const int low = clamp_min(*clamp), high = clamp_max(*clamp);
      here[name].values += value.size();
      here[name].saturated += std::count_if(value.data(), value.data() + value.size(),
                                            [&](int code) { return code <= low || code >= high; });
    };
    int_encode(model.encoder,
               quantize_embeddings(model.encoder, embeddings(model.host, texts[text])), {},
               observer);
    const std::scoped_lock lock(mutex);
    for (const auto& [name, tensor] : here) {
      total[name].values += tensor.values;
      total[name].saturated += tensor.saturated;
      total[name].texts += tensor.saturated > 0 ? 1 : 0;
    }
  });
  std::vector<TensorSaturation> result;
  for (auto& [name, tensor] : total) {
    tensor.name = name;
    result.push_back(std::move(tensor));
  }
  return result;
}

}  // namespace sb::golden
