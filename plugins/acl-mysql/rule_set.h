#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database.h"
#include "subject.h"
#include "support/topic_match.h"

namespace patchbay::acl_mysql {

enum class Decision : std::uint8_t { no_match, allow, deny };

/// The rules of one client, in the order of the rows; the first that matches wins. Constant once filled. [any-thread]
class RuleSet {
 public:
  explicit RuleSet(Subject subject) : subject_(std::move(subject)) {}

  /// Takes the rows of the query, by the names of their columns: permission, action, topic; and where they are there,
  /// ipaddress, qos, retain. What can't be understood is an error that names row and column, and these rules must not
  /// be used then: a rule that is left out could be one that denies.
  [[nodiscard]] bool take(const Rows& rows, std::string& error);
  /// Everything is allowed.
  void make_superuser() { superuser_ = true; }

  [[nodiscard]] Decision decide(const Question& question) const;
  [[nodiscard]] const Subject& subject() const { return subject_; }
  [[nodiscard]] size_t size() const { return rules_.size(); }

 private:
  struct Rule {
    support::TopicPattern topic;
    std::uint8_t actions;   // bits of Question::Action
    std::uint8_t qos_mask;  // bit n: QoS n
    std::uint8_t retain;    // bit 0: messages that are not retained, bit 1: those that are
    bool allow;
  };
  struct Columns;
  /// Nothing where the rule is about another address.
  [[nodiscard]] bool add(const Columns& columns, const std::vector<Value>& row, std::string& error);
  [[nodiscard]] support::TopicValues topic_values() const;

  Subject subject_;
  std::string peer_host_ = subject_.peer_host();
  std::vector<Rule> rules_;
  bool superuser_ = false;
};

}  // namespace patchbay::acl_mysql
