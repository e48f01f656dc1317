#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rule.h"

namespace patchbay::acl_file {

/// Rules in their order, and where to find those that can be about a client: a file with a section for each of ten
/// thousand users costs no more than one with a section for one. Constant once made. [any-thread]
class RuleSet {
 public:
  RuleSet() = default;
  RuleSet(std::vector<Rule> rules, std::string source);
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  /// The first rule that applies; null: none does. Allocates nothing.
  [[nodiscard]] const Rule* first_match(const Question& question) const;

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  /// Where they stand: a path, or "settings".
  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] bool needs_peerhost() const { return needs_peerhost_; }

 private:
  using Numbers = std::vector<uint32_t>;
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Index = std::unordered_map<std::string, Numbers, TextHash, std::equal_to<>>;

  void enter(uint32_t number);
  [[nodiscard]] static const Numbers& find(const Index& index, std::string_view key);

  std::vector<Rule> rules_;
  std::string source_;
  Index of_user_;    // rules with a condition that names one user
  Index of_client_;  // the same for a client id
  Numbers others_;
  bool needs_peerhost_ = false;
};

}  // namespace patchbay::acl_file
