// SPDX-License-Identifier: Apache-2.0
// bertsim layer: encoder layers of a stated size, or some of a real model, on the encoder engine.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "golden/base/error.h"
#include "golden/model/random_bert.h"
#include "golden/quantize/quantize_model.h"
#include "tb/cli/commands.h"
#include "tb/cli/engine_cli.h"
#include "tb/cli/options.h"
#include "tb/cli/report.h"

namespace sb::cli {
namespace {

struct LayerOptions {
  std::string model, size = "minilm";
  int hidden = 0, heads = 0, ffn = 0;  // 0: of the size
  int layers = 0, first = 0;
  std::vector<int> tokens;
  uint64_t weights_seed = 1;
  EngineOptions engine;
};

const std::map<std::string, golden::BertConfig> kSizes{
    {"minilm", {.hidden = 384, .heads = 12, .ffn = 1536}},
    {"bert-base", {.hidden = 768, .heads = 12, .ffn = 3072}},
    {"bert-large", {.hidden = 1024, .heads = 16, .ffn = 4096}}};

// Random weights with outlier channels and neurons (random_bert), quantized on random tokens.
golden::IntBert generated(const LayerOptions& o) {
  const int bits = o.engine.bits.value_or(8);
  golden::BertConfig config = kSizes.at(o.size);
  if (o.hidden != 0) config.hidden = o.hidden;
  if (o.heads != 0) config.heads = o.heads;
  if (o.ffn != 0) config.ffn = o.ffn;
  if (config.hidden % config.heads != 0)
    throw golden::InputError(
        fmt::format("hidden size {} is no multiple of {} heads", config.hidden, config.heads));
  config.layers = o.layers == 0 ? 2 : o.layers;
  config.vocab = 50;
  config.positions = 64;
  // Before the minutes that quantization takes.
  tb::EngineEncoder::check_shape(config, tb::encoder_kind(o.engine.m, bits).engine, o.tokens);
  golden::QuantizeOptions options;
  options.activation_bits = bits;
  options.gptq = options.weigh_clip = false;  // they take the time
  options.split_outliers = false;             // as many neurons as asked for
  std::mt19937_64 rng(o.weights_seed);
  golden::TokenLists texts(2, std::vector<int32_t>(8));
  for (auto& text : texts)
    for (auto& id : text) id = static_cast<int32_t>(rng() % 50);
  return golden::quantize_model(golden::random_bert(config, o.weights_seed), texts, options);
}

// Layers first .. of a real model: what goes into the first is what comes out of the one before.
golden::IntBert part_of(const LayerOptions& o) {
  golden::IntBert model = golden::load_int_model(o.model).encoder;
  const int there = static_cast<int>(model.layers.size());
  const int count = o.layers == 0 ? std::min(2, there - o.first) : o.layers;
  if (count < 1 || o.first + count > there)
    throw golden::InputError(fmt::format("{}: {} layers from {} on; the model has {}", o.model,
                                         std::max(count, 1), o.first, there));
  if (o.first > 0) {
    const golden::IntNorm& before = model.layers[static_cast<size_t>(o.first) - 1].output_norm;
    model.input_operand = before.operand;
    model.input_scale = before.scale;
  }
  model.layers.erase(model.layers.begin() + o.first + count, model.layers.end());
  model.layers.erase(model.layers.begin(), model.layers.begin() + o.first);
  model.config.layers = count;
  return model;
}

golden::MatrixI16 random_rows(int tokens, int hidden, uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> normal(0, 6000);
  golden::MatrixI16 x(tokens, hidden);
  for (Eigen::Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<int16_t>(std::clamp(normal(rng), -32768.0, 32767.0));
  return x;
}

int layer(LayerOptions& o) {
  Outputs outputs({{"--model", o.model}, {"--synthesis", o.engine.synthesis}},
                  engine_writes(o.engine), &o.engine.trace);
  const golden::IntBert model = o.model.empty() ? generated(o) : part_of(o);
  std::string rerun = "scripts/bertsim layer";
  if (o.model.empty())
    rerun += fmt::format(" --size {} --hidden {} --heads {} --ffn {} --weights-seed {}", o.size,
                         model.config.hidden, model.config.heads, model.config.ffn, o.weights_seed);
  else
    rerun += fmt::format(" --model \"{}\" --first {}", o.model, o.first);
  rerun += fmt::format(" --layers {} --tokens {}{}", model.layers.size(), fmt::join(o.tokens, " "),
                       engine_arguments(o.engine));
  std::vector<golden::MatrixI16> inputs;
  for (size_t s = 0; s < o.tokens.size(); ++s)
    inputs.push_back(random_rows(o.tokens[s], model.config.hidden, o.engine.seed + s));
  const EngineJob job = run_encoder(model, inputs, o.engine, rerun);
  fmt::print("{} layers, {} wide, {} heads, FFN {}\n", model.layers.size(), model.config.hidden,
             model.config.heads, model.layers.front().intermediate.weight.rows());
  print_figures(job);
  print_commands(job);
  const auto maps = o.engine.report.empty() ? nlohmann::json() : attention_maps(job, model, {});
  add_engine_outputs(outputs, job, to_json(job), maps, o.engine);
  outputs.write();
  return job.mismatches == 0 ? 0 : 1;
}

}  // namespace

void add_layer(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "layer", "Encoder layers of any size on the encoder engine: cycles, reasons, prediction");
  auto o = std::make_shared<LayerOptions>();
  o->tokens = {128};
  command->add_option("--model", o->model,
                      "integer model file; without it: weights are generated, with outliers");
  command->add_option("--first", o->first, "first layer of the model")->check(whole(0, 1000));
  command->add_option("--size", o->size, "generated: minilm, bert-base or bert-large")
      ->check(CLI::IsMember(kSizes))
      ->capture_default_str();
  command->add_option("--hidden", o->hidden, "generated: hidden size")->check(whole(2, 4096));
  command->add_option("--heads", o->heads, "generated: heads")->check(whole(1, 4096));
  command->add_option("--ffn", o->ffn, "generated: FFN neurons")->check(whole(1, 16384));
  command
      ->add_option("--layers", o->layers,
                   "layers one after the other; a period needs 2, the default")
      ->check(whole(1, 100));
  command->add_option("--tokens", o->tokens, "length of each sequence of the batch")
      ->check(whole(1, 65535))
      ->expected(1, 10000)
      ->capture_default_str();
  command->add_option("--weights-seed", o->weights_seed, "generated: seed of the weights")
      ->check(whole());
  add_engine_options(*command, o->engine);
  command->footer("Example: bertsim layer --size bert-base --m 32 --tokens 128 --json layer.json");
  command->callback([o, command, &run] {
    check_engine_options(*command, o->engine);
    if (o->model.empty())
      refuse_without_effect(*command, {"--first"}, "without --model");
    else
      refuse_without_effect(*command, {"--size", "--hidden", "--heads", "--ffn", "--weights-seed"},
                            "with --model");
    run = [o] { return layer(*o); };
  });
}

}  // namespace sb::cli
