#include "acl_claim.h"

#include <nlohmann/json.hpp>

namespace patchbay::auth_jwt {

namespace {

constexpr std::string_view kEqual = "eq ";
constexpr size_t kMaximumFilterBytes = 65'535;

/// No control characters: there is no use for them, and lines of late rules end with one.
bool is_usable(std::string_view topic) {
  if (topic.empty() || topic.size() > kMaximumFilterBytes) return false;
  for (const char c : topic) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return true;
}

/// Whether the core would see more in it than the text itself.
bool is_pattern(std::string_view topic) {
  return topic.find_first_of("+#") != std::string_view::npos || topic.find("${") != std::string_view::npos;
}

/// ${client_attrs.NAME} is ${attr.NAME} to the core.
std::string in_words_of_the_core(std::string_view topic) {
  constexpr std::string_view theirs = "${client_attrs.";
  std::string out;
  for (;;) {
    const size_t at = topic.find(theirs);
    out += topic.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += "${attr.";
    topic.remove_prefix(at + theirs.size());
  }
}

class Reader {
 public:
  std::optional<Permissions> read(const Json& claim) {
    made_.stated = true;
    const bool understood = claim.is_object() ? read_lists(claim) : claim.is_array() && read_rules(claim);
    if (!understood) return std::nullopt;
    return std::move(made_);
  }

 private:
  bool add(PermissionRule rule, std::string_view topic) {
    if (!is_usable(topic) || made_.native.size() + made_.late.size() >= kMaximumRules) return false;
    std::string_view exact = topic;
    if (topic.starts_with(kEqual)) exact.remove_prefix(kEqual.size());
    if (exact.empty()) return false;
    // The core has wildcards and placeholders in all filters, so a text that has none is the same to it with "eq".
    const bool literal = topic.starts_with(kEqual) && is_pattern(exact);
    rule.topic_filter = literal ? std::string(topic) : in_words_of_the_core(exact);
    // What comes behind a late rule must not be asked before it.
    auto& where = literal || !made_.late.empty() ? made_.late : made_.native;
    where.push_back(std::move(rule));
    return true;
  }

  bool add_topics(const PermissionRule& rule, const Json& topics) {
    if (topics.is_string()) return add(rule, topics.get_ref<const std::string&>());
    if (!topics.is_array()) return false;
    for (const Json& topic : topics) {
      if (!topic.is_string() || !add(rule, topic.get_ref<const std::string&>())) return false;
    }
    return true;
  }

  bool read_lists(const Json& claim) {
    constexpr std::pair<std::string_view, uint8_t> kLists[] = {
        {"pub", kPublish}, {"sub", kSubscribe}, {"all", kAllActions}};
    for (const auto& [name, actions] : kLists) {
      PermissionRule rule;
      rule.actions = actions;
      const Json* topics = member(claim, name);
      if (topics != nullptr && !add_topics(rule, *topics)) return false;
    }
    PermissionRule rest;
    rest.allow = false;
    (made_.late.empty() ? made_.native : made_.late).push_back(std::move(rest));
    return made_.native.size() + made_.late.size() <= kMaximumRules;
  }

  bool read_rules(const Json& claim) {
    for (const Json& each : claim) {
      PermissionRule rule;
      if (!each.is_object() || !read_permission(each, rule) || !read_action(each, rule) || !read_qos(each, rule) ||
          !read_retain(each, rule)) {
        return false;
      }
      const Json* topics = member(each, "topic");
      if (topics != nullptr && !topics->is_string()) return false;
      if (topics == nullptr) topics = member(each, "topics");
      if (topics == nullptr || !add_topics(rule, *topics)) return false;
      if (!has_only_known_members(each)) return false;
    }
    return true;
  }

  /// A condition that we don't know narrows a rule that allows: without it the rule would say more than it should.
  static bool has_only_known_members(const Json& rule) {
    for (const auto& [name, value] : rule.items()) {
      if (name != "permission" && name != "action" && name != "topic" && name != "topics" && name != "qos" &&
          name != "retain") {
        return false;
      }
    }
    return true;
  }

  static bool read_permission(const Json& from, PermissionRule& rule) {
    const auto permission = text_member(from, "permission");
    if (!permission || (*permission != "allow" && *permission != "deny")) return false;
    rule.allow = *permission == "allow";
    return true;
  }

  static bool read_action(const Json& from, PermissionRule& rule) {
    const auto action = text_member(from, "action");
    if (!action) return false;
    if (*action == "publish" || *action == "pub") {
      rule.actions = kPublish;
    } else if (*action == "subscribe" || *action == "sub") {
      rule.actions = kSubscribe;
    } else {
      return *action == "all";
    }
    return true;
  }

  /// 0, "0", "0,1", [0, "1"].
  static bool read_qos(const Json& from, PermissionRule& rule) {
    const Json* qos = member(from, "qos");
    if (qos == nullptr || qos->is_null()) return true;
    rule.qos_mask = 0;
    if (!qos->is_array()) return add_qos(*qos, rule) && rule.qos_mask != 0;
    for (const Json& each : *qos) {
      if (!add_qos(each, rule)) return false;
    }
    return true;  // an empty list matches nothing
  }

  static bool add_qos(const Json& one, PermissionRule& rule) {
    const std::string text = one.is_number_integer() ? one.dump() : one.is_string() ? one.get<std::string>() : "";
    for (size_t i = 0; i < text.size(); i += 2) {
      if (text[i] < '0' || text[i] > '2' || (i + 1 < text.size() && (text[i + 1] != ',' || i + 2 == text.size())))
        return false;
      rule.qos_mask = static_cast<uint8_t>(rule.qos_mask | 1u << (text[i] - '0'));
    }
    return !text.empty();
  }

  /// true, "true", 1, "1", and their opposites; "all".
  static bool read_retain(const Json& from, PermissionRule& rule) {
    const Json* retain = member(from, "retain");
    if (retain == nullptr || retain->is_null()) return true;
    const std::string text = retain->is_string() ? retain->get<std::string>() : retain->dump();
    if (text == "true" || text == "1") {
      rule.retain = 1;
    } else if (text == "false" || text == "0") {
      rule.retain = 2;
    } else {
      return text == "all";
    }
    return true;
  }

  Permissions made_;
};

}  // namespace

std::optional<Permissions> read_acl(const Json& claim) {
  return Reader().read(claim);
}

}  // namespace patchbay::auth_jwt
