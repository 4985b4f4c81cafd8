// SPDX-License-Identifier: Apache-2.0
// bertsim encode: texts to sentence embeddings.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/json.h"
#include "golden/io/npy.h"
#include "golden/model/int_model.h"
#include "golden/text/tokenizer.h"
#include "tb/cli/commands.h"
#include "tb/cli/engine_cli.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/report.h"

namespace sb::cli {
namespace {

struct EncodeOptions {
  std::string model, texts_file, out, engine = "float";
  std::vector<std::string> texts;
  size_t max_length = 0;
  EngineOptions rtl;
  std::string float_model;  // to compare with
  bool similarities = false;
  double clock = 0;    // MHz
  int mismatches = 0;  // set by the engine
};

using TokenIds = std::vector<std::vector<int32_t>>;

std::vector<std::string> texts_of(const EncodeOptions& options) {
  return options.texts_file.empty() ? options.texts : golden::read_json_texts(options.texts_file);
}

TokenIds tokenize(const EncodeOptions& options, const golden::Tokenizer& tokenizer,
                  const golden::BertConfig& config) {
  const std::vector<std::string> texts = texts_of(options);
  const size_t limit =
      options.max_length != 0 ? options.max_length : static_cast<size_t>(config.positions);
  TokenIds ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) ids.push_back(tokenizer.encode(text, limit));
  return ids;
}

// Embeddings of the texts, one per row, by each engine.
golden::MatrixF by_float(const EncodeOptions& options) {
  if (golden::is_int_model(options.model))
    throw golden::InputError(
        fmt::format("{}: an integer model file; the engine float needs a folder", options.model));
  const auto config =
      golden::read_bert_config(std::filesystem::path(options.model) / "config.json");
  const TokenIds ids = tokenize(options, golden::Tokenizer::load(options.model), config);
  return golden::sentence_embeddings(golden::load_bert(options.model), ids);
}

golden::IntModel load_int(const EncodeOptions& options) {
  if (!golden::is_int_model(options.model))
    throw golden::InputError(
        fmt::format("{}: the engine {} needs an integer model file (bertsim quantize)",
                    options.model, options.engine));
  return golden::load_int_model(options.model);
}

golden::MatrixF by_golden(EncodeOptions& options, Outputs&) {
  const golden::IntModel model = load_int(options);
  const golden::BertConfig& config = model.host.config;
  const auto tokenizer =
      golden::Tokenizer::from_texts(model.vocabulary, model.tokenizer_config, config.vocab);
  return golden::int_sentence_embeddings(model, tokenize(options, tokenizer, config));
}

// The words of the command that repeats this run.
std::string rerun_command(const EncodeOptions& o) {
  std::string line = fmt::format("scripts/bertsim encode --engine rtl --model \"{}\"", o.model);
  for (const std::string& text : o.texts) line += fmt::format(" --text \"{}\"", text);
  if (!o.texts_file.empty()) line += fmt::format(" --texts \"{}\"", o.texts_file);
  if (o.max_length != 0) line += fmt::format(" --max-length {}", o.max_length);
  return line + engine_arguments(o.rtl) + " --out rerun.npy";
}

// What the report says of the texts; with --float, what the float model computes.
std::vector<ReportText> report_texts(const EncodeOptions& options, const golden::IntModel& model,
                                     const TokenIds& ids) {
  std::vector<std::string> words;
  std::istringstream lines(model.vocabulary);
  for (std::string word; std::getline(lines, word);) words.push_back(word);
  std::optional<golden::BertModel> reference;
  if (!options.float_model.empty()) {
    reference = golden::load_bert(options.float_model);
    if (reference->config != model.host.config)
      throw golden::InputError(fmt::format("{} was not made from {}: their configurations differ",
                                           options.model, options.float_model));
  }
  const std::vector<std::string> texts = texts_of(options);
  std::vector<ReportText> all;
  for (size_t i = 0; i < ids.size(); ++i) {
    ReportText& text = all.emplace_back();
    text.text = texts[i];
    for (const int32_t id : ids[i]) text.tokens.push_back(words.at(static_cast<size_t>(id)));
    if (reference)
      golden::encode(*reference, ids[i], {}, {}, [&](const std::string& name, golden::MatrixF& x) {
        if (name.ends_with(".x") || name.ends_with(".probs")) text.reference[name] = x;
      });
  }
  return all;
}

golden::MatrixF by_rtl(EncodeOptions& options, Outputs& outputs) {
  const golden::IntModel model = load_int(options);
  const golden::BertConfig& config = model.host.config;
  const auto tokenizer =
      golden::Tokenizer::from_texts(model.vocabulary, model.tokenizer_config, config.vocab);
  const TokenIds ids = tokenize(options, tokenizer, config);
  std::vector<golden::MatrixI16> inputs;
  for (const auto& text : ids)
    inputs.push_back(
        golden::quantize_embeddings(model.encoder, golden::embeddings(model.host, text)));
  std::vector<ReportText> about;
  if (!options.rtl.report.empty()) about = report_texts(options, model, ids);
  const EngineJob job = run_encoder(model.encoder, inputs, options.rtl, rerun_command(options));
  print_figures(job);
  if (options.clock > 0)
    fmt::print("time: {}, {} a text\n", time_text(job.run.cycles, options.clock),
               time_text(job.run.cycles / inputs.size(), options.clock));
  nlohmann::json figures = to_json(job), maps;
  figures["texts"] = texts_of(options);
  if (options.clock > 0) {
    figures["clock_mhz"] = options.clock;
    figures["milliseconds"] = static_cast<double>(job.run.cycles) / options.clock / 1e3;
  }
  if (!about.empty()) {
    maps = attention_maps(job, model.encoder, about);
    if (!options.float_model.empty())
      figures["accuracy"] = layer_accuracy(job, model.encoder, about);
  }
  add_engine_outputs(outputs, job, figures, maps, options.rtl);
  options.mismatches = job.mismatches != 0;
  golden::MatrixF rows(static_cast<Eigen::Index>(inputs.size()), config.hidden);
  for (size_t i = 0; i < inputs.size(); ++i)
    rows.row(static_cast<Eigen::Index>(i)) =
        golden::l2_normalize(
            golden::mean_pool(golden::dequantize_output(model.encoder, job.run.results[i])))
            .transpose();
  return rows;
}

std::string shortened(const std::string& text) {
  constexpr size_t kMost = 40;
  if (text.size() <= kMost) return text;
  size_t cut = kMost - 3;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // UTF-8
  return text.substr(0, cut) + "...";
}

// Cosines of all pairs, and with the float model if there is one.
void print_similarities(const EncodeOptions& options, const golden::MatrixF& rows) {
  const std::vector<std::string> texts = texts_of(options);
  golden::MatrixF reference;
  if (!options.float_model.empty()) {
    EncodeOptions other = options;
    other.model = options.float_model;
    reference = by_float(other);
    if (reference.cols() != rows.cols())
      throw golden::InputError(fmt::format("{}: embeddings of {} numbers, this model's have {}",
                                           options.float_model, reference.cols(), rows.cols()));
  }
  if (!options.similarities && reference.size() == 0) return;
  fmt::print("{:<44}", options.similarities ? "cosine similarities" : "");
  for (Eigen::Index j = 0; options.similarities && j < rows.rows(); ++j)
    fmt::print("{:>7}", fmt::format("({})", j + 1));
  fmt::print("{}\n", reference.size() != 0 ? "  with float" : "");
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    fmt::print("{:<44}", fmt::format("({}) {}", i + 1, shortened(texts[static_cast<size_t>(i)])));
    for (Eigen::Index j = 0; options.similarities && j < rows.rows(); ++j)
      fmt::print("{:>7.3f}", rows.row(i).dot(rows.row(j)));
    if (reference.size() != 0) fmt::print("{:>12.5f}", rows.row(i).dot(reference.row(i)));
    fmt::print("\n");
  }
}

const std::map<std::string, std::function<golden::MatrixF(EncodeOptions&, Outputs&)>> kEngines{
    {"float", [](EncodeOptions& options, Outputs&) { return by_float(options); }},
    {"golden", by_golden},
    {"rtl", by_rtl}};

}  // namespace

void add_encode(CLI::App& app, Run& run) {
  auto options = std::make_shared<EncodeOptions>();
  auto* command =
      app.add_subcommand("encode", "Texts to sentence embeddings (mean pooling, length 1)");
  command
      ->add_option("--model", options->model,
                   "float: folder with config.json, model.safetensors and vocab.txt; golden, rtl: "
                   "integer model file")
      ->required();
  auto* source = command->add_option_group("text")->require_option(1);
  source->add_option("--text", options->texts, "A text, which may be empty; again for more");
  source->add_option("--texts", options->texts_file, "JSON file: array of strings");
  command
      ->add_option("--engine", options->engine,
                   "What computes: float model, integer golden model, or the encoder engine in RTL")
      ->check(CLI::IsMember(kEngines))
      ->capture_default_str();
  command
      ->add_option("--max-length", options->max_length,
                   "Most ids of a text, [CLS] and [SEP] among them (default: what the model takes)")
      ->check(whole(2, 1 << 20));
  command->add_option("--out", options->out, ".npy file to write, float32, one row per text")
      ->required();
  command->add_flag("--similarities", options->similarities, "Print the cosines of all pairs");
  command->add_option("--float", options->float_model,
                      "Folder of the float model: print each text's cosine with it");
  add_engine_options(*command, options->rtl);
  command->add_option("--clock", options->clock, "rtl: MHz, to print cycles as time")
      ->check(real(1, 10000));
  command->footer(
      "Example: bertsim encode --model DIR --text \"That is a happy person\" --out emb.npy");
  command->callback([&run, options, command] {
    if (options->engine != "rtl") refuse_engine_options(*command, "--engine rtl");
    check_engine_options(*command, options->rtl);
    run = [options] {
      std::vector<NamedFile> writes = engine_writes(options->rtl);
      writes.push_back({"--out", options->out});
      Outputs outputs({{"--model", options->model},
                       {"--texts", options->texts_file},
                       {"--float", options->float_model},
                       {"--synthesis", options->rtl.synthesis}},
                      writes, &options->rtl.trace);
      const golden::MatrixF rows = kEngines.at(options->engine)(*options, outputs);
      print_similarities(*options, rows);
      outputs.add(options->out, golden::npy_bytes(rows));
      outputs.write();
      return options->mismatches;
    };
  });
}

}  // namespace sb::cli
