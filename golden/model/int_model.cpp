#include "golden/model/int_model.h"

#include <fmt/format.h>

#include <mutex>

#include "golden/base/error.h"
#include "golden/base/parallel.h"

namespace sb::golden {

Tokenizer IntModel::tokenizer() const {
  const TokenizerOptions options =
      tokenizer_config.empty() ? TokenizerOptions{}
                               : parse_tokenizer_options(tokenizer_config, "tokenizer_config.json");
  std::vector<std::string> tokens = parse_vocabulary(vocabulary, "vocab.txt");
  if (tokens.size() != static_cast<size_t>(host.config.vocab))
    throw InputError(fmt::format("vocab.txt: {} tokens for a model with {} embeddings",
                                 tokens.size(), host.config.vocab));
  return Tokenizer(std::move(tokens), options);
}

bool is_int_model(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(path);
}

MatrixF int_sentence_embeddings(const IntModel& model,
                                const std::vector<std::vector<int32_t>>& texts,
                                const std::function<void(size_t)>& done) {
  MatrixF result(static_cast<Eigen::Index>(texts.size()), model.host.config.hidden);
  std::mutex mutex;
  size_t finished = 0;
  parallel_for(texts.size(), [&](size_t i) {
    const MatrixI16 x = quantize_embeddings(model.encoder, embeddings(model.host, texts[i]));
    const MatrixF last = dequantize_output(model.encoder, int_encode(model.encoder, x));
    result.row(static_cast<Eigen::Index>(i)) = l2_normalize(mean_pool(last)).transpose();
    if (!done) return;
    const std::scoped_lock lock(mutex);
    done(++finished);
  });
  return result;
}

}  // namespace sb::golden
