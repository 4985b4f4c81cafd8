// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "golden/model/int_model.h"
#include "tb/cli/engine_cli.h"

namespace sb::cli {

/// What a report can say of a text beyond what the engine did.
struct ReportText {
  std::string text;
  std::vector<std::string> tokens;
  /// The float model's layer.N.attention.probs and layer.N.x; empty without one.
  std::map<std::string, golden::MatrixF> reference;
};

/// Cosine of the engine's output of each layer with the float model's, of each text: of the pooled
/// rows, and mean and least of single rows.
nlohmann::json layer_accuracy(const EngineJob& job, const golden::IntBert& model,
                              const std::vector<ReportText>& texts);

/// Attention of each text, layer and head: the scores that the engine wrote, through its exp table,
/// and the float model's; a byte per weight (255: 1), base64. Texts that would make the page too
/// large are left out.
nlohmann::json attention_maps(const EngineJob& job, const golden::IntBert& model,
                              const std::vector<ReportText>& texts);

/// One HTML file that needs no other: figures are those of --json, maps those of attention_maps or
/// null.
std::string report_page(const EngineJob& job, const nlohmann::json& figures,
                        const nlohmann::json& maps);

}  // namespace sb::cli
