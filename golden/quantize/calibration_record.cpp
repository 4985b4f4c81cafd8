// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/calibration_record.h"

#include "golden/base/parallel.h"
#include "golden/encoder/float_encoder.h"

namespace sb::golden {
namespace {

const char* const kRecorded[] = {
    "attention.input", "attention.q", "attention.k", "attention.v", "attention.context",
    "attention.sum",   "h",           "ffn1",        "sum",         "x"};

}  // namespace

LayerRecord record_layer(const BertModel& model, int layer, std::vector<MatrixF>& states,
                         bool with_scores) {
  LayerRecord record;
  std::vector<Eigen::Index>& first = record.first;
  for (const MatrixF& x : states) first.push_back(first.back() + x.rows());
  const int hidden = model.config.hidden, heads = model.config.heads;
  for (const char* name : kRecorded)
    record.values[name].resize(first.back(),
                               std::string(name) == "ffn1" ? model.config.ffn : hidden);
  std::vector<std::vector<std::vector<float>>> scores(states.size());  // text, head

  const std::string prefix = "layer." + std::to_string(layer) + ".";
  parallel_for(states.size(), [&](size_t text) {
    const Eigen::Index tokens = states[text].rows();
    states[text] =
        encoder_layer(model, layer, states[text], {}, [&](const std::string& full, MatrixF& value) {
          const std::string name = full.substr(prefix.size());
          if (const auto found = record.values.find(name); found != record.values.end())
            found->second.middleRows(first[text], tokens) = value;
          if (!with_scores || name != "attention.scores") return;
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

double abs_range(std::span<const float> values, const CalibrationOptions& options) {
  Calibrator calibrator;
  calibrator.add(
      Eigen::Map<const MatrixF>(values.data(), 1, static_cast<Eigen::Index>(values.size())));
  return calibrator.amax(options).front();
}

Eigen::VectorXd column_ranges(const MatrixF& values, const CalibrationOptions& options) {
  Calibrator calibrator(Axis::Column);
  calibrator.add(values);
  const std::vector<double> ranges = calibrator.amax(options);
  return Eigen::Map<const Eigen::VectorXd>(ranges.data(), values.cols());
}

Eigen::VectorXd column_max(const MatrixF& values) {
  return values.colwise().maxCoeff().transpose().cast<double>();
}

}  // namespace sb::golden
