// SPDX-License-Identifier: Apache-2.0
#include "golden/model/bert_config.h"

#include <fmt/format.h>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/json.h"

namespace sb::golden {

using nlohmann::json;

BertConfig parse_bert_config(std::string_view text, const std::string& name) {
  const json values = parse_json(text, name);
  if (!values.is_object()) throw InputError(fmt::format("{}: not a JSON object", name));
  const auto extent = [&](const char* key, int limit) {
    if (!values.contains(key)) throw InputError(fmt::format("{}: {} is missing", name, key));
    const json& value = values[key];
    if (!value.is_number_unsigned() || value.get<uint64_t>() < 1 ||
        value.get<uint64_t>() > static_cast<uint64_t>(limit))
      throw InputError(fmt::format("{}: {} is {}, an integer in 1..{} is needed", name, key,
                                   shown(value.dump(-1, ' ', true)), limit));
    return value.get<int>();
  };
  const auto only = [&](const char* key, const json& wanted) {
    if (values.contains(key) && values[key] != wanted)
      throw InputError(fmt::format("{}: {} {} is not supported, only {} is", name, key,
                                   shown(values[key].dump(-1, ' ', true)), wanted.dump()));
  };
  only("model_type", "bert");
  only("hidden_act", "gelu");
  only("position_embedding_type", "absolute");
  only("is_decoder", false);

  BertConfig config;
  config.hidden = extent("hidden_size", 1 << 16);
  config.heads = extent("num_attention_heads", 1 << 16);
  config.layers = extent("num_hidden_layers", 1024);
  config.ffn = extent("intermediate_size", 1 << 18);
  config.vocab = extent("vocab_size", 1 << 22);
  config.positions = extent("max_position_embeddings", 1 << 20);
  config.types = extent("type_vocab_size", 1 << 10);
  if (!values.contains("layer_norm_eps"))
    throw InputError(fmt::format("{}: layer_norm_eps is missing", name));
  const json& eps = values["layer_norm_eps"];
  if (!eps.is_number() || !(eps.get<double>() > 0) || !(eps.get<double>() < 1))
    throw InputError(fmt::format("{}: layer_norm_eps is {}, a number between 0 and 1 is needed",
                                 name, shown(eps.dump(-1, ' ', true))));
  config.eps = eps.get<double>();
  if (config.hidden % config.heads != 0)
    throw InputError(fmt::format("{}: hidden_size {} is not a multiple of num_attention_heads {}",
                                 name, config.hidden, config.heads));
  return config;
}

BertConfig read_bert_config(const std::filesystem::path& path) {
  return parse_bert_config(read_file(path), path.string());
}

std::string bert_config_text(const BertConfig& config) {
  const json values{{"model_type", "bert"},
                    {"hidden_act", "gelu"},
                    {"position_embedding_type", "absolute"},
                    {"hidden_size", config.hidden},
                    {"num_attention_heads", config.heads},
                    {"num_hidden_layers", config.layers},
                    {"intermediate_size", config.ffn},
                    {"vocab_size", config.vocab},
                    {"max_position_embeddings", config.positions},
                    {"type_vocab_size", config.types},
                    {"layer_norm_eps", config.eps}};
  return values.dump(2) + "\n";
}

}  // namespace sb::golden
