// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace sb::golden {

/// One line of a text file: "text" or "label<TAB>text".
struct LabelledText {
  std::string label;  ///< empty if the line has none
  std::string text;
};

/// Reads a file with one text per line, UTF-8. The end of the last line begins no further one; any
/// other empty line is an empty text, which is [CLS] [SEP]. InputError for a file without lines
/// and, naming the line, for a label that is empty or no UTF-8, or labels on some lines only. A
/// file named *.json holds an array of texts, or an object that gives under each label an array of
/// texts: there a text may hold tabs and line ends.
std::vector<LabelledText> read_text_lines(const std::filesystem::path& path);

}  // namespace sb::golden
