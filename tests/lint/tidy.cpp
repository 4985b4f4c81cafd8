// clang-tidy must refuse this: a moved-from string is read.
#include <string>
#include <utility>

std::string::size_type moved(std::string text) {
  const std::string kept = std::move(text);
  return kept.size() + text.size();
}
