// SPDX-License-Identifier: Apache-2.0
// bertsim formats: what a number format costs in accuracy.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/formats/fake_quantized_model.h"
#include "golden/io/file.h"
#include "golden/text/tokenizer.h"
#include "tb/cli/commands.h"
#include "tb/cli/options.h"

namespace sb::cli {
namespace {

using golden::CalibrationMethod;
using TokenIds = std::vector<std::vector<int32_t>>;

const std::vector<std::string> kCalibrationTexts{
    "The library reads and writes tables stored in compressed columns.",
    "A small game in which a fox collects berries before the winter comes.",
    "Tools to inspect the traffic of a network card and to draw it as a graph.",
    "How long does it take to boil an egg at the top of a mountain?",
    "The orchestra played the second movement far too slowly.",
    "Fonts for mathematical notation, with italic and bold shapes.",
    "She repaired the old bicycle with parts from three others.",
    "This plugin checks the spelling of comments in source code."};
const std::vector<std::string> kTexts{
    "Statistics of rainfall over the last forty years, by region.",
    "A program that converts pictures between many file formats.",
    "Two dogs are running along the beach.",
    "What is the best way to learn a new language?",
    "The bank raised its interest rate for the third time this year.",
    "Kernel modules for an uncommon wireless adapter.",
    "He cooked dinner for his neighbours.",
    "Bindings that let scripts call the numerical solver directly."};

struct FormatsOptions {
  std::string model, texts, calibration;
  std::string input, weight, output;
  std::string method = "max";
  double percentile = 99.99;
  bool per_tensor_weights = false, fixed_grid = false, dynamic = false;
};

struct Triple {
  std::string input, weight, output;
};

const std::vector<Triple> kUsualTriples{{"INT8", "INT8", "FP16"}, {"INT8", "INT8", "INT8"},
                                        {"INT8", "INT4", "FP16"}, {"E4M3", "E4M3", "FP16"},
                                        {"E5M2", "E5M2", "FP16"}, {"E3M4", "E3M4", "FP16"},
                                        {"FP16", "FP16", "FP16"}, {"BF16", "BF16", "BF16"}};

const std::map<std::string, CalibrationMethod> kMethods{
    {"max", CalibrationMethod::Max},
    {"percentile", CalibrationMethod::Percentile},
    {"mse", CalibrationMethod::Mse},
    {"entropy", CalibrationMethod::Entropy}};

std::vector<std::string> read_lines(const std::string& path) {
  std::istringstream stream(golden::read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty())
      throw golden::InputError(fmt::format("{}: line {} is empty", path, lines.size() + 1));
    lines.push_back(line);
  }
  if (lines.empty()) throw golden::InputError(fmt::format("{}: no text", path));
  return lines;
}

TokenIds tokens(const std::vector<std::string>& texts, const golden::Tokenizer& tokenizer,
                int limit) {
  TokenIds ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts)
    ids.push_back(tokenizer.encode(text, static_cast<size_t>(limit)));
  return ids;
}

int compare(const CLI::App& command, const FormatsOptions& options) {
  if (options.dynamic)
    refuse_without_effect(command, {"--method", "--percentile", "--calibration"}, "with --dynamic");
  if (options.method != "percentile")
    refuse_without_effect(command, {"--percentile"}, "without --method percentile");
  std::vector<Triple> triples = kUsualTriples;
  const auto or_float = [](const std::string& name) {
    return name.empty() ? std::string("FP32") : name;
  };
  if (!options.input.empty() || !options.weight.empty() || !options.output.empty())
    triples = {{or_float(options.input), or_float(options.weight), or_float(options.output)}};
  std::vector<golden::ModelFormats> formats;
  formats.reserve(triples.size());
  for (const Triple& triple : triples) {
    golden::ModelFormats f;
    f.input = golden::parse_number_format(triple.input);
    f.weight = golden::parse_number_format(triple.weight);
    f.output = golden::parse_number_format(triple.output);
    f.weight_per_channel = !options.per_tensor_weights;
    f.fixed_grid = options.fixed_grid;
    f.dynamic = options.dynamic;
    f.calibration = {.method = kMethods.at(options.method), .percentile = options.percentile};
    formats.push_back(f);
  }
  const auto texts = options.texts.empty() ? kTexts : read_lines(options.texts);
  const auto calibration =
      options.calibration.empty() ? kCalibrationTexts : read_lines(options.calibration);
  const golden::BertModel model = golden::load_bert(options.model);
  const auto tokenizer = golden::Tokenizer::load(options.model);
  const TokenIds ids = tokens(texts, tokenizer, model.config.positions);
  const golden::ActivationRanges ranges(model,
                                        tokens(calibration, tokenizer, model.config.positions));
  std::vector<golden::VectorF> exact;
  exact.reserve(ids.size());
  for (const auto& text : ids) exact.push_back(golden::sentence_embedding(model, text));

  std::vector<std::map<std::string, golden::LinearQuantizers>> quantizers;
  quantizers.reserve(formats.size());
  for (const golden::ModelFormats& f : formats) quantizers.push_back(ranges.quantizers(f));

  fmt::print("cosine with float32 over {} texts; ranges: {}\n", ids.size(),
             options.dynamic ? "dynamic"
                             : fmt::format("{} over {} texts", options.method, calibration.size()));
  fmt::print("{:<8}{:<8}{:<8}{:>9}{:>9}\n", "input", "weight", "output", "mean", "min");
  for (size_t i = 0; i < triples.size(); ++i) {
    const golden::FakeQuantizedModel replaced = golden::fake_quantize_layers(model, quantizers[i]);
    double sum = 0, least = 1;
    for (size_t t = 0; t < ids.size(); ++t) {
      const double cosine = replaced.sentence_embedding(ids[t]).dot(exact[t]);
      sum += cosine;
      least = std::min(least, cosine);
    }
    fmt::print("{:<8}{:<8}{:<8}{:>9.5f}{:>9.5f}\n", triples[i].input, triples[i].weight,
               triples[i].output, sum / static_cast<double>(ids.size()), least);
  }
  return 0;
}

}  // namespace

void add_formats(CLI::App& app, Run& run) {
  auto options = std::make_shared<FormatsOptions>();
  auto* command = app.add_subcommand(
      "formats", "Accuracy of number formats: every linear layer fake-quantized");
  command
      ->add_option("--model", options->model,
                   "Folder with config.json, model.safetensors and vocab.txt")
      ->required();
  command->add_option("--texts", options->texts,
                      "Texts to compare on, one per line (default: 8 built in)");
  command->add_option("--calibration", options->calibration,
                      "Other texts for the ranges (default: 8 built in)");
  const std::string kinds = "INT<bits>, UINT<bits>, E<bits>M<bits>, FP16, BF16, FP32";
  command->add_option("--input", options->input, "Format of the inputs of linear layers: " + kinds);
  command->add_option("--weight", options->weight, "Format of the weights");
  command->add_option("--output", options->output,
                      "Format of the outputs (none of the three: a usual set)");
  command->add_option("--method", options->method, "How ranges of inputs and outputs are found")
      ->check(CLI::IsMember(kMethods))
      ->capture_default_str();
  command->add_option("--percentile", options->percentile, "For --method percentile")
      ->capture_default_str();
  command->add_flag("--per-tensor-weights", options->per_tensor_weights,
                    "One weight range per layer");
  command->add_flag("--fixed-grid", options->fixed_grid,
                    "Float formats on their own grid, not scaled to the range");
  command->add_flag("--dynamic", options->dynamic, "Take the range of every tensor as it comes");
  command->footer("Example: bertsim formats --model DIR --input E4M3 --weight INT8 --output FP16");
  command->callback(
      [&run, command, options] { run = [=] { return compare(*command, *options); }; });
}

}  // namespace sb::cli
