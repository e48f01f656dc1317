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
  /// A row with its placeholders filled in: whose rules these are doesn't change.
  struct Rule {
    enum class Kind : std::uint8_t {
      exact,      // a topic without wildcards, or what stood behind "eq "
      wildcards,  // `filter` begins with `fixed` bytes that a matching topic has as well
      everything,
    };
    std::string filter;
    std::uint32_t fixed;
    Kind kind;
    bool literal;           // "eq ": letters for subscriptions, too
    std::uint8_t actions;   // bits of Question::Action
    std::uint8_t qos_mask;  // bit n: QoS n
    std::uint8_t retain;    // bit 0: messages that are not retained, bit 1: those that are
    bool allow;

    void set_topic(const support::TopicPattern& pattern, const support::TopicPattern::Filled& filled);
    [[nodiscard]] bool concerns_topic(std::string_view topic) const;
    [[nodiscard]] bool concerns_filter(std::string_view topic_filter) const;
  };
  struct Columns;
  /// Adds nothing where the rule is about another address, or can match nothing. False: `error` says why.
  [[nodiscard]] bool add(const Columns& columns, const std::vector<Value>& row, std::string& error);
  [[nodiscard]] bool add_topic(std::string_view topic, Rule rule, std::string& error);
  [[nodiscard]] support::TopicValues topic_values() const;

  Subject subject_;
  std::string peer_host_ = subject_.peer_host();
  std::vector<char> room_;  // for filling in, while rows are taken
  std::vector<Rule> rules_;
  bool superuser_ = false;
};

}  // namespace patchbay::acl_mysql
