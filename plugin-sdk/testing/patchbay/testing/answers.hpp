// SPDX-License-Identifier: Apache-2.0
// What verdicts carry: kept by the fake host from the call that makes it to the verdict that sends it, and then shown
// to the test.
#pragma once

#include "patchbay/testing/messages.hpp"

namespace patchbay::testing {

struct permission_fields {
  bool allow;
  std::uint8_t actions;
  std::string topic_filter;
};

/// A grant as a test reads it.
struct grant_fields {
  bool superuser = false;
  bool has_permissions = false;
  std::string identity;
  std::vector<permission_fields> permissions;
  std::map<std::string, std::string> attributes;
  std::uint64_t expires_at_unix_ms = 0;
};

struct subscription_fields {
  std::string topic_filter;
  std::uint8_t qos;
};

/// The argument of one verdict. `kind` is the name of the function of patchbay_answers that made it; the fields that
/// belong to it count.
struct answer_argument {
  std::string kind;
  std::string text;  ///< text, data, enhanced: the last data
  std::vector<message_fields> messages;
  grant_fields grant;
  std::uint32_t present = 0;  ///< connect, session
  std::string client_id;
  std::string username;
  std::string password;
  std::map<std::string, std::string> user_properties;
  std::uint32_t number = 0;  ///< retained: time to live; session: expiry; limits: maximum packet size; reply: reason
  std::vector<subscription_fields> subscriptions;
};

class answers : public part<answers> {
 public:
  answers(core& shared, messages& all) : part(shared), messages_(all) {
    table_.size = sizeof table_;
    table_.text = [](const patchbay_host* h, patchbay_str t) {
      return of(h).add("text", [&](auto& a) { a.text = testing::text(t); });
    };
    table_.data = [](const patchbay_host* h, patchbay_bytes d) {
      return of(h).add("data", [&](auto& a) { a.text = testing::text(d); });
    };
    table_.message = [](const patchbay_host* h, const patchbay_message* m) {
      return of(h).add_messages("message", &m, 1, 0);
    };
    table_.messages = [](const patchbay_host* h, const patchbay_message* const* list, std::size_t count) {
      return of(h).add_messages("messages", list, count, 0);
    };
    table_.retained = [](const patchbay_host* h, const patchbay_message* m, std::uint32_t ttl) {
      return of(h).add_messages("retained", &m, m == nullptr ? 0 : 1, ttl);
    };
    table_.grant = [](const patchbay_host* h, const patchbay_grant* g) {
      return of(h).add("grant", [&](auto& a) { read(*g, a.grant); });
    };
    table_.enhanced = [](const patchbay_host* h, const patchbay_grant* g, patchbay_bytes d) {
      return of(h).add("enhanced", [&](auto& a) { read(*g, a.grant), a.text = testing::text(d); });
    };
    table_.connect = [](const patchbay_host* h, const patchbay_connect_fields* f) { return of(h).add_connect(*f); };
    table_.limits = [](const patchbay_host* h, const patchbay_limits* f) {
      return of(h).add("limits", [&](auto& a) { a.number = f->maximum_packet_size; });
    };
    table_.certificate = [](const patchbay_host* h, const patchbay_certificate_identity* f) {
      return of(h).add("certificate", [&](auto& a) {
        a.username = testing::text(f->username), a.client_id = testing::text(f->client_id);
      });
    };
    table_.session = [](const patchbay_host* h, const patchbay_session_fields* f) {
      return of(h).add("session", [&](auto& a) {
        a.present = f->present, a.number = f->session_expiry_interval_s, a.text = testing::text(f->server_reference);
      });
    };
    table_.subscription = [](const patchbay_host* h, const patchbay_subscription* list, std::size_t count) {
      return of(h).add_subscriptions(list, count);
    };
    table_.reply = [](const patchbay_host* h, const patchbay_reply_fields* f) {
      return of(h).add("reply", [&](auto& a) {
        a.number = f->reason, a.text = testing::text(f->reason_string);
        read(f->user_properties, f->user_property_count, a.user_properties);
      });
    };
    table_.discard = [](const patchbay_host* h, std::uint64_t handle) { of(h).take(handle); };
    shared.interfaces[PATCHBAY_ANSWERS_1] = &table_;
  }

  /// The argument of a verdict that has come; nothing: no such handle, a breach of the contract.
  std::optional<answer_argument> take(std::uint64_t handle) {
    const std::lock_guard lock(core_.mutex);
    const auto found = all_.find(handle);
    if (found == all_.end()) {
      core_.violation("a verdict's argument is no handle, or was sent before");
      return {};
    }
    answer_argument out = std::move(found->second);
    all_.erase(found);
    return out;
  }
  /// Handles that were neither sent nor discarded.
  std::size_t outstanding() {
    const std::lock_guard lock(core_.mutex);
    return all_.size();
  }

 private:
  template <typename Fill>
  std::uint64_t add(const char* kind, Fill fill) {
    const std::lock_guard lock(core_.mutex);
    if (core_.enter((std::string("answers.") + kind).c_str()) != PATCHBAY_OK) return 0;
    const std::uint64_t handle = core_.next_number();
    auto& made = all_[handle];
    made.kind = kind;
    fill(made);
    return handle;
  }
  std::uint64_t add_messages(const char* kind, const patchbay_message* const* list, std::size_t count,
                             std::uint32_t number) {
    const std::lock_guard lock(core_.mutex);
    std::vector<message_fields> taken;
    for (std::size_t i = 0; i < count; ++i) {
      if (!messages_.take_over(list[i], "answers")) return 0;
      taken.push_back(messages::fields_of(list[i]));
      messages_.forget(list[i]);
    }
    return add(kind, [&](answer_argument& a) { a.messages = std::move(taken), a.number = number; });
  }
  std::uint64_t add_connect(const patchbay_connect_fields& f) {
    return add("connect", [&](answer_argument& a) {
      a.present = f.present;
      a.client_id = testing::text(f.client_id);
      a.username = testing::text(f.username);
      a.password = testing::text(f.password);
      read(f.user_properties, f.user_property_count, a.user_properties);
    });
  }
  std::uint64_t add_subscriptions(const patchbay_subscription* list, std::size_t count) {
    if (count == 0 || count > 17) return 0;
    return add("subscription", [&](answer_argument& a) {
      for (std::size_t i = 0; i < count; ++i)
        a.subscriptions.push_back({std::string(testing::text(list[i].topic_filter)), list[i].qos});
    });
  }
  static void read(const patchbay_pair* pairs, std::size_t count, std::map<std::string, std::string>& out) {
    for (std::size_t i = 0; i < count; ++i)
      out[std::string(testing::text(pairs[i].name))] = testing::text(pairs[i].value);
  }
  static void read(const patchbay_grant& from, grant_fields& out) {
    out.superuser = from.superuser != 0;
    out.has_permissions = from.has_permissions != 0;
    out.identity = testing::text(from.identity);
    out.expires_at_unix_ms = from.expires_at_unix_ms;
    for (std::size_t i = 0; i < from.permission_count; ++i) {
      const auto& rule = from.permissions[i];
      out.permissions.push_back({rule.allow != 0, rule.actions, std::string(testing::text(rule.topic_filter))});
    }
    read(from.attributes, from.attribute_count, out.attributes);
  }
  messages& messages_;
  patchbay_answers table_{};
  std::map<std::uint64_t, answer_argument> all_;
};

}  // namespace patchbay::testing
