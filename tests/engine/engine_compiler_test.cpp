// SPDX-License-Identifier: Apache-2.0
// Compiled programs, carried out by the interpreter, give what golden gives, in every tensor.
#include "tb/host/engine_compiler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "golden/base/error.h"
#include "golden/quantize/quantize_model.h"
#include "tests/engine/command_interpreter.h"
#include "tests/engine/engine_runs.h"
#include "tests/engine/random_encoder.h"
#include "tests/golden/model_folder.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using tb::EngineEncoder;
using tb::EngineParameters;
using tb::EngineProgram;
using tb::TensorPart;

struct Carried {
  std::vector<golden::MatrixI16> outputs;
  size_t mismatches = 0;  // of elements of tensors in memories
  std::string first;      // the first of them
  std::map<std::string, size_t> checked;
};

Carried carry_out(const EngineEncoder& encoder, const EngineProgram& program,
                  const std::vector<golden::MatrixI16>& inputs,
                  const std::vector<GoldenRun>& golden) {
  CommandInterpreter i(encoder.engine());
  place(i.external, encoder.image());
  Carried result;
  i.on_write = [&](const WordWrite& w) {
    TensorPart::Memory memory{};
    if (w.place == Place::Activation)
      memory = TensorPart::Memory::Activation;
    else if (w.place == Place::Residual)
      memory = TensorPart::Memory::Residual;
    else if (w.place == Place::External)
      memory = TensorPart::Memory::External;
    else
      return;
    const auto word = program.locate(w.command, memory, w.bank, w.address);
    ASSERT_TRUE(word) << program.line(w.command);
    const auto& values = golden[static_cast<size_t>(word->sequence)].values;
    ASSERT_TRUE(values.contains(word->name)) << word->name;
    const golden::MatrixI16& expected = values.at(word->name);
    for (size_t lane = 0; lane < word->columns.size(); ++lane) {
      const int column = word->columns[lane];
      if (column < 0) continue;
      ++result.checked[fmt::format("{}.{}", word->sequence, word->name)];
      int16_t code = expected(word->row, column);
      if (w.place == Place::Activation)
        code = static_cast<int16_t>(
            tb::sign_extend(static_cast<uint16_t>(code), encoder.engine().act_bits));
      if (w.values[lane] == code) continue;
      if (++result.mismatches == 1)
        result.first = fmt::format("{} sequence {} row {} column {}: {} is not {}", word->name,
                                   word->sequence, word->row, column, w.values[lane], code);
    }
  };
  result.outputs = run_program(i, program, inputs);
  return result;
}

// Everything of a model and a batch, on one engine.
void check(const golden::IntBert& model, const EngineParameters& engine,
           const std::vector<int>& lengths, uint64_t seed) {
  const EngineEncoder encoder(model, engine, 256);
  const uint64_t base = (encoder.image().end() + 4095) / 4096 * 4096;
  const EngineProgram program = encoder.compile(lengths, base);
  std::vector<golden::MatrixI16> inputs;
  std::vector<GoldenRun> golden;
  for (size_t s = 0; s < lengths.size(); ++s) {
    inputs.push_back(random_rows(model, lengths[s], seed + s));
    golden.push_back(golden_run(model, inputs.back()));
  }
  const Carried result = carry_out(encoder, program, inputs, golden);
  ASSERT_EQ(result.outputs.size(), lengths.size());
  for (size_t s = 0; s < lengths.size(); ++s)
    EXPECT_EQ(result.outputs[s], golden[s].output) << "sequence " << s;
  EXPECT_EQ(result.mismatches, 0U) << result.first;
  // Tensors that never lie in a memory: products before a table or an addition, and exp codes.
  for (size_t s = 0; s < lengths.size(); ++s)
    for (const auto& [name, value] : golden[s].values) {
      const bool inside = name.ends_with(".dense") || name.ends_with("ffn1") ||
                          name.ends_with("ffn2") || name.find(".exp.") != std::string::npos;
      if (inside) continue;
      EXPECT_GE(result.checked.at(fmt::format("{}.{}", s, name)), static_cast<size_t>(value.size()))
          << name;
    }
}

EngineParameters roomy(int m, int act_bits, int rows) {
  return {.m = m,
          .rows = rows,
          .stat_rows = 2 * rows,
          .act_bits = act_bits,
          .act_depth = {65536, 65536},
          .res_depth = {8192, 8192},
          .exp_tables = 32};
}

TEST(EngineCompiler, RandomModelsEqualGoldenInEveryTensor) {
  // SB_MODELS sets how many; a few seconds' worth else.
  const char* wish = std::getenv("SB_MODELS");
  for_each_seed(wish != nullptr ? std::atoi(wish) : 40, [&](uint64_t seed) {
    std::mt19937_64 rng(seed);
    const auto uniform = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(rng);
    };
    const int m = 4 << uniform(0, 2), bits = uniform(8, 9);
    const golden::BertConfig shape = random_shape(m, seed);
    const golden::IntBert model = random_encoder(shape, bits, seed);
    EngineParameters engine = roomy(m, uniform(bits, 9), uniform(2, 24));
    engine.exp_tables = 1 << uniform(0, 4);
    std::vector<int> lengths;
    for (int s = uniform(1, 4); s > 0; --s) lengths.push_back(uniform(1, 2 * engine.rows));
    if (uniform(0, 2) == 0) engine.stat_rows = *std::max_element(lengths.begin(), lengths.end());
    engine.stat_rows = std::max(engine.stat_rows, engine.rows);
    // Sometimes memories as small as this batch allows.
    SCOPED_TRACE(fmt::format("M {}, rows {}, {} heads of {}, FFN {}", m, engine.rows, shape.heads,
                             shape.head_width(), shape.ffn));
    check(model, engine, lengths, seed);
  });
}

// Memories shrink until the compiler refuses: every size that it takes works, and each refusal
// names a parameter that lifts it.
TEST(EngineCompiler, TightMemoriesWorkOrAreRefusedWithTheRemedy) {
  for_each_seed(3, [&](uint64_t seed) {
    const int m = 4;
    const golden::IntBert model = random_encoder(
        {.hidden = 10, .heads = 2, .layers = 2, .ffn = 19, .vocab = 50, .positions = 64}, 8, seed);
    const std::vector<int> lengths{7, 1, 12, 3};
    EngineParameters engine = roomy(m, 8, 8);
    int refused = 0;
    for (int* size :
         {&engine.act_depth[0], &engine.act_depth[1], &engine.res_depth[0], &engine.res_depth[1]}) {
      std::optional<int> need;
      while (!need) {
        try {
          check(model, engine, lengths, seed);
        } catch (const golden::InputError& e) {
          const std::string what = e.what();
          const auto take = what.find("take ");
          ASSERT_NE(take, std::string::npos) << what;
          need = std::atoi(what.substr(what.find("= ", take) + 2).c_str());
          ++refused;
        }
        if (!need) *size = *size > 600 ? 600 : *size * 7 / 8;
        if (*size == 0) break;
      }
      if (need) *size = std::max(*size, *need);
      EXPECT_NO_THROW(check(model, engine, lengths, seed));
    }
    EXPECT_EQ(refused, 4);
  });
}

// One wrong bit of a parameter is found and named.
TEST(EngineCompiler, NamesTheTensorOfAWrongBit) {
  const golden::IntBert model = random_encoder(
      {.hidden = 10, .heads = 2, .layers = 2, .ffn = 19, .vocab = 50, .positions = 64}, 8, 1);
  golden::IntBert wrong = model;
  wrong.layers[1].value.weight(7, 3) ^= 64;
  const EngineEncoder encoder(wrong, roomy(4, 8, 8));
  const std::vector<int> lengths{5, 3};
  const EngineProgram program = encoder.compile(lengths, 1 << 20);
  std::vector<golden::MatrixI16> inputs;
  std::vector<GoldenRun> golden;
  for (int s = 0; s < 2; ++s) {
    inputs.push_back(random_rows(model, lengths[static_cast<size_t>(s)], 1));
    golden.push_back(golden_run(model, inputs.back()));
  }
  const Carried result = carry_out(encoder, program, inputs, golden);
  EXPECT_GT(result.mismatches, 0U);
  EXPECT_TRUE(result.first.starts_with("layer.1.attention.v sequence 0 row ")) << result.first;
  EXPECT_NE(result.first.find(" column 7: "), std::string::npos) << result.first;
}

// all-MiniLM-L6-v2 at M = 32: two sentences of unequal lengths.
TEST(EngineCompiler, RealModelEqualsGolden) {
  SB_NEED_MODEL();
  const golden::BertModel model = golden::load_bert(golden::model_folder());
  golden::QuantizeOptions options;
  options.gptq = options.weigh_clip = false;  // takes the time
  const golden::IntBert encoder =
      golden::quantize_model(model, {{101, 2023, 2003, 1037, 6251, 1012, 102}}, options);
  check(encoder,
        {.m = 32,
         .rows = 32,
         .stat_rows = 64,
         .act_bits = 8,
         .act_depth = {2048, 2048},
         .res_depth = {1024, 1024},
         .exp_tables = 16},
        {11, 5}, 1);
}

// Five heads of three columns, two to a block of eight: the last block has one alone.
TEST(EngineCompiler, SmallHeadsShareBlocksOfKAndV) {
  const golden::IntBert model = random_encoder(
      {.hidden = 15, .heads = 5, .layers = 1, .ffn = 12, .vocab = 50, .positions = 64}, 8, 1);
  const EngineParameters engine = roomy(8, 8, 8);
  const EngineEncoder encoder(model, engine);
  const EngineProgram p = encoder.compile(std::vector<int>{4, 3}, 1 << 20);
  const auto blocks = [&](const std::string& label) -> int64_t {
    for (size_t i = 0; i < p.notes.size(); ++i)
      if (p.notes[i].label == "layer.0.attention." + label) return p.commands[i].n_blocks;
    return -1;
  };
  EXPECT_EQ(blocks("k"), 3);
  EXPECT_EQ(blocks("v"), 3);
  EXPECT_EQ(blocks("q"), 5);
  check(model, engine, {4, 3}, 1);
}

TEST(EngineCompiler, LoadsTheNextPassWhileThisOneIsComputed) {
  const golden::IntBert model = random_encoder(
      {.hidden = 8, .heads = 2, .layers = 2, .ffn = 12, .vocab = 50, .positions = 64}, 8, 1);
  EngineParameters engine = roomy(4, 8, 6);
  const std::vector<int> lengths{6, 5, 6};
  const auto first_load_after = [&] {
    const EngineEncoder encoder(model, engine);
    const EngineProgram p = encoder.compile(lengths, 1 << 20);
    EXPECT_EQ(p.passes.size(), 3U);
    size_t store = 0, load = 1;
    while (p.commands[store].kind != CmdStore) ++store;
    while (p.commands[load].kind != CmdLoad) ++load;
    return load < store;
  };
  EXPECT_TRUE(first_load_after());
  engine.res_depth = {7, 7};
  EXPECT_FALSE(first_load_after());
  check(model, engine, lengths, 1);
}

TEST(EngineCompiler, BalancesRowBlocks) {
  const golden::IntBert model = random_encoder(
      {.hidden = 8, .heads = 2, .layers = 1, .ffn = 12, .vocab = 50, .positions = 64}, 8, 1);
  EngineParameters engine = roomy(8, 8, 128);
  engine.stat_rows = 400;
  const EngineEncoder encoder(model, engine);
  // 16 sentences of 5 to 30 tokens, 272 rows.
  const std::vector<int> lengths{5, 30, 12, 20, 8, 25, 17, 22, 10, 28, 14, 19, 7, 24, 15, 16};
  ASSERT_EQ(std::accumulate(lengths.begin(), lengths.end(), 0), 272);
  std::vector<int> rows;
  for (const auto& p : encoder.compile(lengths, 1 << 20).passes) rows.push_back(p.rows);
  EXPECT_EQ(rows.size(), 3U);
  EXPECT_LE(*std::max_element(rows.begin(), rows.end()), 93);
  const auto blocks = encoder.compile(std::vector<int>{300}, 1 << 20).passes[0].blocks;
  EXPECT_EQ(blocks, (std::vector<std::pair<int, int>>{{0, 100}, {100, 100}, {200, 100}}));
}

TEST(EngineCompiler, RefusesWithLimitNeedAndRemedy) {
  const golden::IntBert model = random_encoder(
      {.hidden = 8, .heads = 2, .layers = 1, .ffn = 12, .vocab = 50, .positions = 64}, 9, 1);
  const auto text = [](const auto& work) {
    try {
      work();
    } catch (const golden::InputError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  const auto message = [&](const EngineParameters& engine, std::vector<int> lengths) {
    const std::string of_shape =
        text([&] { EngineEncoder::check_shape(model.config, engine, lengths); });
    const std::string said = text([&] { EngineEncoder(model, engine).compile(lengths, 1 << 20); });
    // The shape alone says the same, but for what is in the codes.
    EXPECT_EQ(of_shape, said.starts_with("layer.0: GELU codes") ? "accepted" : said);
    return said;
  };
  EXPECT_EQ(message(roomy(4, 9, 8), {3}), "accepted");
  EXPECT_EQ(
      message(roomy(4, 8, 8), {3}),
      "layer.0: GELU codes are -256..255; the engine has lanes of ActBits = 8: take ActBits = 9");
  EXPECT_EQ(message(roomy(4, 9, 8), {3, 17}),
            "sequence 1 of 17 tokens: 17 rows at a time need as many row constants; the engine has "
            "StatRows = 16: take StatRows = 17");
  EXPECT_EQ(message(roomy(4, 9, 8), {}), "a batch without sequences");
  EXPECT_EQ(message(roomy(4, 9, 8), {4, 0}), "sequence 1 has 0 tokens");
  EngineParameters engine = roomy(4, 9, 8);
  engine.act_depth[1] = 20;
  EXPECT_EQ(message(engine, {8}),
            "sequence 0 of 8 tokens: 8 rows need 32 words of activation bank 1 for K and V; the "
            "engine has ActDepth1 = 20: take ActDepth1 = 32");
  golden::BertConfig config = model.config;
  config.ffn = 1 << 20;
  EXPECT_EQ(text([&] { EngineEncoder::check_shape(config, roomy(4, 9, 8), std::vector<int>{1}); }),
            "layer.0: FFN of 1048576 neurons, at most 16384 blocks of M");
}

TEST(EngineCompiler, ListsOneLinePerCommand) {
  const golden::IntBert model = random_encoder(
      {.hidden = 8, .heads = 2, .layers = 1, .ffn = 12, .vocab = 50, .positions = 64}, 8, 1);
  const EngineEncoder encoder(model, roomy(4, 8, 8));
  const EngineProgram p = encoder.compile(std::vector<int>{5}, 1 << 20);
  const std::string text = p.listing();
  EXPECT_EQ(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')), p.commands.size() + 1);
  for (const char* part : {"layer.0.attention.k ", "layer.0.attention.scores.1 ", "exp 1 of act",
                           "layer.0.ffn2", "output of pass 0"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

}  // namespace
}  // namespace sb::test
