#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/address_range.h"
#include "support/topic_match.h"

namespace re2 {
class RE2;
}

namespace patchbay::acl_file {

enum class Action : uint8_t { publish = 1, subscribe = 2 };

/// Who asks for what. Views live as long as the call.
struct Question {
  Action action = Action::publish;
  uint8_t qos = 0;
  bool retain = false;
  std::string_view topic;  ///< a topic name, or a topic filter without its $share prefix
  /// Who it is: the identity that an authenticator has vouched for; empty: nobody has.
  std::string_view user;
  /// The user name that the client sent, whoever it is. Rules that deny look at both.
  std::string_view claimed_user;
  std::string_view client_id;
  std::string_view listener;
  std::string_view common_name;
  std::string_view peerhost;  ///< `address` as text; needed where RuleSet::needs_peerhost()
  support::Address address{};
  std::string_view (*attribute)(const void* context, std::string_view name) = nullptr;
  const void* attribute_context = nullptr;
};

/// One thing that must hold of whoever asks.
struct Condition {
  enum class Kind : uint8_t { user, client, common_name, listener, attribute, address, anonymous };
  Kind kind = Kind::user;
  std::string name;   ///< of the attribute
  std::string value;  ///< compared as a whole, where there is no expression
  std::shared_ptr<const re2::RE2> expression;
  std::vector<support::AddressRange> ranges;  ///< any of them

  [[nodiscard]] bool holds(const Question& question, bool allow) const;

 private:
  [[nodiscard]] bool fits(std::string_view text) const;
};

/// A line of the file. Constant once made. [any-thread]
struct Rule {
  static constexpr uint8_t kAllActions = 3;
  static constexpr uint8_t kAllQos = 0b111;
  enum class Retain : uint8_t { any, retained_only, not_retained };

  bool allow = false;
  uint8_t actions = kAllActions;              ///< bits of Action
  uint8_t qos_mask = kAllQos;                 ///< bit n: QoS n
  Retain retain = Retain::any;                ///< of a PUBLISH
  std::vector<Condition> conditions;          ///< all of them; none: everybody
  std::vector<support::TopicPattern> topics;  ///< any of them; none: every topic, also those with '$'
  uint32_t line = 0;
  std::string text;  ///< the line as it stands in the file

  [[nodiscard]] bool applies(const Question& question) const { return may_apply(question) && applies_fully(question); }

 private:
  /// A quick look that leaves most rules out: they are about other actions or topics.
  [[nodiscard]] bool may_apply(const Question& question) const {
    if ((actions & static_cast<uint8_t>(question.action)) == 0 || (qos_mask & (1u << question.qos)) == 0) return false;
    if (question.action != Action::publish || topics.empty()) return true;
    for (const support::TopicPattern& topic : topics) {
      if (topic.may_concern(question.topic, allow)) return true;
    }
    return false;
  }
  [[nodiscard]] bool applies_fully(const Question& question) const;
};

}  // namespace patchbay::acl_file
