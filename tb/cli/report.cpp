// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/encoder/float_encoder.h"
#include "golden/ops/exp.h"
#include "report_page.h"

namespace sb::cli {
namespace {

using nlohmann::json;

constexpr size_t kMapBytes = 1'800'000;  // of all maps: 2.4 MB of text

std::string base64(const std::vector<uint8_t>& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve(bytes.size() / 3 * 4 + 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0U);
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

// Runs of cycles with one reason each: cycles * 16 + reason in seven bits a byte, the lowest first,
// bit 7 of all but the last byte set. Nine of ten take one byte.
std::string packed_spans(const EngineJob& job) {
  std::vector<uint8_t> bytes;
  for (const auto& span : job.run.spans) {
    uint64_t left = static_cast<uint64_t>(span.cycles) << 4 | static_cast<uint64_t>(span.why);
    for (; left >= 128; left >>= 7) bytes.push_back(static_cast<uint8_t>(left | 128));
    bytes.push_back(static_cast<uint8_t>(left));
  }
  return base64(bytes);
}

uint8_t weight_byte(double weight) {
  return static_cast<uint8_t>(std::lround(255 * std::clamp(weight, 0.0, 1.0)));
}

double cosine(const golden::VectorF& a, const golden::VectorF& b) {
  const double norms = a.cast<double>().norm() * b.cast<double>().norm();
  return norms == 0 ? 0 : a.cast<double>().dot(b.cast<double>()) / norms;
}

}  // namespace

json layer_accuracy(const EngineJob& job, const golden::IntBert& model,
                    const std::vector<ReportText>& texts) {
  json all = json::array();
  for (size_t s = 0; s < texts.size(); ++s) {
    json layers = json::array();
    for (size_t l = 0; l < model.layers.size(); ++l) {
      const std::string name = fmt::format("layer.{}.x", l);
      const golden::MatrixF x =
          (job.seen[s].at(name).cast<double>() * model.layers[l].output_norm.scale).cast<float>();
      const golden::MatrixF& reference = texts[s].reference.at(name);
      double sum = 0, least = 1;
      for (Eigen::Index r = 0; r < x.rows(); ++r) {
        const double c = cosine(x.row(r).transpose(), reference.row(r).transpose());
        sum += c;
        least = std::min(least, c);
      }
      layers.push_back({{"pooled", cosine(golden::mean_pool(x), golden::mean_pool(reference))},
                        {"rows_mean", sum / static_cast<double>(x.rows())},
                        {"rows_min", least}});
    }
    all.push_back(std::move(layers));
  }
  return all;
}

json attention_maps(const EngineJob& job, const golden::IntBert& model,
                    const std::vector<ReportText>& texts) {
  json maps = json::array();
  size_t left = kMapBytes;
  for (size_t s = 0; s < job.seen.size(); ++s) {
    const auto tokens = static_cast<size_t>(job.program.lengths[s]);
    const bool with_float = s < texts.size() && !texts[s].reference.empty();
    const size_t bytes =
        model.layers.size() * model.layers[0].heads.size() * tokens * tokens * (with_float ? 2 : 1);
    if (bytes > left) continue;
    left -= bytes;
    std::vector<uint8_t> rtl, reference;
    for (size_t l = 0; l < model.layers.size(); ++l) {
      for (size_t h = 0; h < model.layers[l].heads.size(); ++h) {
        const auto rows =
            golden::exp_rows(job.seen[s].at(fmt::format("layer.{}.attention.scores.{}", l, h)), {},
                             model.layers[l].heads[h].table);
        for (Eigen::Index r = 0; r < rows.u.rows(); ++r)
          for (Eigen::Index c = 0; c < rows.u.cols(); ++c)
            rtl.push_back(
                weight_byte(rows.u(r, c) / static_cast<double>(rows.sum[static_cast<size_t>(r)])));
      }
      if (!with_float) continue;
      const golden::MatrixF& probs =
          texts[s].reference.at(fmt::format("layer.{}.attention.probs", l));
      for (const float weight : probs.reshaped<Eigen::RowMajor>())
        reference.push_back(weight_byte(weight));
    }
    json map{{"sequence", s},
             {"rows", tokens},
             {"layers", model.layers.size()},
             {"heads", model.layers[0].heads.size()},
             {"rtl", base64(rtl)}};
    if (with_float) map["float"] = base64(reference);
    if (s < texts.size()) map["tokens"] = texts[s].tokens;
    maps.push_back(std::move(map));
  }
  return maps;
}

std::string report_page(const EngineJob& job, const json& figures, const json& maps) {
  json reasons = json::array();
  for (size_t r = 0; r < job.run.why.size(); ++r)
    reasons.push_back(std::string(name(static_cast<sb_engine_pkg::why_e>(r))));
  std::string data = json{
      {"figures", figures},
      {"reasons", reasons},
      {"spans", packed_spans(job)},
      {"maps", maps}}.dump(-1, ' ', true);
  // Inside a script element "<" could begin its end.
  for (size_t at = 0; (at = data.find('<', at)) != std::string::npos;)
    data.replace(at, 1, "\\u003c");
  std::string page = kReportPage;
  constexpr std::string_view kPlace = "@DATA@";
  return page.replace(page.find(kPlace), kPlace.size(), data);
}

}  // namespace sb::cli
