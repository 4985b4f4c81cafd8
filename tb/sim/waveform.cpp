// SPDX-License-Identifier: Apache-2.0
#include "tb/sim/waveform.h"

#include <fmt/format.h>
#include <gtkwave/fstapi.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "tb/sim/error.h"

namespace sb::tb {
namespace {

/// True if the blocks of an FST fill the file to its end and those that a reader needs are there.
/// Each block: a byte for its kind, 8 bytes for its length (themselves counted), most significant
/// first.
bool is_whole(const std::string& fst) {
  std::ifstream file(fst, std::ios::binary);
  file.seekg(0, std::ios::end);
  const auto size = static_cast<uint64_t>(file.tellg());
  std::set<int> kinds;
  for (uint64_t at = 0; at != size;) {
    if (size - at < 9) return false;
    unsigned char head[9];
    file.seekg(static_cast<std::streamoff>(at));
    file.read(reinterpret_cast<char*>(head), sizeof head);
    uint64_t length = 0;
    for (int i = 1; i <= 8; ++i) length = length << 8 | head[i];
    if (!file || length < 8 || length > size - at - 1) return false;
    kinds.insert(head[0]);
    at += 1 + length;
  }
  const bool names = kinds.contains(FST_BL_HIER) || kinds.contains(FST_BL_HIER_LZ4) ||
                     kinds.contains(FST_BL_HIER_LZ4DUO);
  return names && kinds.contains(FST_BL_HDR) && kinds.contains(FST_BL_GEOM) &&
         !kinds.contains(FST_BL_SKIP);
}

/// GTKWave's flags of a line.
constexpr std::string_view kBinary = "@28", kHex = "@22", kDecimal = "@24", kSigned = "@420",
                           kOpen = "@800200", kClose = "@1000200", kOpenShut = "@c00200",
                           kCloseShut = "@1401200";

struct Signal {
  std::string path;  // with its scopes, as GTKWave names it
  std::string name;  // in its module, structs led by theirs, without range and lane
  int lane;          // of an array, or -1
  uint32_t bits;
};

/// The signals of one module, in the order of their declaration.
struct Module {
  std::string path, name;
  int depth;
  std::vector<Signal> signals;
};

std::vector<Module> modules_of(const std::string& fst) {
  const std::unique_ptr<void, decltype(&fstReaderClose)> reader(fstReaderOpen(fst.c_str()),
                                                                fstReaderClose);
  std::vector<Module> modules;
  if (reader == nullptr) return modules;
  struct Scope {
    size_t module;
    std::string path, inner;  // inner: structs and blocks within the module
  };
  std::vector<Scope> scopes;
  while (const fstHier* h = fstReaderIterateHier(reader.get())) {
    if (h->htyp == FST_HT_SCOPE) {
      const std::string name = h->u.scope.name;
      const std::string path = scopes.empty() ? name : scopes.back().path + "." + name;
      if (h->u.scope.typ == FST_ST_VCD_MODULE || scopes.empty()) {
        modules.push_back({path, name, static_cast<int>(scopes.size()), {}});
        scopes.push_back({modules.size() - 1, path, {}});
      } else {
        scopes.push_back({scopes.back().module, path, scopes.back().inner + name + "."});
      }
    } else if (h->htyp == FST_HT_UPSCOPE) {
      scopes.pop_back();
    } else if (h->htyp == FST_HT_VAR && h->u.var.typ != FST_VT_VCD_PARAMETER && !scopes.empty()) {
      std::string name = h->u.var.name;
      name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
      const std::string path = scopes.back().path + "." + name;
      name.erase(
          std::min(name.rfind('[') == std::string::npos || name.find(':') == std::string::npos
                       ? name.size()
                       : name.rfind('['),
                   name.size()));
      int lane = -1;
      if (name.ends_with(']')) {
        lane = std::stoi(name.substr(name.rfind('[') + 1));
        name.erase(name.rfind('['));
      }
      modules[scopes.back().module].signals.push_back(
          {path, scopes.back().inner + name, lane, h->u.var.length});
    }
  }
  return modules;
}

bool is_port(const Signal& s) { return s.name.ends_with("_i") || s.name.ends_with("_o"); }

/// Names of streams: what goes before _valid_i and _valid_o.
std::vector<std::string> streams_of(const Module& module) {
  std::vector<std::string> streams;
  for (const Signal& s : module.signals)
    for (const std::string_view end : {"_valid_i", "_valid_o", "_tvalid_i", "_tvalid_o"})
      if (s.name.ends_with(end)) {
        const std::string stream = s.name.substr(0, s.name.size() - end.size());
        if (std::find(streams.begin(), streams.end(), stream) == streams.end())
          streams.push_back(stream);
      }
  return streams;
}

/// Lines of the signals for which `wanted` holds; of an array the first lane and the last.
std::string lines(const Module& module, const auto& wanted) {
  std::map<std::string, int> last_lane;
  for (const Signal& s : module.signals) last_lane[s.name] = std::max(last_lane[s.name], s.lane);
  std::string text;
  for (const Signal& s : module.signals) {
    if (!wanted(s) || (s.lane > 0 && s.lane != last_lane[s.name])) continue;
    const std::string_view format = s.lane >= 0    ? kSigned
                                    : s.bits == 1  ? kBinary
                                    : s.bits <= 16 ? kDecimal
                                                   : kHex;
    text += fmt::format("{}\n{}\n", format, s.path);
  }
  return text;
}

std::string group(const std::string& name, const std::string& lines, bool shut = false) {
  if (lines.empty()) return {};
  return fmt::format("{}\n-{}\n{}{}\n-{}\n", shut ? kOpenShut : kOpen, name, lines,
                     shut ? kCloseShut : kClose, name);
}

/// The parts of the encoder engine, by the instances that make them up, and what lies in those.
struct Part {
  std::string_view name;
  std::vector<std::string_view> instances;
};
const std::vector<Part>& engine_parts() {
  static const std::vector<Part> kParts{
      {"bus", {"i_regs", "i_control", "i_fetch", "i_read", "i_write"}},
      {"queue", {"i_check", "i_ring"}},
      {"walkers",
       {"i_lreq", "i_sreq", "i_tables", "i_params", "i_keys", "i_tile_buffer", "i_reader"}},
      {"prologue", {"i_read_word", "i_prologue", "i_act_fifo"}},
      {"array", {"i_array", "i_why"}},
      {"epilogue",
       {"i_drain", "i_recips", "i_drain_bank", "i_store_fifo", "i_back_fifo", "i_load"}},
      {"memories", {"i_act", "i_res", "i_maxima", "i_row_stats"}}};
  return kParts;
}

/// The part that a module of the engine belongs to, by the instance nearest to the top; empty for
/// modules of other tops.
std::string_view part_of(const std::string& path) {
  const size_t engine = path.find(".i_encoder.");
  if (engine == std::string::npos) return {};
  size_t at = engine + std::string_view(".i_encoder.").size();
  while (at < path.size()) {
    const size_t end = std::min(path.find('.', at), path.size());
    const std::string_view instance = std::string_view(path).substr(at, end - at);
    for (const Part& part : engine_parts())
      if (std::find(part.instances.begin(), part.instances.end(), instance) != part.instances.end())
        return part.name;
    at = end + 1;
  }
  return {};
}

std::string save_text(const std::vector<Module>& modules) {
  // TOP holds the pins of the top module once more; packages, which some versions of Verilator list
  // before it, have no signals.
  const auto top = std::find_if(modules.begin(), modules.end(),
                                [](const Module& m) { return m.depth == 1 && !m.signals.empty(); });
  if (top == modules.end()) return {};
  std::string text = fmt::format("[*] GTKWave save file of {}\n[timestart] 0\n", top->name);
  const std::vector<std::string> streams = streams_of(*top);
  const auto stream_of = [&](const Signal& s) {
    const std::string* best = nullptr;
    for (const std::string& stream : streams)
      if (is_port(s) && s.name.starts_with(stream + "_") &&
          (best == nullptr || stream.size() > best->size()))
        best = &stream;
    return best == nullptr ? std::string() : *best;
  };
  text += group("clock and state",
                lines(*top, [&](const Signal& s) { return is_port(s) && stream_of(s).empty(); }));
  for (const std::string& stream : streams)
    text += group(stream, lines(*top, [&](const Signal& s) { return stream_of(s) == stream; }));
  text += group("inside", lines(*top, [](const Signal& s) { return !is_port(s); }));
  const auto ports = [&](std::string_view part) {
    std::string groups;
    for (const Module& m : modules)
      if (m.depth > 1 && m.path.starts_with(top->path + ".") && part_of(m.path) == part)
        groups += group(m.path.substr(top->path.size() + 1), lines(m, is_port), true);
    return groups;
  };
  for (const Part& part : engine_parts())
    text += group(std::string(part.name), ports(part.name), true);
  return text + ports("");
}

}  // namespace

void finish_waveform(const std::string& fst, uint64_t dumps, uint64_t cycles) {
  if (dumps == 0)
    throw InputError(fmt::format(
        "the window of the waveform begins after the run, which takes {} cycles", cycles));
  if (!is_whole(fst))
    throw InputError("the waveform could not be written to its end (is the disk full?)");
  std::ofstream file(save_file_of(fst));
  file << save_text(modules_of(fst));
  file.close();
  if (!file) throw InputError("the save file of the waveform cannot be written");
}

}  // namespace sb::tb
