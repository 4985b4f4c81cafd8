// SPDX-License-Identifier: Apache-2.0
// Malformed calls of bertsim by the thousand: each a sound call with one thing damaged, in a
// process of its own (fork without exec). A call that cannot be right must end with status 2, one
// line on standard error and every file as it was; one that may be right after all may also
// succeed, with whole outputs.
//
//   cli_fuzz [--seed N] [--count N] [--only N]   --only: one case, with its command line
//   cli_fuzz --self-test                         wrong programs in place of bertsim must be caught
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/npy.h"
#include "golden/io/safetensors.h"
#include "tb/check/compare.h"
#include "tb/cli/bertsim.h"
#include "tests/golden/temp_folder.h"

namespace sb {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;
using Program = std::function<int(const Arguments&)>;

class Random {
 public:
  Random(uint64_t seed, uint64_t index) : engine_(seed * 1'000'003 + index) {}
  size_t below(size_t n) { return static_cast<size_t>(engine_() % n); }
  bool chance(size_t one_in) { return below(one_in) == 0; }
  template <typename C>
  auto& of(C& choices) {
    return choices[below(std::size(choices))];
  }

 private:
  std::mt19937_64 engine_;
};

/// A file of a call, by the option that names it.
struct Input {
  std::string option, file;
};

/// A call that succeeds. Files are names in the working folder; a model folder counts its files.
struct Call {
  Arguments command;  // with its options that name no file
  std::vector<Input> inputs;
  std::vector<Input> outputs;
  std::vector<std::string> numbers;  // options that take a number
};

const std::vector<Call>& calls() {
  static const std::vector<std::string> kSimulation{"--stall", "--seed"};
  static const std::vector<Call> kCalls{
      {{"gemm", "--m", "4"},
       {{"--a", "a.npy"}, {"--b", "b.npy"}, {"--bias", "bias.npy"}},
       {{"--out", "o.npy"}, {"--json", "o.json"}},
       {"--m", "--zp-a", "--stall", "--seed"}},
      {{"gemm", "--engine", "golden"},
       {{"--a", "a.npy"}, {"--b", "b.npy"}, {"--mult", "mult.npy"}, {"--shift", "shift.npy"}},
       {{"--out", "o.npy"}, {"--acc", "o2.npy"}},
       {"--m", "--zp-a", "--zp-out"}},
      {{"op", "softmax"},
       {{"--in", "codes.npy"}},
       {{"--out", "o.npy"}},
       {"--in-scale", "--keys", "--lanes", "--stall", "--seed"}},
      {{"op", "layernorm", "--engine", "golden"},
       {{"--in", "rows.npy"}, {"--gamma", "gain.npy"}, {"--beta", "gain.npy"}},
       {{"--out", "o.npy"}, {"--operand-out", "o2.npy"}},
       {"--in-scale", "--out-scale", "--eps", "--bits"}},
      {{"op", "gelu"},
       {{"--in", "codes.npy"}},
       {{"--out", "o.npy"}, {"--json", "o.json"}},
       {"--in-scale", "--in-zero", "--out-scale", "--out-zero"}},
      {{"op", "table", "--engine", "float"},
       {{"--in", "codes.npy"}, {"--table", "table.npy"}},
       {{"--out", "o.npy"}},
       {}},
      {{"op", "requantize", "--engine", "golden"},
       {{"--in", "acc.npy"}, {"--scales", "gain.npy"}},
       {{"--out", "o.npy"}},
       {"--out-zero"}},
      {{"encode", "--text", "the dog"},
       {{"--model", "model"}},
       {{"--out", "o.npy"}},
       {"--max-length"}},
      {{"encode"},
       {{"--model", "model"}, {"--texts", "texts.json"}},
       {{"--out", "o.npy"}},
       {"--max-length"}},
      {{"encode", "--engine", "golden", "--text", "the dog"},
       {{"--model", "int.safetensors"}},
       {{"--out", "o.npy"}},
       {"--max-length"}},
      {{"tokenize"},
       {{"--model", "model"}, {"--json", "texts.json"}},
       {{"--out", "o.json"}},
       {"--max-length"}},
      {{"info"}, {{"--model", "model"}}, {}, {}},
      {{"info"}, {{"--model", "int.safetensors"}}, {}, {}},
      {{"eval"},
       {{"--model", "model"}, {"--int", "int.safetensors"}, {"--texts", "lines.txt"}},
       {{"--json", "o.json"}},
       {"--max-length"}},
      {{"quantize", "--no-gptq"},
       {{"--model", "model"}, {"--calibration", "lines.txt"}},
       {{"--out", "o.safetensors"}},
       {"--max-length", "--alpha", "--threshold", "--operand-margin", "--activation-bits"}},
      {{"formats", "--input", "INT8", "--weight", "E4M3"},
       {{"--model", "model"}, {"--texts", "lines.txt"}},
       {},
       {}},
      {{"random-model"},
       {},
       {{"--out", "new-model"}},
       {"--hidden", "--heads", "--layers", "--ffn", "--positions", "--vocab", "--seed"}},
      {{"linear", "--m", "4", "--text", "dog"},
       {{"--model", "model"}},
       {{"--json", "o.json"}},
       {"--m", "--max-length", "--stall", "--seed"}}};
  return kCalls;
}

/// Makes the files of the calls in the current folder.
bool make_files() {
  std::mt19937 rng(5);
  const auto fill = [&rng](auto matrix, int low, int high) {
    for (auto& v : matrix.reshaped())
      v = static_cast<std::remove_reference_t<decltype(v)>>(
          low + static_cast<int>(rng() % static_cast<unsigned>(high - low + 1)));
    return matrix;
  };
  golden::write_npy<uint8_t>("a.npy", fill(golden::Matrix<uint8_t>(3, 9), 0, 255));
  golden::write_npy<int8_t>("b.npy", fill(golden::MatrixI8(9, 5), -128, 127));
  golden::write_npy<int32_t>("bias.npy", fill(golden::MatrixI32(1, 5), -1000, 1000), 1);
  golden::write_npy<int32_t>("mult.npy", fill(golden::MatrixI32(1, 5), 1, 60000), 1);
  golden::write_npy<uint8_t>("shift.npy", fill(golden::Matrix<uint8_t>(1, 5), 16, 30), 1);
  golden::write_npy<int8_t>("codes.npy", fill(golden::MatrixI8(2, 20), -128, 127));
  golden::write_npy<int8_t>("table.npy", fill(golden::MatrixI8(1, 256), -128, 127), 1);
  golden::write_npy<int16_t>("rows.npy", fill(golden::MatrixI16(2, 12), -30000, 30000));
  golden::write_npy<int32_t>("acc.npy", fill(golden::MatrixI32(2, 12), -30000, 30000));
  golden::write_npy<float>("gain.npy", golden::MatrixF::Constant(1, 12, 0.5F), 1);
  golden::write_file("texts.json", R"(["the happy dog", "", "a day\u00e9"])");
  golden::write_file("lines.txt", "the happy dog\nthis is a sunny day\n");
  const auto quietly = [](const Arguments& arguments) { return cli::bertsim(arguments) == 0; };
  return quietly({"random-model", "--hidden", "8", "--heads", "2", "--ffn", "16", "--layers", "1",
                  "--positions", "16", "--out", "model"}) &&
         quietly({"quantize", "--model", "model", "--calibration", "lines.txt", "--out",
                  "int.safetensors"});
}

std::string random_bytes(Random& random, size_t most) {
  std::string bytes(random.below(most), '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  return bytes;
}

/// The file behind an input: for a model folder one of its files.
std::string file_of(Random& random, const std::string& input) {
  if (input != "model") return input;
  static const std::string kFiles[] = {"model/model.safetensors", "model/config.json",
                                       "model/vocab.txt"};
  return random.of(kFiles);
}

struct Case {
  std::string kind;
  Arguments arguments;
  bool must_fail = true;
  std::map<std::string, std::string> files;  // contents that differ from the sound ones
};

Arguments arguments_of(const Call& call) {
  Arguments arguments = call.command;
  for (const auto* list : {&call.inputs, &call.outputs})
    for (const Input& file : *list) arguments.insert(arguments.end(), {file.option, file.file});
  return arguments;
}

void replace(Arguments& arguments, const std::string& option, const std::string& value) {
  const auto at = std::find(arguments.begin(), arguments.end(), option);
  if (at == arguments.end())
    arguments.insert(arguments.end(), {option, value});
  else
    *(at + 1) = value;
}

/// Damages one input file; false if the call has none.
bool damage_file(Random& random, const Call& call, Case& c) {
  if (call.inputs.empty()) return false;
  const std::string file = file_of(random, random.of(call.inputs).file);
  std::string bytes = golden::read_file(file);
  const bool binary = file.ends_with(".npy") || file.ends_with(".safetensors");
  // `info` looks at the header alone.
  const bool values_count = c.arguments.front() != "info";
  switch (random.below(8)) {
    case 0:
      c.kind = "file cut short";
      bytes.resize(random.below(bytes.size()));
      // A text may end anywhere; a line may be a text of its own.
      c.must_fail = binary || file.ends_with(".json");
      if (file == "model/config.json" && bytes.find('}') != std::string::npos) c.must_fail = false;
      break;
    case 1:
      c.kind = "bytes after the end";
      bytes += random_bytes(random, 20) + '\0';
      c.must_fail = binary;
      break;
    case 2: {
      c.kind = "bytes changed";
      const size_t head = std::min<size_t>(bytes.size(), binary ? 200 : bytes.size());
      for (size_t n = 1 + random.below(4); n > 0; --n)
        bytes[random.below(head)] = static_cast<char>(random.below(256));
      c.must_fail = false;
      break;
    }
    case 3:
      c.kind = "random bytes";
      bytes = "\xff" + random_bytes(random, 300);
      break;
    case 4:
      c.kind = "empty file";
      bytes.clear();
      break;
    case 5: {
      c.kind = "bytes moved";
      const size_t from = random.below(bytes.size()), to = random.below(bytes.size());
      const std::string part = bytes.substr(from, 1 + random.below(30));
      if (random.chance(2)) bytes.erase(from, part.size());
      bytes.insert(std::min(to, bytes.size()), part);
      c.must_fail = false;
      break;
    }
    case 6:
      if (!file.ends_with(".npy")) return false;
      c.kind = "another type or shape";
      if (random.chance(3))
        bytes = golden::npy_bytes<double>(golden::MatrixD::Constant(3, 9, 1.5));
      else if (random.chance(2))
        bytes =
            golden::npy_bytes<int64_t>(golden::Matrix<int64_t>::Constant(7, 11, int64_t{1} << 40));
      else
        bytes = golden::npy_bytes<float>(golden::MatrixF::Constant(1, 12, NAN), 1);
      break;
    default:
      if (file == "model/model.safetensors" && values_count) {
        c.kind = "a weight that is no number";
        const auto header = static_cast<size_t>(static_cast<unsigned char>(bytes[0])) |
                            static_cast<size_t>(static_cast<unsigned char>(bytes[1])) << 8;
        const size_t values = (bytes.size() - 8 - header) / 4;
        const float bad = random.chance(2) ? NAN : INFINITY;
        std::memcpy(bytes.data() + 8 + header + 4 * random.below(values), &bad, sizeof bad);
      } else if (file.ends_with(".json")) {
        c.kind = "JSON of another kind";
        static const std::string kTexts[] = {"[]",
                                             "{}",
                                             "3",
                                             "null",
                                             "[1]",
                                             "[[\"a\"]]",
                                             "[\"a\",]",
                                             "{\"a\":1,\"a\":2}",
                                             "[\"\\ud800\"]",
                                             "[\"a\" \"b\"]",
                                             "\"text\"",
                                             "[nan]",
                                             "[1e999]",
                                             "['a']"};
        bytes = random.of(kTexts);
      } else {
        return false;
      }
  }
  // Only the tokenizer looks at the vocabulary.
  if (file == "model/vocab.txt" && c.arguments.front() == "info") return false;
  if (file == "model/config.json" && c.must_fail && c.arguments.front() == "tokenize" &&
      c.kind == "file cut short")
    c.must_fail = true;
  if (file == "model/model.safetensors" && c.arguments.front() == "tokenize") return false;
  if (bytes == golden::read_file(file)) c.must_fail = false;
  c.files[file] = bytes;
  return true;
}

bool damage_options(Random& random, const Call& call, Case& c) {
  Arguments& arguments = c.arguments;
  static const std::string kNoNumbers[] = {"x",
                                           "",
                                           "nan",
                                           "inf",
                                           "-inf",
                                           "1e999",
                                           "--",
                                           "0x10",
                                           "1,5",
                                           "1 2",
                                           "٣",
                                           "+-1",
                                           "1e",
                                           "-",
                                           "99999999999999999999",
                                           "-99999999999999999999",
                                           "1.2.3",
                                           "\n",
                                           "-1e-400x"};
  switch (random.below(10)) {
    case 0: {
      c.kind = "a number that is none";
      if (call.numbers.empty()) return false;
      const std::string option = random.of(call.numbers), value = random.of(kNoNumbers);
      replace(arguments, option, value);
      // Too large for a count, not for a scale.
      if (option.ends_with("-scale") && value.starts_with("9")) c.must_fail = false;
      break;
    }
    case 1:
      c.kind = "an unknown option";
      arguments.insert(arguments.begin() + 1 + static_cast<long>(random.below(arguments.size())),
                       random.chance(2) ? "--frobnicate" : "--zz=3");
      // A text may begin with dashes.
      for (size_t i = 2; i < arguments.size(); ++i)
        if (arguments[i - 1] == "--text" && arguments[i].starts_with("--")) return false;
      break;
    case 2: {
      c.kind = "a required option missing";
      if (call.inputs.empty() || call.command.front() == "info") return false;
      const auto at = std::find(arguments.begin(), arguments.end(), call.inputs.front().option);
      arguments.erase(at, at + 2);
      break;
    }
    case 3:
      c.kind = "an option twice";
      if (call.inputs.empty()) return false;
      arguments.insert(arguments.end(), {call.inputs.front().option, call.inputs.front().file});
      break;
    case 4:
      c.kind = "an empty argument";
      arguments.emplace_back();
      break;
    case 5:
      c.kind = "an argument too many";
      arguments.push_back(random.chance(2) ? "extra" : random_bytes(random, 30) + "x");
      std::erase(arguments.back(), '\0');
      if (arguments.back().starts_with("-")) return false;
      break;
    case 6:
      c.kind = "an unknown command";
      arguments.front() += "x";
      break;
    case 7:
      c.kind = "a value missing";
      arguments.push_back(call.outputs.empty() ? call.inputs.front().option
                                               : call.outputs.front().option);
      break;
    case 8:
      c.kind = "a choice that is none";
      if (arguments.front() == "op" || arguments.front() == "gemm" || arguments.front() == "encode")
        replace(arguments, "--engine", "abacus");
      else if (arguments.front() == "quantize")
        replace(arguments, "--calibrator", "median");
      else if (arguments.front() == "formats")
        replace(arguments, "--input", random.chance(2) ? "INT0" : "E9M9");
      else
        return false;
      break;
    default: {
      c.kind = "arguments shuffled";
      c.must_fail = false;
      std::swap(random.of(arguments), random.of(arguments));
      if (random.chance(2))
        arguments.erase(arguments.begin() + static_cast<long>(random.below(arguments.size())));
    }
  }
  return true;
}

bool damage_paths(Random& random, const Call& call, Case& c) {
  Arguments& arguments = c.arguments;
  const auto any_output = [&]() -> const Input* {
    return call.outputs.empty() ? nullptr : &call.outputs[random.below(call.outputs.size())];
  };
  static const std::string kNoFiles[] = {"missing",   "missing/file.npy", "/dev/zero", "/dev/null",
                                         "/",         "folder",           "loop",      "a.npy/file",
                                         "new\nline", "\x01\x02"};
  static const std::string kNoPlaces[] = {
      "folder", "missing/o.npy", "/proc/o.npy", "loop", "a.npy/o", "/",
      "",       "/dev/full",     "read_only",   ".",    "folder/"};
  switch (random.below(5)) {
    case 0:
      if (call.inputs.empty()) return false;
      c.kind = "an input that is no file";
      replace(arguments, random.of(call.inputs).option, random.of(kNoFiles));
      break;
    case 1: {
      const Input* output = any_output();
      if (output == nullptr) return false;
      c.kind = "an output that cannot be written";
      std::string place = random.of(kNoPlaces);
      if (arguments.front() == "random-model") place = random.chance(2) ? "a.npy" : "/proc/none";
      replace(arguments, output->option, place);
      // An empty name stands for none where the output may be left out.
      if (place.empty() && output->option != "--out") c.must_fail = false;
      break;
    }
    case 2: {
      const Input* output = any_output();
      if (output == nullptr || call.inputs.empty()) return false;
      c.kind = "an output over an input";
      const std::string input = random.of(call.inputs).file;
      replace(arguments, output->option,
              input == "model"   ? "model/config.json"
              : random.chance(2) ? "./" + input
                                 : input);
      break;
    }
    case 3:
      if (call.outputs.size() < 2) return false;
      c.kind = "two outputs on one file";
      replace(arguments, call.outputs[1].option, "folder/../" + call.outputs[0].file);
      break;
    default:
      c.kind = "a name too long";
      if (call.inputs.empty()) return false;
      replace(arguments, random.of(call.inputs).option, std::string(300 + random.below(5000), 'n'));
  }
  return true;
}

Case make_case(uint64_t seed, uint64_t index) {
  Random random(seed, index);
  for (;;) {
    const Call& call = random.of(calls());
    Case c;
    c.arguments = arguments_of(call);
    const size_t kind = random.below(10);
    const bool made = kind < 5   ? damage_file(random, call, c)
                      : kind < 8 ? damage_options(random, call, c)
                                 : damage_paths(random, call, c);
    if (made) return c;
  }
}

/// Every file of the current folder with what would change if it were written.
std::map<std::string, std::string> snapshot() {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(".")) {
    struct stat s {};
    lstat(entry.path().c_str(), &s);
    // A folder's own time changes when it is found out whether it can be written.
    all[entry.path().string()] = S_ISDIR(s.st_mode)
                                     ? fmt::format("{} {:o}", s.st_ino, s.st_mode)
                                     : fmt::format("{} {} {}.{} {:o}", s.st_ino, s.st_size,
                                                   s.st_mtim.tv_sec, s.st_mtim.tv_nsec, s.st_mode);
  }
  return all;
}

struct Ending {
  int status;  // exit status, or 128 + the signal
  std::string errors;
};

/// Seconds until a call counts as one that hangs.
unsigned time_limit = 60;

/// Calls the program in a child.
Ending call_program(const Program& program, const Arguments& arguments) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("pipe failed");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    const rlimit core{0, 0};
    setrlimit(RLIMIT_CORE, &core);
    alarm(time_limit);
    const int status = program(arguments);
    std::fflush(nullptr);
    _exit(status);
  }
  close(pipe_ends[1]);
  Ending ending{0, {}};
  char part[4096];
  for (ssize_t n = 0; (n = read(pipe_ends[0], part, sizeof part)) > 0;)
    ending.errors.append(part, static_cast<size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ending;
}

/// Whole files where a call that succeeds has written; names of outputs may have been exchanged.
std::string check_outputs() {
  const auto is_json = [](const std::string& file) {
    return nlohmann::json::accept(golden::read_file(file));
  };
  for (const auto& entry : fs::directory_iterator(".")) {
    const std::string name = entry.path().filename().string();
    try {
      if (name.starts_with(".tmp")) return name + " is left behind";
      if ((name == "o.npy" || name == "o2.npy") && !is_json(name)) golden::read_npy(entry.path());
      if (name == "o.safetensors") golden::Safetensors::load(entry.path());
    } catch (const golden::InputError& error) {
      return error.what();
    }
  }
  return {};
}

/// What is wrong with the way the program takes this case, or nothing.
std::string judge(const Program& program, const Case& c) {
  std::map<std::string, std::string> sound;
  for (const auto& [file, bytes] : c.files) {
    sound[file] = golden::read_file(file);
    golden::write_file(file, bytes);
  }
  const auto before = snapshot();
  const Ending ending = call_program(program, c.arguments);
  std::string wrong;
  if (ending.status == 2) {
    if (std::count(ending.errors.begin(), ending.errors.end(), '\n') != 1 ||
        !ending.errors.ends_with('\n') || !ending.errors.starts_with("bertsim: "))
      wrong = "not one line on standard error: " + ending.errors;
    else if (snapshot() != before)
      wrong = "refused, but changed a file";
  } else if (ending.status == 0 && !c.must_fail) {
    wrong = check_outputs();
  } else {
    wrong = fmt::format("exit status {}: {}", ending.status, ending.errors);
  }
  for (const auto& [file, bytes] : sound) golden::write_file(file, bytes);
  for (const auto& [name, state] : snapshot())
    if (!before.contains(name)) fs::remove_all(name);
  return wrong;
}

std::string command_line(const Case& c) {
  std::string line = "bertsim";
  for (const std::string& argument : c.arguments) line += " " + tb::shell_quoted(argument);
  for (const auto& [file, bytes] : c.files)
    line += fmt::format("   ({}: {} bytes)", file, bytes.size());
  return line;
}

/// Wrong programs, each of which the checks must catch on a case that must fail.
int self_test() {
  time_limit = 2;
  const auto complain = [](const char* text) { fmt::print(stderr, "{}", text); };
  const std::map<std::string, Program> wrong{
      {"accepts", [](const Arguments&) { return 0; }},
      {"says mismatch",
       [&](const Arguments&) {
         complain("bertsim: x\n");
         return 1;
       }},
      {"says nothing", [](const Arguments&) { return 2; }},
      {"says two lines",
       [&](const Arguments&) {
         complain("bertsim: x\ny\n");
         return 2;
       }},
      {"ends within a line",
       [&](const Arguments&) {
         complain("bertsim: x");
         return 2;
       }},
      {"aborts", [](const Arguments&) -> int { std::abort(); }},
      {"hangs",
       [](const Arguments&) -> int {
         for (;;) pause();
       }},
      {"leaves a file",
       [&](const Arguments&) {
         golden::write_file("o.npy", "x");
         complain("bertsim: x\n");
         return 2;
       }},
      {"changes an input", [&](const Arguments&) {
         golden::write_file("a.npy", "x");
         complain("bertsim: x\n");
         return 2;
       }}};
  const std::string a = golden::read_file("a.npy");
  uint64_t index = 0;
  while (!make_case(1, index).must_fail) ++index;
  int missed = 0;
  for (const auto& [name, program] : wrong) {
    if (judge(program, make_case(1, index)).empty()) {
      fmt::print("FAILED: a program that {} passes\n", name);
      ++missed;
    }
    golden::write_file("a.npy", a);
  }
  const Program half_written = [](const Arguments&) {
    golden::write_file("o.npy", "\x93NUMPY");
    return 0;
  };
  while (make_case(1, index).must_fail) ++index;
  if (judge(half_written, make_case(1, index)).empty()) {
    fmt::print("FAILED: a program that writes half a file passes\n");
    ++missed;
  }
  fmt::print("{} wrong programs, {} not caught\n", wrong.size() + 1, missed);
  return missed == 0 ? 0 : 1;
}

int fuzz(uint64_t seed, uint64_t count, uint64_t first) {
  std::map<std::string, uint64_t> kinds;
  uint64_t failures = 0, must_fail = 0;
  for (uint64_t index = first; index < first + count; ++index) {
    const Case c = make_case(seed, index);
    ++kinds[c.kind];
    must_fail += c.must_fail ? 1 : 0;
    if (count == 1) fmt::print("{}: {}\n", c.kind, command_line(c));
    const std::string wrong = judge(cli::bertsim, c);
    if (wrong.empty()) continue;
    fmt::print("FAILED, {}: {}\n  {}\n  rerun: {} --seed {} --only {}\n", c.kind, wrong,
               command_line(c), tb::shell_quoted(fs::read_symlink("/proc/self/exe").string()), seed,
               index);
    if (++failures == 20) break;
  }
  for (const auto& [kind, n] : kinds) fmt::print("{:>8}  {}\n", n, kind);
  fmt::print("seed {}: {} calls, {} of them certainly malformed; {} failures\n", seed, count,
             must_fail, failures);
  return failures == 0 ? 0 : 1;
}

int run(const Arguments& arguments) {
  uint64_t seed = 1, count = 1000, first = 0;
  bool test_itself = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto value = [&] { return std::stoull(arguments.at(++i)); };
    if (arguments[i] == "--seed")
      seed = value();
    else if (arguments[i] == "--count")
      count = value();
    else if (arguments[i] == "--only")
      first = value(), count = 1;
    else if (arguments[i] == "--self-test")
      test_itself = true;
    else
      throw golden::InputError("unknown argument " + arguments[i]);
  }
  const golden::TempFolder folder;
  fs::current_path(folder.path());
  // The calls that make the files print; the cases do not.
  const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  const bool made = make_files();
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (!made) throw std::runtime_error("the sound files could not be made");
  fs::create_directory("folder");
  fs::create_symlink("loop", "loop");
  golden::write_file("read_only", "x");
  fs::permissions("read_only", fs::perms::owner_read);
  // Every sound call succeeds: a case fails for its damage.
  for (const Call& call : calls()) {
    const Ending ending = call_program(cli::bertsim, arguments_of(call));
    if (ending.status != 0)
      throw std::runtime_error(fmt::format("a sound call fails ({}): {}: {}", ending.status,
                                           fmt::join(arguments_of(call), " "), ending.errors));
    for (const Input& output : call.outputs) fs::remove_all(output.file);
  }
  return test_itself ? self_test() : fuzz(seed, count, first);
}

}  // namespace
}  // namespace sb

int main(int argc, char** argv) {
  try {
    return sb::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "cli_fuzz: {}\n", error.what());
    return 1;
  }
}
