// SPDX-License-Identifier: Apache-2.0
// The Verilated sb_fc_layer models of this build (tb/CMakeLists.txt) behind the FcLayer interface.
#include <fmt/format.h>

#include <map>

#include "models/fc_layer_m16.h"
#include "models/fc_layer_m32.h"
#include "models/fc_layer_m4.h"
#include "models/fc_layer_m4_file.h"
#include "models/fc_layer_m4_one.h"
#include "models/fc_layer_m8.h"
#include "tb/devices/fc_model.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

using Maker = std::unique_ptr<FcLayer> (*)(const std::string&, uint64_t seed, const TraceOptions&);

template <class P>
std::unique_ptr<FcLayer> make(const std::string& name, uint64_t seed, const TraceOptions& trace) {
  return std::make_unique<FcModel<P>>(name, seed, trace);
}

const std::map<std::string, Maker>& makers() {
  static const std::map<std::string, Maker> all{
      {"m4", make<models::fc_layer_m4>},         {"m4_file", make<models::fc_layer_m4_file>},
      {"m4_one", make<models::fc_layer_m4_one>}, {"m8", make<models::fc_layer_m8>},
      {"m16", make<models::fc_layer_m16>},       {"m32", make<models::fc_layer_m32>}};
  return all;
}

}  // namespace

std::vector<std::string> fc_layer_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers()) names.push_back(name);
  return names;
}

std::unique_ptr<FcLayer> make_fc_layer(const std::string& name, uint64_t seed,
                                       const TraceOptions& trace) {
  const auto found = makers().find(name);
  if (found == makers().end()) throw InputError(fmt::format("no fc_layer model named {}", name));
  return found->second(name, seed, trace);
}

}  // namespace sb::tb
