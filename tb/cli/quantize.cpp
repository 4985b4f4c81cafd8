// SPDX-License-Identifier: Apache-2.0
// bertsim quantize: a float model and calibration texts to an integer model file.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/text_lines.h"
#include "golden/model/int_model.h"
#include "golden/quantize/quantize_model.h"
#include "golden/text/tokenizer.h"
#include "tb/cli/commands.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/progress.h"

namespace sb::cli {
namespace {

constexpr size_t kOddLength = 256;  // most ids of an odd text

struct QuantizeOptions {
  std::string model, calibration, odd, out;
  size_t max_length = 64;
  bool plain = false;
  std::string calibrator = "max";
  std::optional<double> percentile;
  golden::QuantizeOptions quantize;
};

const std::map<std::string, golden::CalibrationMethod> kCalibrators{
    {"max", golden::CalibrationMethod::Max},
    {"percentile", golden::CalibrationMethod::Percentile},
    {"mse", golden::CalibrationMethod::Mse},
    {"entropy", golden::CalibrationMethod::Entropy}};

golden::CalibrationOptions calibration(const QuantizeOptions& options) {
  golden::CalibrationOptions range{.method = kCalibrators.at(options.calibrator)};
  if (!options.percentile) return range;
  if (range.method != golden::CalibrationMethod::Percentile)
    throw golden::InputError(fmt::format("--percentile {} needs --calibrator percentile, it is {}",
                                         *options.percentile, options.calibrator));
  range.percentile = *options.percentile;
  return range;
}

int quantize_file(const CLI::App& command, const QuantizeOptions& options) {
  Outputs outputs({{"--model", options.model}, {"--calibration", options.calibration}},
                  {{"--out", options.out}});
  if (options.plain)
    refuse_without_effect(
        command,
        {"--no-split", "--no-smooth", "--no-equalize", "--no-channel-ranges", "--no-zero-points",
         "--no-clip", "--no-weigh-clip", "--no-gptq", "--no-bias-correction", "--alpha",
         "--threshold", "--operand-margin", "--context-margin", "--residual-margin"},
        "with --plain");
  if (!options.quantize.smooth) refuse_without_effect(command, {"--alpha"}, "with --no-smooth");
  if (!options.quantize.split_outliers)
    refuse_without_effect(command, {"--threshold"}, "with --no-split");
  namespace fs = std::filesystem;
  golden::QuantizeOptions quantize = options.quantize;
  if (options.plain) {
    quantize = golden::plain_options();
    quantize.activation_bits = options.quantize.activation_bits;
    quantize.per_channel = options.quantize.per_channel;
  }
  quantize.range = calibration(options);
  const fs::path folder = options.model;
  const golden::BertModel model = golden::load_bert(folder);
  golden::IntModel result;
  result.vocabulary = golden::read_file(folder / "vocab.txt");
  result.tokenizer_config =
      golden::read_file_if_there(folder / "tokenizer_config.json").value_or("");
  const auto tokenizer = golden::Tokenizer::load(folder);
  golden::TokenLists texts;
  for (const auto& line : golden::read_text_lines(options.calibration))
    texts.push_back(tokenizer.encode(line.text, options.max_length));
  golden::TokenLists odd;
  if (!options.odd.empty())
    for (const auto& line : golden::read_text_lines(options.odd))
      odd.push_back(tokenizer.encode(
          line.text, std::min(kOddLength, static_cast<size_t>(model.config.positions))));

  golden::QuantizeReport report;
  result.encoder = golden::quantize_model(model, texts, quantize, &report, progress_notes(), odd);
  result.host.config = model.config;
  result.host.word_embeddings = model.word_embeddings;
  result.host.position_embeddings = model.position_embeddings;
  result.host.type_embeddings = model.type_embeddings;
  result.host.embedding_norm = model.embedding_norm;
  outputs.add(options.out, golden::int_model_bytes(result));
  fmt::print(
      "{}: {} layers, {} calibration texts and {} odd ones, {}-bit operands, {} neuron copies, "
      "accumulators up to {} bits\n",
      options.out, model.config.layers, texts.size(), odd.size(), quantize.activation_bits,
      report.copies, report.accumulator_bits);
  outputs.write();
  return 0;
}

}  // namespace

void add_quantize(CLI::App& app, Run& run) {
  auto options = std::make_shared<QuantizeOptions>();
  golden::QuantizeOptions& q = options->quantize;
  auto* command =
      app.add_subcommand("quantize", "Float model and calibration texts to an integer model file");
  command
      ->add_option("--model", options->model,
                   "Folder with config.json, model.safetensors and vocab.txt")
      ->required();
  command
      ->add_option("--calibration", options->calibration,
                   "Texts, one per line; a label and a tab may lead; or a .json file: texts, or "
                   "labels with texts")
      ->required();
  command->add_option("--odd", options->odd,
                      "Texts unlike those, which ranges of v and context and the rounding of "
                      "weights shall serve, too (golden/data/odd_calibration.json); up to 256 ids "
                      "each");
  command->add_option("--out", options->out, "safetensors file to write")->required();
  command
      ->add_option("--max-length", options->max_length,
                   "Most ids of a text, [CLS] and [SEP] among them")
      ->check(whole(2, 1 << 20))
      ->capture_default_str();
  command->add_option("--activation-bits", q.activation_bits, "Of x, h and the GELU output")
      ->check(CLI::IsMember({8, 9}))
      ->capture_default_str();
  command->add_flag("--plain", options->plain, "No fold, no headroom, symmetric; for comparison");
  command->add_flag("!--per-tensor", q.per_channel,
                    "One weight scale per matrix, not per output channel");
  command->add_flag("!--no-split", q.split_outliers, "Do not split outlier neurons");
  command->add_flag("!--no-smooth", q.smooth, "Do not fold SmoothQuant factors");
  command->add_flag("!--no-equalize", q.equalize_heads, "Do not equalize the channels of q and k");
  command->add_flag("!--no-channel-ranges", q.channel_ranges, "One scale for all channels of v");
  command->add_flag("!--no-zero-points", q.gelu_zero_points, "Symmetric GELU input and output");
  command->add_flag("!--no-clip", q.clip_weights, "Weight range by maximum, not by squared error");
  command->add_flag("!--no-weigh-clip", q.weigh_clip,
                    "Squared error of weights not weighed by their inputs");
  command->add_flag("!--no-gptq", q.gptq,
                    "Round the weights to the nearest, not for least output error");
  command
      ->add_option("--calibrator", options->calibrator,
                   "Ranges of activations (golden/formats/quantization.md)")
      ->check(CLI::IsMember({"max", "percentile", "mse", "entropy"}))
      ->capture_default_str();
  command->add_option("--percentile", options->percentile,
                      "Of the absolute values, for --calibrator percentile: above 50, at most 100; "
                      "99.99 if left out");
  command->add_option("--alpha", q.smooth_alpha, "SmoothQuant exponent")
      ->check(real(0, 1))
      ->capture_default_str();
  command->add_option("--threshold", q.split_threshold, "Where copies of a neuron saturate")
      ->check(positive())
      ->capture_default_str();
  command->add_option("--operand-margin", q.margin_operand, "Headroom of x, h, q, k, scores")
      ->check(positive())
      ->capture_default_str();
  command->add_option("--context-margin", q.margin_context, "Headroom of v and context")
      ->check(positive())
      ->capture_default_str();
  command->add_option("--residual-margin", q.margin_residual, "Headroom of the residual")
      ->check(positive())
      ->capture_default_str();
  command->footer(
      "Example: bertsim quantize --model DIR --calibration texts.txt --out model.safetensors");
  command->callback(
      [&run, command, options] { run = [=] { return quantize_file(*command, *options); }; });
}

}  // namespace sb::cli
