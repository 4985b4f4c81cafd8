// SPDX-License-Identifier: Apache-2.0
// bertsim eval: how close the integer model's embeddings are to the float model's.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/text_lines.h"
#include "golden/model/int_model.h"
#include "golden/quantize/accuracy.h"
#include "golden/quantize/saturation.h"
#include "golden/text/tokenizer.h"
#include "tb/cli/commands.h"
#include "tb/cli/engine_batches.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/progress.h"

namespace sb::cli {
namespace {

struct EvalOptions {
  std::string model, integer, texts, json, engine = "golden";
  EngineOptions rtl;
  BatchOptions batches;
  size_t max_length = 64;
  int neighbours = 5;
  bool by_label = false, saturation = false;
};

nlohmann::json print_by_label(const std::vector<double>& cosines,
                              const std::vector<std::string>& labels) {
  struct Group {
    double sum = 0, min = 1;
    int texts = 0;
  };
  std::map<std::string, Group> groups;
  for (size_t i = 0; i < labels.size(); ++i) {
    Group& group = groups[labels[i]];
    group.sum += cosines[i];
    group.min = std::min(group.min, cosines[i]);
    ++group.texts;
  }
  nlohmann::json report = nlohmann::json::object();
  fmt::print("{:22} texts    mean     min\n", "label");
  for (const auto& [label, group] : groups) {
    const double mean = group.sum / group.texts;
    fmt::print("{:22} {:5} {:.5f} {:.5f}\n", label, group.texts, mean, group.min);
    report[label] = {{"texts", group.texts}, {"mean_cosine", mean}, {"min_cosine", group.min}};
  }
  return report;
}

nlohmann::json print_saturation(const std::vector<golden::TensorSaturation>& tensors) {
  nlohmann::json report = nlohmann::json::object();
  fmt::print("{:26} {:>12} {:>10}  in texts\n", "tensor", "values", "at an end");
  for (const auto& tensor : tensors) {
    fmt::print("{:26} {:12} {:9.5f}%  {}\n", tensor.name, tensor.values, 100 * tensor.share(),
               tensor.texts);
    report[tensor.name] = {
        {"values", tensor.values}, {"saturated", tensor.saturated}, {"texts", tensor.texts}};
  }
  return report;
}

BatchResults by_golden(const golden::IntModel& model,
                       const std::vector<std::vector<int32_t>>& texts) {
  const auto notes = progress_notes();
  const auto start = std::chrono::steady_clock::now();
  BatchResults results;
  results.embeddings = golden::int_sentence_embeddings(model, texts, [&](size_t done) {
    if (notes && (done % 50 == 0 || done == texts.size()))
      notes(fmt::format("{} of {} texts", done, texts.size()));
  });
  results.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return results;
}

int evaluate(const CLI::App& command, const EvalOptions& options) {
  Outputs outputs(
      {{"--model", options.model}, {"--int", options.integer}, {"--texts", options.texts}},
      {{"--json", options.json}});
  const auto lines = golden::read_text_lines(options.texts);
  if (options.by_label && lines.front().label.empty())
    throw golden::InputError(fmt::format("--by-label: {} has no labels", options.texts));
  if (lines.front().label.empty())
    refuse_without_effect(command, {"--neighbours"}, "on texts without labels");
  const golden::BertModel model = golden::load_bert(options.model);
  const golden::IntModel integer = golden::load_int_model(options.integer);
  if (model.config != integer.host.config)
    throw golden::InputError(fmt::format("{} was not made from {}: their configurations differ",
                                         options.integer, options.model));
  const auto tokenizer = golden::Tokenizer::load(options.model);
  std::vector<std::vector<int32_t>> ids;
  std::vector<std::string> labels;
  for (const auto& line : lines) {
    ids.push_back(tokenizer.encode(
        line.text, std::min(options.max_length, static_cast<size_t>(model.config.positions))));
    labels.push_back(line.label);
  }
  const golden::MatrixF reference = golden::sentence_embeddings(model, ids);
  const bool rtl = options.engine == "rtl";
  const auto rerun = [&](size_t first, size_t count) {
    std::string line =
        fmt::format("scripts/bertsim encode --engine rtl --model \"{}\"", options.integer);
    for (size_t i = first; i < first + count; ++i)
      line += fmt::format(" --text \"{}\"", lines[i].text);
    return line + engine_arguments(options.rtl) +
           fmt::format(" --max-length {} --out rerun.npy", options.max_length);
  };
  const BatchResults results =
      rtl ? engine_embeddings(integer, ids, options.rtl, options.batches, rerun)
          : by_golden(integer, ids);
  const golden::MatrixF& embeddings = results.embeddings;

  const golden::Accuracy accuracy = golden::compare_embeddings(reference, embeddings);
  nlohmann::json report{{"texts", ids.size()},
                        {"mean_cosine", accuracy.mean_cosine},
                        {"percentile_1_cosine", accuracy.percentile_cosine},
                        {"min_cosine", accuracy.min_cosine},
                        {"top10_overlap", accuracy.top10_overlap},
                        {"same_nearest", accuracy.same_nearest},
                        {"spearman", accuracy.spearman},
                        {"cosines", accuracy.cosines},
                        {rtl ? "engine_seconds" : "golden_seconds", results.seconds}};
  fmt::print("texts                  {}\n", ids.size());
  fmt::print("cosine mean            {:.5f}\n", accuracy.mean_cosine);
  fmt::print("cosine 1st percentile  {:.5f}\n", accuracy.percentile_cosine);
  fmt::print("cosine min             {:.5f}\n", accuracy.min_cosine);
  fmt::print("top-10 overlap         {:.4f}\n", accuracy.top10_overlap);
  fmt::print("same nearest neighbour {:.4f}\n", accuracy.same_nearest);
  fmt::print("rank correlation       {:.5f}\n", accuracy.spearman);
  if (!labels.front().empty() && ids.size() > 1) {
    const double in_float = golden::neighbour_accuracy(reference, labels, options.neighbours);
    const double in_integer = golden::neighbour_accuracy(embeddings, labels, options.neighbours);
    fmt::print("{}-nearest-neighbour accuracy: float {:.4f}, integer {:.4f}\n", options.neighbours,
               in_float, in_integer);
    report["neighbour_accuracy_float"] = in_float;
    report["neighbour_accuracy_integer"] = in_integer;
  }
  if (rtl) {
    fmt::print("engine in RTL          {:.1f} s, {} cycles\n", results.seconds, results.cycles);
    fmt::print("{} texts: {} of them kept; {} elements compared, {} mismatches\n", ids.size(),
               results.kept, results.compared, results.mismatches);
    report["cycles"] = results.cycles;
    report["elements_compared"] = results.compared;
    report["mismatches"] = results.mismatches;
  } else {
    fmt::print("golden model           {:.1f} s\n", results.seconds);
  }
  if (options.by_label) report["by_label"] = print_by_label(accuracy.cosines, labels);
  if (options.saturation) report["saturation"] = print_saturation(saturation(integer, ids));
  outputs.add(options.json, report.dump(2) + "\n");
  outputs.write();
  return results.mismatches == 0 ? 0 : 1;
}

}  // namespace

void add_eval(CLI::App& app, Run& run) {
  auto options = std::make_shared<EvalOptions>();
  auto* command =
      app.add_subcommand("eval", "Accuracy of an integer model against its float model");
  command->add_option("--model", options->model, "Folder of the float model")->required();
  command->add_option("--int", options->integer, "Integer model file (bertsim quantize)")
      ->required();
  command
      ->add_option("--texts", options->texts,
                   "Texts, one per line; with a label and a tab before each, also "
                   "nearest-neighbour accuracy; or a .json file: texts, or labels with texts")
      ->required();
  command
      ->add_option("--max-length", options->max_length,
                   "Most ids of a text, [CLS] and [SEP] among them, up to what the model takes")
      ->check(whole(2, 1 << 20))
      ->capture_default_str();
  command->add_option("--neighbours", options->neighbours, "k of the nearest-neighbour accuracy")
      ->check(whole(1, 1000))
      ->capture_default_str();
  command->add_flag("--by-label", options->by_label, "Cosines of the texts of each label");
  command->add_flag("--saturation", options->saturation,
                    "How many values of each tensor are at an end of their range");
  command->add_option("--json", options->json, "File to write the figures to");
  command
      ->add_option("--engine", options->engine,
                   "What computes: the integer golden model, or the encoder engine in RTL, whose "
                   "results are compared with it")
      ->check(CLI::IsMember({"golden", "rtl"}))
      ->capture_default_str();
  command
      ->add_option("--jobs", options->batches.jobs, "rtl: processes (default: one per processor)")
      ->check(whole(1, 256));
  command->add_option("--resume", options->batches.resume,
                      "rtl: folder that keeps finished texts; a call that was stopped goes on");
  add_engine_size_options(*command, options->rtl);
  command->footer(
      "Example: bertsim eval --model DIR --int model.safetensors --texts evaluation.txt");
  command->callback([&run, command, options] {
    if (options->engine != "rtl") {
      refuse_engine_size_options(*command, "--engine rtl");
      refuse_without_effect(*command, {"--jobs", "--resume"}, "without --engine rtl");
    }
    run = [=] { return evaluate(*command, *options); };
  });
}

}  // namespace sb::cli
