// SPDX-License-Identifier: Apache-2.0
// Makes the software's side of a SystemVerilog package (README.md beside this file).
//   sb_words XML PACKAGE header OUT    a C++ header
//   sb_words XML PACKAGE check DOC     status 1 if the tables in DOC are not those of the package
//   sb_words XML PACKAGE update DOC    rewrites the tables in DOC
// XML: what `verilator --public --xml-only` writes, run in this folder; comments come from its
// sources. What it does not understand ends it with one line, FILE:LINE: what, and status 2.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using std::string;
string read_file(const string& name) {
  std::ifstream in(name);
  if (!in) throw std::runtime_error(name + ": cannot read");
  return {std::istreambuf_iterator<char>(in), {}};
}
int write_file(const string& name, const string& text) {
  if (!(std::ofstream(name) << text).flush()) throw std::runtime_error(name + ": cannot write");
  return 0;
}
std::vector<string> lines_of(const string& name) {
  std::vector<string> lines;
  std::istringstream in(read_file(name));
  for (string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// One element of the XML, which Verilator writes one to a line, with its children.
struct Node {
  string tag, file;
  int line = 0;
  std::map<string, string> attributes;
  std::vector<Node> children;
  const string& operator[](const string& name) const {
    static const string kNone;
    return attributes.count(name) ? attributes.at(name) : kNone;
  }
};
[[noreturn]] void refuse(const Node& node, const string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {} {}", node.file, node.line, node["name"], what));
}
Node parse(const std::vector<string>& lines, size_t& at) {
  static std::map<string, string> files;
  const string& line = lines.at(at++);
  size_t i = line.find('<') + 1, end = line.find_first_of(" />", i);
  Node node{line.substr(i, end - i), {}, 0, {}, {}};
  for (size_t quote; (quote = line.find("=\"", end)) != string::npos; end = i + 1) {
    i = line.find('"', quote + 2);
    const size_t name = line.rfind(' ', quote) + 1;
    string value = line.substr(quote + 2, i - quote - 2);
    for (size_t a; (a = value.find("&apos;")) != string::npos;) value.replace(a, 6, 1, '\'');
    node.attributes[line.substr(name, quote - name)] = value;
  }
  if (node.tag == "file") files[node["id"]] = node["filename"];
  if (const string& loc = node["loc"]; !loc.empty()) {
    node.file = files[loc.substr(0, loc.find(','))];
    node.line = std::stoi(loc.substr(loc.find(',') + 1));
  }
  if (line.ends_with("/>") || line.find("</") != string::npos) return node;
  while (lines.at(at).find("</") > lines[at].find_first_not_of(' '))
    node.children.push_back(parse(lines, at));
  return ++at, node;
}

/// A constant, an item of an enum or a member of a struct.
struct Entry {
  string name, type, comment;  ///< type: the enum or struct that it is of
  int bits = 0, lsb = 0;
  bool is_signed = false;
  string value;
  bool reserved() const { return name.starts_with("reserved"); }
};
struct Type {
  string name, kind, comment;  ///< kind: the tag of its node
  int bits = 0;
  std::vector<Entry> entries;
};
struct Package {
  string name, file;
  std::vector<Entry> constants;
  std::vector<Type> types;
  std::set<string> others;  ///< packages that its structs take types from
};

class Reader {
 public:
  Reader(const string& xml, const string& name) {
    const std::vector<string> lines = lines_of(xml);
    size_t at = 2;
    root_ = parse(lines, at);
    const Node* package = nullptr;
    for (const Node& node : root_.children.back().children) {  // the netlist
      if (node.tag == "package" && node["name"] == name) package = &node;
      if (node.tag != "typetable") continue;
      for (const Node& t : node.children) {
        types_[t["id"]] = &t;
        if (t.tag == "refdtype") uses_[{t.file, t.line}] = &t;
        if (t.tag == "enumdtype" || t.tag == "structdtype") named_[t["name"]] = &t;
      }
    }
    if (!package)
      throw std::runtime_error(fmt::format("{}: no package {} with a localparam", xml, name));
    result.name = name, result.file = package->file;
    for (const Node& node : package->children) {
      if (node.tag == "var") result.constants.push_back(constant(node));
      if (node.tag == "typedef") type(node);
    }
  }
  Package result;

 private:
  const std::vector<string>& source(const string& file) {
    if (!sources_.count(file)) sources_[file] = lines_of(file);
    return sources_[file];
  }
  /// The comment lines right above a line, and the comment at its end.
  string comment(const string& file, int line) {
    const auto part = [&](int l, bool alone) -> string {
      const string& s = source(file).at(static_cast<size_t>(l - 1));
      const size_t at = s.find("//");
      if (at == string::npos || (alone && at != s.find_first_not_of(' '))) return "";
      return s.substr(std::min(s.find_first_not_of("/ ", at), s.size()));
    };
    string all = part(line, false);
    for (int l = line - 1; l > 0 && !part(l, true).empty(); --l)
      all.insert(0, part(l, true) + (all.empty() ? "" : " "));
    return all;
  }
  /// Bits and sign of a type; throws if it is none of integers, enums and packed structs.
  std::pair<int, bool> shape(const Node& user, const string& id) {
    const Node& t = *types_.at(id);
    int bits = 0;
    if (t.tag == "structdtype") {
      for (const Node& m : t.children) bits += shape(m, m["sub_dtype_id"]).first;
      return {bits, false};
    }
    if (t.tag == "enumdtype") return shape(user, t["sub_dtype_id"]);
    if (t.tag != "basicdtype" || t["name"] == "string" || t["name"] == "real")
      refuse(user, "is no integer, enum or packed struct (arrays and unions are not supported)");
    if (!t["left"].empty()) bits = std::abs(std::stoi(t["left"]) - std::stoi(t["right"]));
    return {bits + 1, !t["signed"].empty()};
  }
  Entry constant(const Node& node) {
    Entry e{node["name"], "", comment(node.file, node.line), 0, 0, false, ""};
    std::tie(e.bits, e.is_signed) = shape(node, node["dtype_id"]);
    const string number = node.children.empty() ? "" : node.children[0]["name"];
    const size_t hex = number.find('h');
    if (node.children.size() != 1 || hex == string::npos || e.bits > 64 ||
        types_.at(node["dtype_id"])->tag == "structdtype")
      refuse(node, "is no constant of at most 64 bits");
    const uint64_t raw = std::stoull(number.substr(hex + 1), nullptr, 16);
    const int64_t extended = static_cast<int64_t>(raw << (64 - e.bits)) >> (64 - e.bits);
    e.value = e.is_signed ? std::to_string(extended) : std::to_string(raw) + (raw >> 63 ? "U" : "");
    return e;
  }
  void type(const Node& node) {
    const auto found = named_.find(result.name + "::" + node["name"]);
    if (found == named_.end()) return void(shape(node, node["dtype_id"]));  // a plain alias
    const Node& body = *found->second;
    Type t{node["name"], body.tag, comment(body.file, body.line), 0, {}};
    const string& first = source(body.file)[static_cast<size_t>(body.line - 1)];
    if (body.tag == "structdtype" && first.find("packed") == string::npos)
      refuse(node, "is a struct that is not packed");
    int last_line = 0;
    for (const Node& m : body.children) {
      if (m.line == last_line) refuse(m, "must stand on a line of its own");
      last_line = m.line;
      t.entries.push_back(body.tag == "enumdtype" ? constant(m) : member(m));
    }
    for (auto e = t.entries.rbegin(); e != t.entries.rend(); ++e)
      e->lsb = t.bits, t.bits += e->bits;
    if (body.tag == "enumdtype") t.bits = shape(node, node["dtype_id"]).first;
    result.types.push_back(t);
  }
  Entry member(const Node& m) {
    Entry e{m["name"], "", comment(m.file, m.line), 0, 0, false, ""};
    std::tie(e.bits, e.is_signed) = shape(m, m["sub_dtype_id"]);
    if (const auto use = uses_.find({m.file, m.line}); use != uses_.end())
      for (const auto& [full, body] : named_)
        if (full.ends_with("::" + (*use->second)["name"]) &&
            (*use->second)["sub_dtype_id"] ==
                (*body)[body->tag == "enumdtype" ? "sub_dtype_id" : "id"])
          e.type = full;
    if (!e.type.empty() && !e.type.starts_with(result.name + "::"))
      result.others.insert(e.type.substr(0, e.type.find(':')));
    if (e.type.empty() &&
        (types_.at(m["sub_dtype_id"])->tag != "basicdtype" || (e.bits > 64 && !e.reserved())))
      refuse(m, "is neither of a named type nor of at most 64 bits");
    return e;
  }
  Node root_;
  std::map<string, const Node*> types_, named_;
  std::map<std::pair<string, int>, const Node*> uses_;  ///< of a named type, by place
  std::map<string, std::vector<string>> sources_;
};

string header(const Package& p) {
  const auto said = [](const string& text) { return text.empty() ? "" : "  ///< " + text; };
  const auto cpp_type = [](const Entry& e) {
    return !e.type.empty() ? e.type : !e.is_signed && e.bits == 64 ? "uint64_t" : "int64_t";
  };
  string out =
      fmt::format("// Made by scripts/words from {}: change that.\n#pragma once\n", p.file);
  for (const string& other : p.others) out += fmt::format("#include \"words/{}.h\"\n", other);
  out += fmt::format("#include \"tb/host/words.h\"\n\nnamespace sb::{} {{\n", p.name);
  for (const Entry& e : p.constants)
    out += fmt::format("inline constexpr {0} {1} = {2};{3}\n", cpp_type(e), e.name, e.value,
                       said(e.comment));
  for (const Type& t : p.types) {
    out += fmt::format("\n/// {}\n", t.comment);
    string parts;
    if (t.kind == "enumdtype") {
      out += fmt::format("enum class {} : int64_t {{\n", t.name);
      for (const Entry& e : t.entries) {
        out += fmt::format("  {} = {},{}\n", e.name, e.value, said(e.comment));
        parts += fmt::format("    case {0}: return \"{0}\";\n", e.name);
      }
      out += fmt::format(
          "}};\nusing enum {0};\n/// Its name; empty if `code` is none of them.\n"
          "constexpr std::string_view name({0} code) {{\n  switch (code) {{\n{1}  }}\n"
          "  return {{}};\n}}\n",
          t.name, parts);
      continue;
    }
    out += fmt::format("struct {} {{\n", t.name);
    for (const Entry& e : t.entries) {
      if (!e.reserved())
        out += fmt::format("  {} {}{{}};{}\n", cpp_type(e), e.name, said(e.comment));
      parts +=
          fmt::format("    visit(words::Field{{\"{}\", {}, {}, {}}}, {});\n", e.name, e.lsb, e.bits,
                      e.is_signed, e.reserved() ? "words::Reserved{}" : "self." + e.name);
    }
    out += fmt::format(
        "  static constexpr int kBits = {0};\n  static constexpr const char* kName = "
        "\"{1}::{2}\";\n"
        "  template <typename Self, typename Visit>\n"
        "  static constexpr void each([[maybe_unused]] Self&& self, Visit&& visit) {{\n{3}  }}\n"
        "  words::Word<kBits> pack() const {{ return words::pack(*this); }}\n"
        "  static {2} unpack(std::span<const uint32_t> w) {{ return words::unpack<{2}>(w); }}\n"
        "  bool operator==(const {2}&) const = default;\n}};\n",
        t.bits, p.name, t.name, parts);
  }
  return out + fmt::format("\n}}  // namespace sb::{}\n", p.name);
}

string tables(const Package& p) {
  string out;
  for (const Type& t : p.types) {
    const bool is_enum = t.kind == "enumdtype";
    out += fmt::format("\n### {} ({} bits)\n", t.name, t.bits);
    const std::regex line("(.{1,100})( |$)");
    if (!t.comment.empty()) out += "\n" + std::regex_replace(t.comment, line, "$1\n");
    out += is_enum ? "\n| name | value | meaning |\n|---|---|---|\n"
                   : "\n| field | bits | type | meaning |\n|---|---|---|---|\n";
    const bool is_address = t.bits > 8 && t.bits < 32;  // what an enum of so many bits holds
    for (const Entry& e : t.entries) {
      const string high = e.bits > 1 ? fmt::format("{}:", e.lsb + e.bits - 1) : "";
      const string type = e.type.empty() ? (e.is_signed ? "signed" : "unsigned")
                                         : e.type.substr(e.type.find("::") + 2);
      const string cells = !is_enum     ? fmt::format("{}{} | {}", high, e.lsb, type)
                           : is_address ? fmt::format("0x{:03x}", std::stoll(e.value))
                                        : e.value;
      out += fmt::format("| {} | {} | {} |\n", e.name, cells, e.comment);
    }
  }
  return out + "\n";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) throw std::runtime_error("wrong arguments; words.cpp shows them");
  const string action = argv[3], file = argv[4];
  const Package package = Reader(argv[1], argv[2]).result;
  if (action == "header") return write_file(file, header(package));
  const string text = read_file(file), begin = fmt::format("<!-- words of {} -->\n", package.name);
  const size_t from = text.find(begin), to = text.find("<!-- end of words -->", from);
  if (from == string::npos || to == string::npos)
    throw std::runtime_error(file + ": has no place for the tables; README.md shows one");
  const string wanted = text.substr(0, from) + begin + tables(package) + text.substr(to);
  if (action == "update" || wanted == text) return action == "check" ? 0 : write_file(file, wanted);
  std::cerr << file << ": other tables than the packages give; words_update rewrites them\n";
  return 1;
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 2;
}
