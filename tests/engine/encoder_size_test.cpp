// SPDX-License-Identifier: Apache-2.0
// Layers of real sizes on sb_encoder: equal to golden, and as many cycles as the words that enter
// the array, but for what the bars below allow.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "golden/encoder/float_encoder.h"
#include "golden/quantize/quantize_model.h"
#include "golden/text/tokenizer.h"
#include "tests/engine/encoder_jobs.h"
#include "tests/golden/model_folder.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using tb::EncoderRig;

tb::BusOptions bus(double bytes) {
  tb::BusOptions options;
  options.memory = {.latency = 64, .bytes_per_cycle = bytes, .outstanding = 256};
  return options;
}

// Cycles of the second of two layers, from its first word to its last; its words as second.
std::pair<uint64_t, int64_t> layer_cycles(const std::string& size, golden::BertConfig config,
                                          double bytes) {
  config.layers = 2, config.vocab = 50, config.positions = 64;
  const tb::EncoderKind kind = encoder_named(size);
  const EncoderJob job(random_encoder(config, 8, 1), kind.engine, {128}, 1);
  EncoderRig rig(kind, bus(bytes), 1, trace_options(1));
  rig.load(job.compiler.image());
  const ComparedRun run = run_compared(rig, job);
  EXPECT_EQ(run.wrong, "");
  uint64_t first = 0, last = 0;
  int64_t words = 0;
  for (size_t i = 0; i < job.program.commands.size(); ++i) {
    const auto& c = run.run.commands[i];
    if (c.issues == 0 || !job.program.notes[i].label.starts_with("layer.1.")) continue;
    if (first == 0) first = c.first_issue;
    last = c.last_issue;
    words += tb::predict(kind.engine, job.program.commands[i]).issue;
  }
  return {last - first + 1, words};
}

// The bars: 99.98 % of the words' cycles at M = 32, 99.95 % at M = 64. Neurons that the
// quantization splits come on top of 3072 and 1536.
TEST(EncoderLayer, OfBertBaseTakesItsWordsAtM32) {
  const auto [cycles, words] = layer_cycles("m32", {.hidden = 768, .heads = 12, .ffn = 3072}, 16);
  EXPECT_GE(words, 909312);
  EXPECT_LE(static_cast<double>(cycles) * 0.9998, static_cast<double>(words));
}

TEST(EncoderLayer, OfMiniLmTakesItsWordsAtM64) {
  const auto [cycles, words] = layer_cycles("m64", {.hidden = 384, .heads = 12, .ffn = 1536}, 64);
  EXPECT_LE(static_cast<double>(cycles) * 0.9995, static_cast<double>(words));
}

TEST(EncoderLayer, RealMiniLmTakesASentenceFromTextToEmbedding) {
  SB_NEED_MODEL();
  const auto folder = golden::model_folder();
  const golden::BertModel model = golden::load_bert(folder);
  const auto ids = golden::Tokenizer::load(folder).encode("That is a happy person");
  golden::QuantizeOptions options;
  options.gptq = options.weigh_clip = false;  // they take the time
  const golden::IntBert integer = golden::quantize_model(model, {ids}, options);
  const tb::EncoderKind kind = encoder_named("m32");
  EncoderJob job(integer, kind.engine, {static_cast<int>(ids.size())}, 1);
  job.inputs[0] = golden::quantize_embeddings(integer, golden::embeddings(model, ids));
  job.expected[0] = golden_run(integer, job.inputs[0]).values;
  EncoderRig rig(kind, bus(16), 1, trace_options(1));
  rig.load(job.compiler.image());
  const ComparedRun run = run_compared(rig, job);
  ASSERT_EQ(run.wrong, "");
  const golden::VectorF vector = golden::l2_normalize(
      golden::mean_pool(golden::dequantize_output(integer, run.run.results[0])));
  EXPECT_GT(vector.dot(golden::sentence_embedding(model, ids)), 0.99);
}

}  // namespace
}  // namespace sb::test
