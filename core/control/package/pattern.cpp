#include "package/pattern.h"

#include <re2/re2.h>

namespace patchbay::package {

namespace {

constexpr size_t kPatternBytesMax = 1024;
constexpr int64_t kPatternMemoryMax = 1 << 20;

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryMax);
  return options;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::optional<std::string> pattern_problem(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return "a pattern of " + std::to_string(pattern.size()) + " bytes, at most " + std::to_string(kPatternBytesMax) +
           " are allowed";
  }
  const re2::RE2 compiled(piece(pattern), options());
  if (compiled.ok()) return std::nullopt;
  return "not a regular expression in RE2's syntax: " + compiled.error();
}

bool pattern_is_found(std::string_view pattern, std::string_view text) {
  const re2::RE2 compiled(piece(pattern), options());
  return compiled.ok() && re2::RE2::PartialMatch(piece(text), compiled);
}

Pattern::Pattern(const std::string& text) : text_(text) {}

Pattern::~Pattern() = default;

bool Pattern::is_found_in(std::string_view text) const {
  std::call_once(compiled_once_, [this] { compiled_ = std::make_unique<const re2::RE2>(piece(text_), options()); });
  return compiled_->ok() && re2::RE2::PartialMatch(piece(text), *compiled_);
}

}  // namespace patchbay::package
