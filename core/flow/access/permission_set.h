#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/compiled_filter.h"
#include "access/look_lanes.h"
#include "access/placeholders.h"
#include "mqtt/qos.h"

namespace patchbay::access {

enum class Action : uint8_t { publish = 1, subscribe = 2 };

/// One rule as an authenticator states it.
struct PermissionRule {
  static constexpr uint8_t publish = 1;  ///< bits of `actions`
  static constexpr uint8_t subscribe = 2;
  static constexpr uint8_t all = 3;
  enum class Retain : uint8_t { any, retained_only, not_retained };

  bool allow = true;
  uint8_t actions = all;
  /// A topic filter that may hold ${clientid}, ${username} and ${attr.NAME}. When a value is missing or unsafe (see
  /// substitute()), a rule that allows matches nothing, one that denies matches all that it could have meant.
  std::string topic_filter;
  uint8_t qos_mask = 0b111;  ///< bit n: QoS n
  Retain retain = Retain::any;
};

/// Whether some topic name matches both filters. [any-thread]
[[nodiscard]] bool filters_overlap(std::string_view left, std::string_view right);

/// Rules compiled for one client at its login, evaluated without asking anybody. First matching rule wins; none: no
/// opinion. Constant. [any-thread]
class PermissionSet {
 public:
  static constexpr size_t kMaximumRules = 1'000;  ///< rules beyond are refused as a whole: compile() gives nothing

  /// Nothing when there are too many rules.
  [[nodiscard]] static std::optional<PermissionSet> compile(const std::vector<PermissionRule>& rules,
                                                            const PlaceholderValues& values);

  /// True or false: a rule says so; nothing: no rule matches.
  [[nodiscard]] std::optional<bool> may_publish(std::string_view topic, mqtt::Qos qos, bool retain) const;
  /// For a filter without $share prefix. A rule that allows must cover every topic of the filter; one that denies
  /// matches when they have any topic in common, or a wide filter would be a way around it.
  [[nodiscard]] std::optional<bool> may_subscribe(std::string_view topic_filter, mqtt::Qos qos) const;
  [[nodiscard]] size_t size() const { return rules_.size(); }
  /// These rules, and behind them `later`'s: what is known first has the first word.
  void append(PermissionSet&& later);

 private:
  struct Compiled {
    CompiledFilter filter;
    uint16_t questions;  // bit n: what question_bit() has n for
    bool allow;
    bool everything;  // a denying rule that can't be understood: '$' topics too
  };
  void aim();
  void line_up();

  std::vector<Compiled> rules_;
  std::vector<LookLanes> looks_;  // of the rules in their order
  size_t front_at_ = 0;
};

}  // namespace patchbay::access
