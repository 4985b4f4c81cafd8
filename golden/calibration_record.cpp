#include "golden/calibration_record.h"

#include <algorithm>
#include <cmath>

#include "golden/parallel.h"

namespace sb::golden {
namespace {

const char* const kRecorded[] = {"attention.input",   "attention.q",   "attention.k", "attention.v",
                                 "attention.context", "attention.dense", "attention.sum", "h",
                                 "ffn1",              "ffn2",          "sum",         "x"};

}  // namespace

LayerRecord record_layer(const BertModel& model, int layer, std::vector<MatrixF>& states) {
  LayerRecord record;
  std::vector<Eigen::Index> first{0};
  for (const MatrixF& x : states) first.push_back(first.back() + x.rows());
  const int hidden = model.config.hidden, heads = model.config.heads;
  for (const char* name : kRecorded)
    record.values[name].resize(first.back(), std::string(name) == "ffn1" ? model.config.ffn : hidden);
  std::vector<std::vector<std::vector<float>>> scores(states.size());  // text, head

  const std::string prefix = "layer." + std::to_string(layer) + ".";
  parallel_for(states.size(), [&](size_t text) {
    const Eigen::Index tokens = states[text].rows();
    states[text] = encoder_layer(model, layer, states[text], {}, [&](const std::string& full, MatrixF& value) {
      const std::string name = full.substr(prefix.size());
      if (const auto found = record.values.find(name); found != record.values.end())
        found->second.middleRows(first[text], tokens) = value;
      if (name != "attention.scores") return;
      const auto per_head = static_cast<size_t>(tokens * tokens);
      for (size_t head = 0; head < static_cast<size_t>(heads); ++head) {
        const float* begin = value.data() + head * per_head;
        scores[text].emplace_back(begin, begin + per_head);
      }
    });
  });
  record.scores.resize(static_cast<size_t>(heads));
  for (const auto& text : scores)
    for (size_t head = 0; head < text.size(); ++head)
      record.scores[head].insert(record.scores[head].end(), text[head].begin(), text[head].end());
  return record;
}

double abs_range(std::vector<float> values, const RangeRule& rule) {
  for (float& v : values) v = std::abs(v);
  if (values.empty()) return 0;
  if (rule.kind == RangeRule::Kind::Max) return *std::max_element(values.begin(), values.end());
  const double rank = rule.percentile / 100 * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(std::floor(rank));
  std::nth_element(values.begin(), values.begin() + low, values.end());
  const double at_low = values[static_cast<size_t>(low)];
  if (static_cast<size_t>(low) + 1 == values.size()) return at_low;
  const double at_high = *std::min_element(values.begin() + low + 1, values.end());
  return at_low + (rank - std::floor(rank)) * (at_high - at_low);
}

Eigen::VectorXd column_ranges(const MatrixF& values, const RangeRule& rule) {
  Eigen::VectorXd ranges(values.cols());
  for (Eigen::Index c = 0; c < values.cols(); ++c) {
    const VectorF column = values.col(c);
    ranges[c] = abs_range({column.data(), column.data() + column.size()}, rule);
  }
  return ranges;
}

Eigen::VectorXd column_max(const MatrixF& values) {
  return values.colwise().maxCoeff().transpose().cast<double>();
}

Eigen::VectorXd column_mean(const MatrixF& values) {
  return values.cast<double>().colwise().mean().transpose();
}

}  // namespace sb::golden
