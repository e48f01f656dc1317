#include "rule_set.h"

#include <algorithm>

#include "support/address_range.h"

namespace patchbay::acl_mysql {

namespace {

constexpr std::uint8_t kPublish = static_cast<std::uint8_t>(Question::Action::publish);
constexpr std::uint8_t kSubscribe = static_cast<std::uint8_t>(Question::Action::subscribe);
constexpr std::uint8_t kAnyQos = 0b111;
constexpr std::uint8_t kNotRetained = 0b01;
constexpr std::uint8_t kRetained = 0b10;
constexpr size_t kLongestTopic = 65'535;  // MQTT 5.0, 1.5.4

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

/// The numbers are those of the tables of EMQX 4.
std::optional<bool> permission_from(const std::string& text) {
  if (text == "allow" || text == "1") return true;
  if (text == "deny" || text == "0") return false;
  return std::nullopt;
}

std::optional<std::uint8_t> actions_from(const std::string& text) {
  if (text == "subscribe" || text == "1") return kSubscribe;
  if (text == "publish" || text == "2") return kPublish;
  if (text == "all" || text == "pubsub" || text == "3") return kPublish | kSubscribe;
  return std::nullopt;
}

/// "1", or several: "0,1".
std::optional<std::uint8_t> qos_mask_from(const std::string& text) {
  if (text.empty() || text == "all") return kAnyQos;
  std::uint8_t mask = 0;
  bool digit_wanted = true;
  for (const char c : text) {
    if (c == ' ') continue;
    if (digit_wanted != (c >= '0' && c <= '2') || (!digit_wanted && c != ',')) return std::nullopt;
    if (digit_wanted) mask |= static_cast<std::uint8_t>(1u << (c - '0'));
    digit_wanted = !digit_wanted;
  }
  return digit_wanted ? std::nullopt : std::optional(mask);
}

std::optional<std::uint8_t> retain_from(const std::string& text) {
  if (text.empty() || text == "all") return kNotRetained | kRetained;
  if (text == "1" || text == "true") return kRetained;
  if (text == "0" || text == "false") return kNotRetained;
  return std::nullopt;
}

}  // namespace

/// Where each column stands in a row.
struct RuleSet::Columns {
  std::optional<size_t> permission, action, topic, address, qos, retain;

  [[nodiscard]] bool find(const Rows& rows, std::string& error) {
    permission = rows.column("permission");
    action = rows.column("action");
    topic = rows.column("topic");
    address = rows.column("ipaddress");
    qos = rows.column("qos");
    retain = rows.column("retain");
    if (permission && action && topic) return true;
    error = "the query gives no column permission, action or topic";
    return false;
  }
  /// The text of a column in lower case; empty where it is NULL or isn't there.
  [[nodiscard]] static std::string text(const std::vector<Value>& row, std::optional<size_t> column) {
    return column && row[*column] ? lower(*row[*column]) : std::string();
  }
};

bool RuleSet::take(const Rows& rows, std::string& error) {
  Columns columns;
  if (!columns.find(rows, error)) return false;
  rules_.reserve(rows.rows.size());
  for (size_t index = 0; index < rows.rows.size(); ++index) {
    if (add(columns, rows.rows[index], error)) continue;
    error = "row " + std::to_string(index + 1) + " of the rules: " + error;
    return false;
  }
  room_ = {};
  return true;
}

bool RuleSet::add(const Columns& columns, const std::vector<Value>& row, std::string& error) {
  const auto wrong = [&error](std::string_view what) {
    error = what;
    return false;
  };
  if (const std::string address = Columns::text(row, columns.address); !address.empty()) {
    const auto range = support::AddressRange::parse(address);
    if (!range) return wrong("ipaddress is no address and no range");
    if (!range->contains(subject_.peer_address)) return true;
  }
  const auto allow = permission_from(Columns::text(row, columns.permission));
  if (!allow) return wrong("permission is neither allow nor deny");
  const auto actions = actions_from(Columns::text(row, columns.action));
  if (!actions) return wrong("action is none of publish, subscribe and all");
  const auto qos_mask = qos_mask_from(Columns::text(row, columns.qos));
  if (!qos_mask) return wrong("qos is no list of 0, 1 and 2");
  const auto retain = retain_from(Columns::text(row, columns.retain));
  if (!retain) return wrong("retain is neither 0 nor 1");
  if (!row[*columns.topic]) return wrong("topic is NULL");
  Rule rule{};
  rule.actions = *actions;
  rule.qos_mask = *qos_mask;
  rule.retain = *retain;
  rule.allow = *allow;
  return add_topic(*row[*columns.topic], std::move(rule), error);
}

bool RuleSet::add_topic(std::string_view topic, Rule rule, std::string& error) {
  std::string reason;
  const auto pattern = support::TopicPattern::parse(topic, reason, support::TopicPattern::Style::braces);
  if (!pattern) {
    error = "topic: " + reason;
    return false;
  }
  if (!pattern->constant()) room_.resize(kLongestTopic);
  const support::TopicPattern::Filled filled = pattern->fill(topic_values(), room_);
  if (!filled.safe && rule.allow) return true;
  rule.set_topic(*pattern, filled);
  rules_.push_back(std::move(rule));
  return true;
}

void RuleSet::Rule::set_topic(const support::TopicPattern& pattern, const support::TopicPattern::Filled& filled) {
  filter = filled.filter;
  literal = pattern.literal();
  const size_t wildcard = literal ? std::string::npos : filter.find_first_of("+#");
  kind = filled.everything ? Kind::everything : wildcard == std::string::npos ? Kind::exact : Kind::wildcards;
  if (kind != Kind::wildcards) return;
  // "a/#" matches "a" as well, so that the slash isn't part of what every matching topic has.
  fixed = static_cast<std::uint32_t>(filter[wildcard] == '#' && wildcard != 0 ? wildcard - 1 : wildcard);
}

bool RuleSet::Rule::concerns_topic(std::string_view topic) const {
  switch (kind) {
    case Kind::exact:
      return topic == filter;
    case Kind::everything:
      return true;
    case Kind::wildcards:
      return topic.starts_with(std::string_view(filter).substr(0, fixed)) && support::filter_matches(filter, topic);
  }
  return false;
}

bool RuleSet::Rule::concerns_filter(std::string_view topic_filter) const {
  if (literal) return topic_filter == filter;
  if (allow) return support::filter_contains(filter, topic_filter);
  return kind == Kind::everything || support::filters_overlap(filter, topic_filter);
}

support::TopicValues RuleSet::topic_values() const {
  support::TopicValues values;
  values.client_id = subject_.client_id;
  values.username = subject_.username;
  values.cert_common_name = subject_.certificate_common_name;
  values.peerhost = peer_host_;
  values.listener = subject_.listener_id;
  values.attribute = [](const void* subject, std::string_view name) {
    return static_cast<const Subject*>(subject)->attribute(name);
  };
  values.attribute_context = &subject_;
  return values;
}

Decision RuleSet::decide(const Question& question) const {
  if (superuser_) return Decision::allow;
  const bool publish = question.action == Question::Action::publish;
  const std::uint8_t retain = question.retain ? kRetained : kNotRetained;
  for (const Rule& rule : rules_) {
    if ((rule.actions & static_cast<std::uint8_t>(question.action)) == 0) continue;
    if ((rule.qos_mask & (1u << question.qos)) == 0) continue;
    if (publish && (rule.retain & retain) == 0) continue;
    const bool concerns = publish ? rule.concerns_topic(question.topic) : rule.concerns_filter(question.topic);
    if (concerns) return rule.allow ? Decision::allow : Decision::deny;
  }
  return Decision::no_match;
}

}  // namespace patchbay::acl_mysql
