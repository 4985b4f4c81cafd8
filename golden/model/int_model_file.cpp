// SPDX-License-Identifier: Apache-2.0
// The integer model as one safetensors file. One list of fields serves reading and writing, so they
// cannot differ.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/json.h"
#include "golden/model/int_model.h"

namespace sb::golden {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "systolic-bert integer model, version 1";

class FieldWriter {
 public:
  template <typename T>
  void values(const std::string& name, std::vector<T>& values, int64_t) {
    file_.add<T>(name, values, {static_cast<int64_t>(values.size())});
  }
  // Sixteen-bit unsigned values and bytes of tables travel in a wider type that the format's
  // readers all know.
  void narrow(const std::string& name, std::vector<uint16_t>& values, int64_t) {
    const std::vector<int32_t> wide(values.begin(), values.end());
    file_.add<int32_t>(name, wide, {static_cast<int64_t>(wide.size())});
  }
  template <typename T>
  void matrix(const std::string& name, Matrix<T>& values, int64_t, int64_t) {
    file_.add(name, values);
  }
  void vector(const std::string& name, VectorF& values, int64_t) { file_.add(name, values); }
  template <typename T, size_t N>
  void table(const std::string& name, std::array<T, N>& table, int64_t, int64_t) {
    file_.add<T>(name, table, {static_cast<int64_t>(N)});
  }
  template <typename T>
  void number(const std::string& name, T& value, T, T) {
    numbers_[name] = value;
  }
  void clamp(const std::string& name, Clamp& clamp) { numbers_[name] = range_of(clamp).name; }

  SafetensorsWriter& file() {
    file_.add_metadata("numbers", numbers_.dump());
    return file_;
  }

 private:
  SafetensorsWriter file_;
  json numbers_ = json::object();
};

class FieldReader {
 public:
  explicit FieldReader(const Safetensors& file)
      : file_(file), numbers_(parse_json(file.metadata("numbers"), file.file() + ", numbers")) {
    if (!numbers_.is_object())
      throw InputError(fmt::format("{}: numbers are not a JSON object", file.file()));
  }

  template <typename T>
  void values(const std::string& name, std::vector<T>& values, int64_t size) {
    file_.vector<T>(name, size);  // checks the shape
    values = file_.values<T>(name);
  }
  void narrow(const std::string& name, std::vector<uint16_t>& values, int64_t size) {
    std::vector<int32_t> wide;
    this->values(name, wide, size);
    for (int32_t v : wide) {
      if (v < 0 || v > 65535) fail(name, fmt::format("value {} is not in 0..65535", v));
      values.push_back(static_cast<uint16_t>(v));
    }
  }
  template <typename T>
  void matrix(const std::string& name, Matrix<T>& values, int64_t rows, int64_t cols) {
    values = file_.matrix<T>(name, rows, cols);
  }
  void vector(const std::string& name, VectorF& values, int64_t size) {
    values = file_.vector<float>(name, size);
  }
  template <typename T, size_t N>
  void table(const std::string& name, std::array<T, N>& table, int64_t low, int64_t high) {
    std::vector<T> entries;
    values(name, entries, N);
    for (T entry : entries)
      if (entry < low || entry > high)
        fail(name, fmt::format("entry {} is not in {}..{}", entry, low, high));
    std::copy(entries.begin(), entries.end(), table.begin());
  }
  template <typename T>
  void number(const std::string& name, T& value, T low, T high) {
    const json& entry = get(name);
    const bool integer = std::is_integral_v<T>;
    if (!entry.is_number() || (integer && !entry.is_number_integer()) ||
        (integer && std::is_unsigned_v<T> && !entry.is_number_unsigned()))
      fail(name, "not a number of its kind");
    // As double first: a number beyond T must not wrap around. Then as T: a double does not hold
    // every limit.
    const auto wide = entry.get<double>();
    const bool close = wide >= static_cast<double>(low) && wide <= static_cast<double>(high);
    if (close) value = entry.get<T>();
    if (!close || value < low || value > high)
      fail(name, fmt::format("{} is not in {}..{}", wide, low, high));
  }
  void clamp(const std::string& name, Clamp& clamp) {
    const json& entry = get(name);
    try {
      clamp = clamp_named(entry.is_string() ? entry.get<std::string>() : "");
    } catch (const InputError& error) {
      fail(name, error.what());
    }
  }

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    throw InputError(fmt::format("{}: {}: {}", file_.file(), name, what));
  }

 private:
  const json& get(const std::string& name) const {
    if (!numbers_.contains(name))
      throw InputError(fmt::format("{}: number '{}' is missing", file_.file(), name));
    return numbers_[name];
  }

  const Safetensors& file_;
  json numbers_;
};

constexpr double kLargestScale = 1e30, kSmallestScale = 1e-30;

template <typename Archive>
void fields(Archive& io, const std::string& name, Requant& requant, int64_t outputs) {
  io.values(name + ".mult", requant.mult, outputs);
  io.values(name + ".shift", requant.shift, outputs);
}

template <typename Archive>
void fields(Archive& io, const std::string& name, IntLinear& linear, int64_t outputs,
            int64_t inputs) {
  io.matrix(name + ".weight", linear.weight, outputs, inputs);
  const int64_t rows = linear.weight.rows();
  io.values(name + ".bias", linear.bias, rows);
  fields(io, name, linear.requant, rows);
  io.values(name + ".acc_scale", linear.acc_scale, rows);
  io.values(name + ".out_scale", linear.out_scale, rows);
  io.number(name + ".zero", linear.zero, -32768, 32767);
  io.clamp(name + ".clamp", linear.clamp);
}

template <typename Archive>
void fields(Archive& io, const std::string& name, OperandParams& operand, int64_t hidden) {
  io.narrow(name + ".k", operand.k, hidden);
  io.number(name + ".shift", operand.shift, 16, 28);
  io.number(name + ".bits", operand.bits, 8, 9);
}

template <typename Archive>
void fields(Archive& io, const std::string& name, IntNorm& norm, int64_t hidden, bool last) {
  LayerNormParams& p = norm.norm;
  io.number(name + ".mean_mult", p.mean_mult, 0U, (1U << 26) - 1);
  io.number(name + ".mean_shift", p.mean_shift, 16, 32);
  io.number(name + ".e", p.e, uint64_t{0}, (uint64_t{1} << 56) - 1);
  io.number(name + ".row_shift", p.row_shift, 8, 31);
  io.values(name + ".gain", p.gain, hidden);
  io.values(name + ".bias", p.bias, hidden);
  io.number(name + ".scale", norm.scale, kSmallestScale, kLargestScale);
  if (!last) fields(io, name + ".operand", norm.operand, hidden);
}

template <typename Archive>
void fields(Archive& io, const std::string& name, IntHead& head) {
  io.number(name + ".mult", head.mult, 0U, 65535U);
  int shift = head.shift;
  io.number(name + ".shift", shift, 6, 46);
  head.shift = static_cast<uint8_t>(shift);
  io.table(name + ".exp", head.table, 0, 255);
  io.number(name + ".scale", head.score_scale, kSmallestScale, kLargestScale);
}

template <typename Archive>
void fields(Archive& io, const std::string& name, IntLayer& layer, const BertConfig& config,
            bool last) {
  const int64_t hidden = config.hidden;
  fields(io, name + "attention.q", layer.query, hidden, hidden);
  fields(io, name + "attention.k", layer.key, hidden, hidden);
  fields(io, name + "attention.v", layer.value, hidden, hidden);
  layer.heads.resize(static_cast<size_t>(config.heads));
  for (size_t h = 0; h < layer.heads.size(); ++h)
    fields(io, fmt::format("{}attention.scores.{}", name, h), layer.heads[h]);
  fields(io, name + "attention.context", layer.context, hidden);
  io.values(name + "attention.context.scale", layer.context_scale, hidden);
  fields(io, name + "attention.dense", layer.attention_output, hidden, hidden);
  fields(io, name + "h", layer.attention_norm, hidden, false);
  fields(io, name + "ffn1", layer.intermediate, -1, hidden);  // the split of neurons sets its width
  io.table(name + "gelu", layer.gelu, -256, 255);
  fields(io, name + "ffn2", layer.output, hidden, layer.intermediate.weight.rows());
  fields(io, name + "x", layer.output_norm, hidden, last);
}

template <typename Archive>
void fields(Archive& io, IntModel& model) {
  const BertConfig& config = model.host.config;
  io.matrix("host.word_embeddings", model.host.word_embeddings, config.vocab, config.hidden);
  io.matrix("host.position_embeddings", model.host.position_embeddings, config.positions,
            config.hidden);
  io.matrix("host.type_embeddings", model.host.type_embeddings, config.types, config.hidden);
  io.vector("host.norm.gamma", model.host.embedding_norm.gamma, config.hidden);
  io.vector("host.norm.beta", model.host.embedding_norm.beta, config.hidden);
  io.number("input.scale", model.encoder.input_scale, kSmallestScale, kLargestScale);
  fields(io, "input.operand", model.encoder.input_operand, config.hidden);
  model.encoder.layers.resize(static_cast<size_t>(config.layers));
  for (size_t i = 0; i < model.encoder.layers.size(); ++i)
    fields(io, fmt::format("layer.{}.", i), model.encoder.layers[i], config,
           i + 1 == model.encoder.layers.size());
}

// Widths that the fields' own ranges do not say.
void check(const FieldReader& reader, const IntBert& model) {
  const auto requant = [&](const std::string& name, const Requant& r) {
    for (uint32_t mult : r.mult)
      if (mult > 65535) reader.fail(name + ".mult", fmt::format("{} is not below 2^16", mult));
    for (int shift : r.shift)
      if (shift < 6 || shift > 46)
        reader.fail(name + ".shift", fmt::format("{} is not in 6..46", shift));
  };
  const auto norm = [&](const std::string& name, const IntNorm& n) {
    // Another multiplier could make means that no width of numerics.md section 8 holds.
    const double columns = std::ldexp(n.norm.mean_mult, -n.norm.mean_shift) * model.config.hidden;
    if (std::abs(columns - 256) > 0x1p-10)
      reader.fail(name + ".mean_mult",
                  fmt::format("{} with shift {} is not 256 / {}", n.norm.mean_mult,
                              n.norm.mean_shift, model.config.hidden));
    for (int32_t gain : n.norm.gain)
      if (std::abs(int64_t{gain}) > 131071)
        reader.fail(name + ".gain", fmt::format("{} has more than 18 bits", gain));
    for (int32_t bias : n.norm.bias)
      if (std::abs(int64_t{bias}) > 33554431)
        reader.fail(name + ".bias", fmt::format("{} has more than 26 bits", bias));
    if (!n.operand.k.empty() && n.operand.shift % 4 != 0)
      reader.fail(name + ".operand.shift",
                  fmt::format("{} is not one of 16, 20, 24, 28", n.operand.shift));
  };
  if (model.input_operand.shift % 4 != 0)
    reader.fail("input.operand.shift",
                fmt::format("{} is not one of 16, 20, 24, 28", model.input_operand.shift));
  int operand = 1 << (model.input_operand.bits - 1);
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const IntLayer& layer = model.layers[i];
    const std::string prefix = fmt::format("layer.{}.", i);
    const auto linear = [&](const char* name, const IntLinear& l, int max_code) {
      requant(prefix + name, l.requant);
      check_accumulator(l, max_code, prefix + name);
    };
    const int h_operand = 1 << (layer.attention_norm.operand.bits - 1);
    linear("attention.q", layer.query, operand);
    linear("attention.k", layer.key, operand);
    linear("attention.v", layer.value, operand);
    requant(prefix + "attention.context", layer.context);
    linear("attention.dense", layer.attention_output, 128);
    linear("ffn1", layer.intermediate, h_operand);
    linear("ffn2", layer.output, 256);
    for (const auto& [name, l] : {std::pair{"attention.q", &layer.query},
                                  {"attention.k", &layer.key},
                                  {"attention.v", &layer.value},
                                  {"ffn1", &layer.intermediate}})
      if (l->clamp != Clamp::S8) reader.fail(fmt::format("{}{}.clamp", prefix, name), "must be s8");
    norm(prefix + "h", layer.attention_norm);
    norm(prefix + "x", layer.output_norm);
    operand = 1 << (layer.output_norm.operand.bits - 1);
  }
}

}  // namespace

std::string int_model_bytes(const IntModel& model) {
  FieldWriter writer;
  IntModel copy = model;  // the list of fields is shared with reading and wants to write to them
  fields(writer, copy);
  const std::vector<uint8_t> vocabulary(model.vocabulary.begin(), model.vocabulary.end());
  SafetensorsWriter& file = writer.file();
  file.add<uint8_t>("host.vocabulary", vocabulary, {static_cast<int64_t>(vocabulary.size())});
  file.add_metadata("format", kFormat);
  file.add_metadata("config", bert_config_text(model.host.config));
  file.add_metadata("tokenizer_config", model.tokenizer_config);
  return file.bytes();
}

void save_int_model(const IntModel& model, const std::filesystem::path& path) {
  write_file(path, int_model_bytes(model));
}

IntModel parse_int_model(std::string bytes, const std::string& name) {
  const Safetensors file = Safetensors::parse(std::move(bytes), name);
  const auto& texts = file.metadata();
  if (const auto format = texts.find("format"); format == texts.end() || format->second != kFormat)
    throw InputError(fmt::format("{}: not a file of bertsim quantize ({})", name, kFormat));
  IntModel model;
  model.host.config = parse_bert_config(file.metadata("config"), name + ", config");
  model.encoder.config = model.host.config;
  // The longest rows of LayerNorm and of the row factor.
  if (model.host.config.hidden > 4096 || model.host.config.positions > 2048)
    throw InputError(
        fmt::format("{}: hidden_size {} and max_position_embeddings {}, at most 4096 and 2048 work",
                    name, model.host.config.hidden, model.host.config.positions));
  model.tokenizer_config = file.metadata("tokenizer_config");
  FieldReader reader(file);
  fields(reader, model);
  check(reader, model.encoder);
  const auto vocabulary = file.values<uint8_t>("host.vocabulary");
  model.vocabulary.assign(vocabulary.begin(), vocabulary.end());
  return model;
}

IntModel load_int_model(const std::filesystem::path& path) {
  return parse_int_model(read_file(path), path.string());
}

}  // namespace sb::golden
