// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace sb::golden {

// Character properties as the reference tokenizer has them. The package `tokenizers` mixes three
// versions of Unicode: its general categories are those of 8.0, its canonical decompositions those
// of 9.0 to 12.1, its lower case that of 16.0 and later; ICU 72 has 15.0. These functions restate
// ICU's answers for those versions. golden/text/tokenizer.md lists each difference; a test compares
// every code point with the reference.

/// Control, format or private-use character in Unicode 8.0. Unassigned code points are not.
bool is_control_or_private(char32_t c);
/// Nonspacing mark (Mn) in Unicode 8.0.
bool is_nonspacing_mark(char32_t c);
/// Punctuation (P*) in Unicode 8.0, or any ASCII symbol.
bool is_punctuation(char32_t c);
/// White_Space property; the same in every version.
bool is_white_space(char32_t c);
/// Ideographs that BERT surrounds with spaces: the blocks of the reference, which start extension E
/// at 2B920.
bool is_cjk_ideograph(char32_t c);

/// Appends the full lower-case mapping of one character, without context.
void append_lower(char32_t c, std::u32string& out);
/// Canonical decomposition (NFD).
std::u32string decompose(std::u32string_view text);

}  // namespace sb::golden
