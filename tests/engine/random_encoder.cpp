// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/random_encoder.h"

#include <algorithm>
#include <random>

#include "golden/model/random_bert.h"
#include "golden/quantize/quantize_model.h"

namespace sb::test {

golden::IntBert random_encoder(const golden::BertConfig& config, int activation_bits,
                               uint64_t seed) {
  const golden::BertModel model = golden::random_bert(config, seed);
  golden::QuantizeOptions options;
  options.activation_bits = activation_bits;
  options.gptq = options.weigh_clip = false;  // takes the time
  std::mt19937_64 rng(seed);
  golden::TokenLists texts;
  for (int t = 0; t < 2; ++t) {
    std::vector<int32_t> ids;
    for (int i = 0; i < std::min(6, config.positions); ++i)
      ids.push_back(static_cast<int32_t>(rng() % static_cast<uint64_t>(config.vocab)));
    texts.push_back(ids);
  }
  return golden::quantize_model(model, texts, options);
}

golden::BertConfig random_shape(int m, uint64_t seed) {
  std::mt19937_64 rng(seed);
  const auto uniform = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(rng);
  };
  golden::BertConfig c;
  const std::vector<int> widths{1, 2, m / 2, m - 1, m, m + 1, 2 * m, uniform(1, 2 * m + 1)};
  const int width = widths[static_cast<size_t>(uniform(0, 7))];
  c.heads = uniform(1, width < m ? 9 : 4);  // small ones share blocks
  if (width * c.heads < 2) c.heads = 2;
  c.hidden = width * c.heads;
  c.layers = uniform(1, 3);
  c.ffn = uniform(1, 4 * m);
  c.vocab = 50;
  c.positions = 64;
  return c;
}

golden::MatrixI16 random_rows(const golden::IntBert& model, int tokens, uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> normal(0, 6000);
  golden::MatrixI16 x(tokens, model.config.hidden);
  for (Eigen::Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<int16_t>(std::clamp(normal(rng), -32768.0, 32767.0));
  return x;
}

GoldenRun golden_run(const golden::IntBert& model, const golden::MatrixI16& x) {
  GoldenRun run;
  run.values["input"] = x;
  golden::IntObserver observer;
  observer.value = [&](const std::string& name, const golden::MatrixI16& value) {
    run.values[name] = value;
  };
  run.output = golden::int_encode(model, x, {}, observer);
  return run;
}

}  // namespace sb::test
