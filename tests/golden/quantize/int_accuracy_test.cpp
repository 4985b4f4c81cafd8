// SPDX-License-Identifier: Apache-2.0
// Accuracy of the integer model on the real weights, over the project's own small text set.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/text_lines.h"
#include "golden/model/int_model.h"
#include "golden/quantize/accuracy.h"
#include "golden/quantize/quantize_model.h"
#include "golden/text/tokenizer.h"
#include "tests/golden/model_folder.h"

namespace sb::golden {
namespace {

TEST(IntAccuracy, RealModelStaysCloseToFloatOnUnseenTexts) {
  SB_NEED_MODEL();
  const BertModel model = load_bert(model_folder());
  const Tokenizer tokenizer = Tokenizer::load(model_folder());
  const auto tokens = [&](const char* file) {
    TokenLists ids;
    for (const auto& line :
         read_text_lines(std::filesystem::path(SB_SOURCE_DIR) / "golden/data" / file))
      ids.push_back(tokenizer.encode(line.text, 64));
    return ids;
  };
  const TokenLists calibration = tokens("calibration.txt"), evaluation = tokens("evaluation.txt");
  const MatrixF reference = sentence_embeddings(model, evaluation);
  const auto accuracy = [&](const QuantizeOptions& options) {
    IntModel integer;
    integer.encoder = quantize_model(model, calibration, options);
    integer.host.config = model.config;
    integer.host.word_embeddings = model.word_embeddings;
    integer.host.position_embeddings = model.position_embeddings;
    integer.host.type_embeddings = model.type_embeddings;
    integer.host.embedding_norm = model.embedding_norm;
    return compare_embeddings(reference, int_sentence_embeddings(integer, evaluation));
  };
  const Accuracy contract = accuracy({});
  const Accuracy plain = accuracy(plain_options());
  fmt::print(
      "8 bit: mean {:.5f}, min {:.5f}, top-10 overlap {:.4f}; plain scheme: mean {:.5f}, min "
      "{:.5f}\n",
      contract.mean_cosine, contract.min_cosine, contract.top10_overlap, plain.mean_cosine,
      plain.min_cosine);
  // Half as many and shorter calibration texts than the figures of integer_model.md have, hence
  // lower bars.
  EXPECT_GT(contract.mean_cosine, 0.998);
  EXPECT_GT(contract.min_cosine, 0.996);
  EXPECT_GT(contract.top10_overlap, 0.93);
  EXPECT_LT(plain.mean_cosine, 0.993);  // the folds are what closes the gap
}

}  // namespace
}  // namespace sb::golden
