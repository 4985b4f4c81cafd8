// SPDX-License-Identifier: Apache-2.0
// Quantizes a model on texts and writes it: quantize_main MODEL TEXTS OUT. Built twice, for
// processors with and without the newer instructions; both must write one file.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "golden/io/file.h"
#include "golden/io/text_lines.h"
#include "golden/model/int_model.h"
#include "golden/quantize/quantize_model.h"
#include "golden/text/tokenizer.h"

namespace {

int run(const char* folder, const char* texts, const char* out) {
  using namespace sb::golden;
  const BertModel model = load_bert(folder);
  const auto tokenizer = Tokenizer::load(folder);
  TokenLists ids;
  for (const auto& line : read_text_lines(texts)) ids.push_back(tokenizer.encode(line.text, 64));
  IntModel result;
  result.encoder = quantize_model(model, ids, {});
  result.host = model;
  result.host.layers.clear();
  result.host.pooler.reset();
  write_file(out, int_model_bytes(result));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return argc == 4 ? run(argv[1], argv[2], argv[3]) : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "quantize_main: {}\n", error.what());
    return 2;
  }
}
