// SPDX-License-Identifier: Apache-2.0
// bertsim linear: the matrix products of a real encoder, from a text, through the RTL. The model is
// quantized on the text itself; every weight matrix and every head's two activation products run on
// sb_gemm_core, and accumulators and requantized results are compared with the integer golden
// model.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/ops/gemm.h"
#include "golden/quantize/quantize_model.h"
#include "golden/text/tokenizer.h"
#include "tb/check/compare.h"
#include "tb/cli/commands.h"
#include "tb/cli/gemm_report.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/progress.h"
#include "tb/cli/rerun.h"
#include "tb/cli/tamper.h"

namespace sb::cli {
namespace {

struct LinearOptions {
  std::string model, text, json;
  int m = 32;
  size_t max_length = 128;
  SimulationOptions simulation;
};

/// What the golden model did, to be done again on the RTL.
struct Recorded {
  std::string name;
  golden::MatrixI16 a;
  golden::MatrixI8 w;
  std::vector<int32_t> bias;
  golden::MatrixI32 acc;
};

struct Recording {
  std::vector<Recorded> products;
  std::map<std::string, golden::MatrixI16> values;  // requantized results by the product's name
};

Recording record(const golden::IntBert& model, const golden::MatrixF& embeddings) {
  Recording recording;
  golden::IntObserver observer;
  observer.product = [&](const golden::IntProduct& p) {
    recording.products.push_back({p.name, p.a, p.w, {p.bias.begin(), p.bias.end()}, p.acc});
  };
  observer.value = [&](const std::string& name, const golden::MatrixI16& value) {
    recording.values[name] = value;
  };
  golden::int_encode(model, golden::quantize_embeddings(model, embeddings), {}, observer);
  return recording;
}

/// The linear layer that a product's name stands for, or null for the products of two activations.
const golden::IntLinear* linear_of(const golden::IntBert& model, const std::string& name) {
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const auto& l = model.layers[i];
    const std::string layer = fmt::format("layer.{}.", i);
    for (const auto& [suffix, linear] : {std::pair{"attention.q", &l.query},
                                         {"attention.k", &l.key},
                                         {"attention.v", &l.value},
                                         {"attention.dense", &l.attention_output},
                                         {"ffn1", &l.intermediate},
                                         {"ffn2", &l.output}})
      if (name == layer + suffix) return linear;
  }
  return nullptr;
}

/// layer.N.attention.scores.H without the .H
std::string without_head(const std::string& name) { return name.substr(0, name.rfind('.')); }

/// Runs a group of products back to back and compares each with what is expected.
class Runner {
 public:
  Runner(const LinearOptions& options)
      : core_(tb::make_gemm_core(options.m, options.simulation.seed, options.simulation.trace)),
        m_(options.m) {
    run_options_.seed = options.simulation.seed;
    run_options_.input_stall = run_options_.output_stall =
        tb::StallPolicy::random(options.simulation.stall);
    run_options_.tamper = tamper_for_tests;
  }

  GemmFigures run(const std::string& name, const std::vector<tb::GemmProblem>& problems,
                  const std::vector<golden::MatrixI32>& expected) {
    run_options_.progress = progress_line(name);
    const tb::GemmRun run = tb::run_gemm(*core_, problems, run_options_);
    uint64_t wrong = 0;
    for (size_t i = 0; i < problems.size(); ++i) {
      wrong += tb::count_mismatches(expected[i], run.results[i]);
      if (const auto text = tb::describe_mismatch(expected[i], run.results[i],
                                                  {m_, core_->geometry().rows, &problems[i].a,
                                                   &problems[i].w, &run.arrived[i], rerun_line}))
        fmt::print(stderr, "{}: {}\n", name, *text);
    }
    return figures(name, problems.front(), run, wrong);
  }
  void finish() { core_->close_trace(); }

 private:
  std::unique_ptr<tb::GemmCore> core_;
  int m_;
  tb::GemmOptions run_options_;
};

int linear(const CLI::App& command, LinearOptions o) {
  check_simulation_options(command, o.simulation);
  Outputs outputs({{"--model", o.model}}, {{"--json", o.json}}, &o.simulation.trace);
  tb::gemm_core_geometry(o.m);  // refuses a size before the model is read
  const golden::BertModel model = golden::load_bert(std::filesystem::path(o.model));
  const auto tokenizer = golden::Tokenizer::load(o.model);
  const auto tokens = tokenizer.encode(o.text, o.max_length);
  fmt::print("text: {} tokens; model: {} layers, {} wide, {} heads\n", tokens.size(),
             model.config.layers, model.config.hidden, model.config.heads);
  const golden::IntBert integer = golden::quantize_model(model, {tokens}, {});
  const Recording recording = record(integer, golden::embeddings(model, tokens));

  Runner runner(o);
  std::vector<GemmFigures> all;
  size_t weight_matrices = 0, head_products = 0;
  print_head();
  const auto report = [&all](const GemmFigures& f) {
    print_line(f);
    all.push_back(f);
  };
  std::set<std::string> done;  // head products that have run, without the head's number
  for (const Recorded& p : recording.products) {
    if (const auto* linear = linear_of(integer, p.name)) {
      const tb::GemmProblem raw{p.a, p.w, p.bias, {}};
      tb::GemmProblem requantized = raw;
      requantized.requantization = tb::Requantization{linear->requant.mult, linear->requant.shift,
                                                      linear->zero, linear->clamp};
      report(runner.run(p.name, {raw, requantized},
                        {p.acc, recording.values.at(p.name).cast<int32_t>()}));
      ++weight_matrices;
      continue;
    }
    // Scores (Q·K^T) or context (P·V) of all heads of a layer run together.
    const std::string stem = without_head(p.name);
    if (!done.insert(stem).second) continue;
    std::vector<tb::GemmProblem> problems;
    std::vector<golden::MatrixI32> expected;
    for (const Recorded& h : recording.products) {
      if (without_head(h.name) != stem) continue;
      problems.push_back({h.a, h.w, h.bias, {}});
      expected.push_back(h.acc);
    }
    report(runner.run(fmt::format("{} x{}", stem, problems.size()), problems, expected));
    head_products += problems.size();
  }
  runner.finish();

  GemmFigures sum;
  sum.name = "all";
  for (const auto& f : all) {
    sum.cycles += f.cycles;
    sum.ideal += f.ideal;
    sum.macs += f.macs;
    sum.seconds += f.seconds;
    sum.mismatches += f.mismatches;
  }
  fmt::print(
      "{} weight matrices (accumulators and requantized results) and {} products of two "
      "activations\n",
      weight_matrices, head_products);
  fmt::print(
      "{} cycles, {:.2f} % utilization, {:.1f} M multiply-accumulates/s simulated, {} mismatches\n",
      sum.cycles, 100 * sum.utilization(), sum.macs_per_second() / 1e6, sum.mismatches);
  nlohmann::json json{{"tokens", tokens.size()},
                      {"m", o.m},
                      {"weight_matrices", weight_matrices},
                      {"head_products", head_products},
                      {"total", to_json(sum)}};
  for (const auto& f : all) json["products"].push_back(to_json(f));
  outputs.add(o.json, json_bytes(json));
  outputs.write();
  return sum.mismatches == 0 ? 0 : 1;
}

}  // namespace

void add_linear(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "linear", "Run the matrix products of a real model on the RTL, from a text");
  auto o = std::make_shared<LinearOptions>();
  command->add_option("--model", o->model, "folder with config.json, model.safetensors, vocab.txt")
      ->required();
  command->add_option("--text", o->text, "the text")->required();
  command->add_option("--max-length", o->max_length, "tokens at most")->check(whole(2, 65535));
  command->add_option("--m", o->m, "size of the array: 4, 8, 16, 32 or 64")->check(whole(1, 1024));
  command->add_option("--json", o->json, "write the figures to this file");
  add_simulation_options(*command, o->simulation);
  command->footer(
      "Example:\n  scripts/bertsim linear --model MODEL --text \"A transformer layer on a cluster "
      "of "
      "FPGAs.\"");
  command->callback([o, command, &run] { run = [o, command] { return linear(*command, *o); }; });
}

}  // namespace sb::cli
