#pragma once

#include <patchbay/settings.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "rule_text.h"

namespace patchbay::acl_file {

/// The settings of an instance; manifest.json says what they may be.
struct Settings {
  std::string path = "acl.conf";    ///< the rule file
  std::string format = "patchbay";  ///< or "mosquitto"
  std::vector<std::string> rules;   ///< where there are any: in place of the file, in the format "patchbay"
  std::string no_match = "deny";    ///< or "ignore", "allow"
  std::chrono::milliseconds check_interval{5000};
  bool trust_claimed_usernames = false;

  template <typename Fields>
  void describe(Fields& fields) {
    fields.optional("path", path);
    fields.optional("format", format);
    fields.optional("rules", rules);
    fields.optional("no_match", no_match);
    fields.optional("check_interval", check_interval);
    fields.optional("trust_claimed_usernames", trust_claimed_usernames);
  }
  [[nodiscard]] Format rule_format() const {
    return rules.empty() && format == "mosquitto" ? Format::mosquitto : Format::patchbay;
  }
  [[nodiscard]] bool from_file() const { return rules.empty(); }
  /// What the rules are called where they are shown.
  [[nodiscard]] std::string source() const { return from_file() ? path : "settings"; }
};

}  // namespace patchbay::acl_file
