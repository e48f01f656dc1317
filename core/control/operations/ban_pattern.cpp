#include "operations/ban_pattern.h"

#include <re2/re2.h>

namespace patchbay::operations {

namespace {

/// Silent, and small enough that nobody can fill the memory with expressions.
RE2::Options ban_pattern_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace

BanPattern::BanPattern(const std::string& expression)
    : expression_(std::make_unique<const RE2>(expression, ban_pattern_options())) {}

BanPattern::~BanPattern() = default;

std::optional<std::string> BanPattern::problem(const std::string& expression) {
  const RE2 tried(expression, ban_pattern_options());
  return tried.ok() ? std::nullopt : std::optional(tried.error());
}

bool BanPattern::is_found_in(std::string_view name) const {
  return RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *expression_);
}

}  // namespace patchbay::operations
