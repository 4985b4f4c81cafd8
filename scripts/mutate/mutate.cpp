// SPDX-License-Identifier: Apache-2.0
// Single-point faults in SystemVerilog text, for scripts/mutate.sh.
//
//   sb_mutate list FILE          one fault a line: number, line, operator, the changed lines as one
//   sb_mutate apply FILE NUMBER  the file with that fault, on standard output
//   sb_mutate uses TOP FILE...   of the files, those with TOP and the modules and packages below it
//
// Faults lie where hardware is described: not in comments, module headers, declarations of widths,
// checks of parameters (blocks gen_illegal*), or what serves assertions alone (gen_check*,
// gen_early*, the macros of sb_assert.svh). Operators: README.md beside this file.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

enum class Kind { Name, Number, Symbol, Macro, Text };

struct Token {
  Kind kind;
  std::size_t at;
  std::string text;
  std::size_t match = 0;  ///< of a bracket: its partner
  int parens = 0;         ///< open ( before it
  bool skip = false;      ///< no faults here
  bool dead = false;      ///< not even of signedness: no hardware
  std::size_t end() const { return at + text.size(); }
};

struct Edit {
  std::size_t at, size;
  std::string text;
};
struct Fault {
  std::string what;
  std::vector<Edit> edits;  ///< in order
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

std::vector<Token> tokens_of(const std::string& s) {
  static const std::vector<std::string> kSymbols{"<<<", ">>>", "===", "!==", "|->", "|=>", "<<",
                                                 ">>",  "<=",  ">=",  "==",  "!=",  "&&",  "||",
                                                 "+:",  "-:",  "++",  "--",  "::",  "->",  "'{"};
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < s.size();) {
    const auto rest = std::string_view(s).substr(i);
    std::size_t size = 1;
    Kind kind = Kind::Symbol;
    if (std::isspace(static_cast<unsigned char>(s[i])) != 0) {
      ++i;
      continue;
    }
    if (rest.starts_with("//")) {
      i = std::min(s.find('\n', i), s.size());
      continue;
    }
    if (rest.starts_with("/*")) {
      i = std::min(s.find("*/", i), s.size() - 2) + 2;
      continue;
    }
    if (s[i] == '"') {
      kind = Kind::Text;
      while (i + size < s.size() && s[i + size] != '"') ++size;
      ++size;
    } else if (s[i] == '`') {
      kind = Kind::Macro;
      while (i + size < s.size() && is_word(s[i + size])) ++size;
    } else if (std::isdigit(static_cast<unsigned char>(s[i])) != 0 ||
               (s[i] == '\'' && i + 1 < s.size() && (s[i + 1] == '0' || s[i + 1] == '1'))) {
      kind = Kind::Number;
      while (i + size < s.size() && is_word(s[i + size])) ++size;
      // size'base digits; not the cast size'(
      if (s[i] != '\'' && i + size + 1 < s.size() && s[i + size] == '\'' &&
          std::isalpha(static_cast<unsigned char>(s[i + size + 1])) != 0) {
        ++size;
        while (i + size < s.size() && is_word(s[i + size])) ++size;
      }
    } else if (is_word(s[i])) {
      kind = Kind::Name;
      while (i + size < s.size() && is_word(s[i + size])) ++size;
    } else {
      for (const auto& symbol : kSymbols)
        if (rest.starts_with(symbol)) {
          size = symbol.size();
          break;
        }
    }
    tokens.push_back({kind, i, s.substr(i, size)});
    i += size;
  }
  std::vector<std::size_t> open;
  int parens = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto& text = tokens[i].text;
    tokens[i].parens = parens;
    if (text == "(" || text == "[" || text == "{" || text == "'{") {
      open.push_back(i);
      parens += text == "(";
    } else if ((text == ")" || text == "]" || text == "}") && !open.empty()) {
      tokens[i].match = open.back();
      tokens[open.back()].match = i;
      parens -= text == ")";
      open.pop_back();
    }
  }
  return tokens;
}

class Source {
 public:
  explicit Source(std::string text) : text_(std::move(text)), t_(tokens_of(text_)) {
    mark();
    for (std::size_t i = 0; i < t_.size(); ++i) faults_at(i);
  }
  const std::vector<Fault>& faults() const { return faults_; }
  std::string apply(const Fault& fault) const {
    std::string changed = text_;
    for (auto e = fault.edits.rbegin(); e != fault.edits.rend(); ++e)
      changed.replace(e->at, e->size, e->text);
    return changed;
  }
  std::size_t line(const Fault& fault) const {
    return static_cast<std::size_t>(
               std::count(text_.begin(),
                          text_.begin() + static_cast<std::ptrdiff_t>(fault.edits[0].at), '\n')) +
           1;
  }
  /// The lines that the fault touches, changed, with single spaces: names it wherever they stand.
  std::string changed_lines(const Fault& fault) const {
    const std::string changed = apply(fault);
    std::size_t grown = changed.size() - text_.size();
    const std::size_t from = text_.rfind('\n', fault.edits.front().at) + 1;
    const auto& last = fault.edits.back();
    const std::size_t to = std::min(text_.find('\n', last.at + last.size), text_.size()) + grown;
    std::istringstream words(changed.substr(from, to - from));
    std::string line;
    for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
    return line;
  }

 private:
  bool is(std::size_t i, std::string_view text) const {
    return i < t_.size() && t_[i].text == text;
  }
  /// Index of the next `text` at the same nesting from i on.
  std::size_t find(std::size_t i, std::string_view text) const {
    for (; i < t_.size() && t_[i].text != text; ++i)
      if (t_[i].match > i) i = t_[i].match;
    return std::min(i, t_.size() - 1);
  }
  void skip(std::size_t from, std::size_t to, bool dead = false) {
    for (std::size_t i = from; i <= to && i < t_.size(); ++i) {
      t_[i].skip = true;
      t_[i].dead |= dead;
    }
  }

  void mark() {
    static const std::set<std::string> kDeclares{
        "logic", "wire",     "localparam", "parameter", "genvar", "typedef",  "int",
        "bit",   "function", "import",     "package",   "enum",   "automatic"};
    for (std::size_t i = 0; i < t_.size(); ++i) {
      const auto& text = t_[i].text;
      if (text == "module") {
        const std::size_t first = find(i, ";");
        skip(i, is(i + 2, "import") ? find(first + 1, ";") : first, true);
      }
      if (t_[i].kind == Kind::Macro) skip(i, is(i + 1, "(") ? t_[i + 1].match : i + 1, true);
      if (text == "$fatal") skip(i, find(i, ";"));
      if (text == "begin" && is(i + 1, ":") && i + 2 < t_.size() &&
          (t_[i + 2].text.starts_with("gen_illegal") || t_[i + 2].text.starts_with("gen_check") ||
           t_[i + 2].text.starts_with("gen_early"))) {
        std::size_t from = i, to = i;
        for (int depth = 0; to < t_.size(); ++to) {
          depth += is(to, "begin") ? 1 : is(to, "end") ? -1 : 0;
          if (depth == 0) break;
        }
        if (i > 0 && is(i - 1, ")")) from = t_[i - 1].match - 1;
        skip(from, to, true);
      }
      // A declaration up to its value.
      const bool starts = i == 0 || t_[i - 1].text == ";" || t_[i - 1].text == "begin" ||
                          t_[i - 1].text.starts_with("end") || t_[i - 1].text == ")" || t_[i].skip;
      const bool type =
          kDeclares.contains(text) ||
          (t_[i].kind == Kind::Name && (text.ends_with("_t") || text.ends_with("_e")));
      if (starts && type && t_[i].parens == 0 && !t_[i].skip) {
        const std::size_t stop = find(i, ";");
        std::size_t to =
            text == "function" || text == "import" || text == "typedef" || text == "package"
                ? stop
                : std::min(stop, find(i, "="));
        skip(i, to);
      }
    }
  }

  void add(const std::string& what, std::vector<Edit> edits) {
    faults_.push_back({what, std::move(edits)});
  }
  void replace(const std::string& what, std::size_t i, const std::string& text) {
    add(what, {{t_[i].at, t_[i].text.size(), text}});
  }
  void replace_range(const std::string& what, std::size_t from, std::size_t to,
                     const std::string& text) {
    add(what, {{t_[from].at, t_[to].end() - t_[from].at, text}});
  }
  std::string range(std::size_t from, std::size_t to) const {
    return text_.substr(t_[from].at, t_[to].end() - t_[from].at);
  }

  /// Whether <= assigns: what stands before it, back to the start of the statement, is a variable.
  bool assigns(std::size_t i) const {
    if (t_[i].parens > 0) return false;
    for (std::size_t j = i; j-- > 0;) {
      const auto& text = t_[j].text;
      if (text == "]" || text == "}") {
        j = t_[j].match;
        continue;
      }
      if (text == ";" || text == "begin" || text == "end" || text == "else" || text == ":" ||
          text == ")")
        return j + 1 < i;
      if (t_[j].kind != Kind::Name && text != ".") return false;
    }
    return false;
  }
  bool ends_operand(std::size_t i) const {
    return t_[i].kind == Kind::Number || (t_[i].kind == Kind::Name && t_[i].text != "return") ||
           t_[i].text == ")" || t_[i].text == "]" || t_[i].text == "}";
  }
  /// The last token of the operand that starts at i (behind a unary operator or in a ternary).
  std::size_t operand_end(std::size_t i) const {
    std::size_t end = t_[i].match > i ? t_[i].match : i;
    while (end + 1 < t_.size() &&
           (is(end + 1, "[") || is(end + 1, "(") || is(end + 1, ".") || is(end + 1, "'")))
      end = t_[end + 1].match > end + 1 ? t_[end + 1].match : end + 2;
    return end;
  }
  /// The last token before the expression that starts at i ends.
  std::size_t expression_end(std::size_t i) const {
    for (int open = 0; i < t_.size(); ++i) {
      const auto& text = t_[i].text;
      open += text == "?";
      if (text == ":" && --open < 0) return i - 1;
      if (text == ";" || text == "," || text == ")" || text == "}" || text == "]") return i - 1;
      if (t_[i].match > i) i = t_[i].match;
    }
    return t_.size() - 1;
  }

  void number(std::size_t i) {
    const std::string& text = t_[i].text;
    if (text == "'0" || text == "'1") return replace("constant", i, text == "'0" ? "'1" : "'0");
    if (is(i + 1, "'")) return;  // a cast
    const auto quote = text.find('\'');
    std::string prefix, digits = text;
    uint64_t limit = uint64_t{1} << 32;
    int base = 10;
    if (quote != std::string::npos) {
      const auto size = std::strtoul(text.c_str(), nullptr, 10);
      if (size == 0 || size > 62) return;
      limit = uint64_t{1} << size;
      std::size_t letter = quote + 1;
      prefix = text.substr(0, letter);
      if (text[letter] == 's') prefix += text[letter++];
      base = text[letter] == 'h' ? 16 : text[letter] == 'b' ? 2 : 10;
      prefix += 'd';
      digits = text.substr(letter + 1);
    }
    std::erase(digits, '_');
    const uint64_t value = std::strtoull(digits.c_str(), nullptr, base);
    const uint64_t up = (value + 1) % limit;
    replace("constant", i, prefix + std::to_string(up));
    if (value > 0 && value - 1 != up) replace("constant", i, prefix + std::to_string(value - 1));
  }

  void faults_at(std::size_t i) {
    const auto& token = t_[i];
    const auto& text = token.text;
    if (text == "signed" && !token.dead) replace("signed", i, "");
    if (token.skip) return;
    static const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kSwaps{
        {"&&", {{"and-or", "||"}}},
        {"||", {{"and-or", "&&"}}},
        {"&", {{"and-or", "|"}}},
        {"|", {{"and-or", "&"}}},
        {"^", {{"and-or", "&"}}},
        {"==", {{"equal", "!="}}},
        {"!=", {{"equal", "=="}}},
        {"<", {{"compare", "<="}, {"compare", ">"}}},
        {">", {{"compare", ">="}, {"compare", "<"}}},
        {">=", {{"compare", ">"}, {"compare", "<"}}},
        {"<<", {{"shift", ">>"}}},
        {">>", {{"shift", "<<"}}},
        {">>>", {{"shift", ">>"}, {"shift", "<<"}}},
        {"<<<", {{"shift", ">>>"}}},
        {"$signed", {{"signed", "$unsigned"}}}};
    if (const auto found = kSwaps.find(text); found != kSwaps.end())
      for (const auto& [what, to] : found->second) replace(what, i, to);
    if (text == "<=") {
      if (!assigns(i)) {
        replace("compare", i, "<");
        replace("compare", i, ">");
      } else {
        std::size_t from = i;
        while (!is(from - 1, ";") && !is(from - 1, "begin") && !is(from - 1, "end") &&
               !is(from - 1, "else") && !is(from - 1, ":") && !is(from - 1, ")"))
          from = is(from - 1, "]") || is(from - 1, "}") ? t_[from - 1].match : from - 1;
        replace_range("drop", from, find(i, ";"), ";");
      }
    }
    if ((text == "+" || text == "-") && i > 0 && ends_operand(i - 1))
      replace("add-sub", i, text == "+" ? "-" : "+");
    if (text == "!" || text == "~") replace("not", i, "");
    if (token.kind == Kind::Number) number(i);
    // Narrower by a bit on the way through a cast.
    if (text == "'" && is(i + 1, "(") && i > 0) {
      const std::size_t from = is(i - 1, ")") ? t_[i - 1].match : i - 1;
      const std::string size = range(from, i - 1);
      add("narrow",
          {{t_[i + 1].end(), 0, "(" + size + " - 1)'("}, {t_[t_[i + 1].match].at, 0, ")"}});
    }
    if (text == "[" && i > 0 && (t_[i - 1].kind == Kind::Name || is(i - 1, "]")) &&
        t_[i].match > i + 1) {
      const bool part = find(i + 1, ":") < token.match;
      const bool constant = token.match == i + 2 && t_[i + 1].kind == Kind::Number;
      if (!part && !constant)
        for (const char* step : {" + 1'b1", " - 1'b1"}) {
          std::size_t end = token.match;
          for (std::size_t j = i + 1; j < token.match; ++j)
            if (is(j, "+:") || is(j, "-:")) end = j;
          replace_range("index", end - 1, end - 1, t_[end - 1].text + step);
        }
    }
    if (text == "?") {
      const std::size_t colon = expression_end(i + 1) + 1;
      if (is(colon, ":")) {
        const std::size_t end = expression_end(colon + 1);
        replace_range("ternary", i + 1, end,
                      range(colon + 1, end) + " : " + range(i + 1, colon - 1));
      }
    }
    if (text == "if" && is(i + 1, "(")) {
      const std::size_t close = t_[i + 1].match;
      replace_range("if", i + 2, close - 1, "1'b1");
      replace_range("if", i + 2, close - 1, "1'b0");
      replace_range("if", i + 2, close - 1, "!(" + range(i + 2, close - 1) + ")");
    }
    if (text == "rst_ni") {
      if (is(i + 1, "&&")) replace_range("reset", i, i + 1, "");
      if (is(i + 1, "?")) replace("reset", i, "1'b1");
      if (i > 0 && is(i - 1, "!")) replace_range("reset", i - 1, i, "1'b0");
    }
    // An input of an instance tied.
    if (text == "." && i + 1 < t_.size() && t_[i + 1].text.ends_with("_i") && !is(i + 1, "clk_i") &&
        (is(i - 1, ",") || is(i - 1, "("))) {
      const std::size_t end = is(i + 2, "(") ? t_[i + 2].match : i + 1;
      for (const char* value : {"'0", "'1"}) {
        if (end > i + 1 && is(i + 3, value)) continue;
        replace_range("tie", i, end, "." + t_[i + 1].text + "(" + value + ")");
      }
    }
  }

  std::string text_;
  std::vector<Token> t_;
  std::vector<Fault> faults_;
};

std::string read(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

int list(const std::string& file) {
  const Source source(read(file));
  for (std::size_t i = 0; i < source.faults().size(); ++i) {
    const auto& fault = source.faults()[i];
    std::cout << i << '\t' << source.line(fault) << '\t' << fault.what << '\t'
              << source.changed_lines(fault) << '\n';
  }
  return 0;
}

int apply(const std::string& file, const std::string& number) {
  const Source source(read(file));
  const auto index = std::stoul(number);
  if (index >= source.faults().size()) throw std::runtime_error(file + " has no fault " + number);
  std::cout << source.apply(source.faults()[index]);
  return 0;
}

int uses(const std::string& top, const std::vector<std::string>& files) {
  std::map<std::string, std::pair<std::string, std::set<std::string>>>
      known;  // by module or package
  for (const auto& file : files) {
    const auto tokens = tokens_of(read(file));
    std::string name;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      if (tokens[i].text == "module" || tokens[i].text == "package") {
        name = tokens[i + 1].text;
        known[name].first = file;
      }
      if (!name.empty() && tokens[i].kind == Kind::Name) known[name].second.insert(tokens[i].text);
    }
  }
  if (!known.contains(top)) throw std::runtime_error("no file has " + top);
  std::set<std::string> reached{top}, printed;
  for (std::vector<std::string> todo{top}; !todo.empty();) {
    const auto [file, names] = known[todo.back()];
    todo.pop_back();
    if (printed.insert(file).second) std::cout << file << '\n';
    for (const auto& name : names)
      if (known.contains(name) && reached.insert(name).second) todo.push_back(name);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  try {
    if (args.size() == 2 && args[0] == "list") return list(args[1]);
    if (args.size() == 3 && args[0] == "apply") return apply(args[1], args[2]);
    if (args.size() >= 3 && args[0] == "uses") return uses(args[1], {args.begin() + 2, args.end()});
    throw std::runtime_error("usage: sb_mutate list FILE | apply FILE NUMBER | uses TOP FILE...");
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 2;
  }
}
