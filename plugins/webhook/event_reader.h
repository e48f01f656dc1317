#pragma once

#include <netinet/in.h>

#include <string>
#include <utility>

#include <patchbay/patchbay.h>

#include "event.h"

namespace patchbay::webhook {

/// Reads events of hook points. One for each call of the host: it remembers the client that it has seen last, which
/// lives as long as the records of that call. One thread uses it.
class EventReader {
 public:
  explicit EventReader(const patchbay_host* host) : host_(host) {}

  /// An event of a hook point as one of this kind; null: it is none, such as a subscription that was refused. `id` is
  /// the caller's matter. What is returned is valid until the next call, and no longer than the host's event. [shard],
  /// [worker]
  [[nodiscard]] Event* read(uint32_t hook, EventKind kind, const void* event, uint64_t at_unix_ms);

 private:
  [[nodiscard]] bool fill(const void* event);
  void add(std::string_view name, FieldValue value) { event_.fields.emplace_back(name, value); }
  [[nodiscard]] const patchbay_client_view& view_of(const patchbay_client* client);
  [[nodiscard]] const char* address_text(const uint8_t (&address)[16]);
  void add_client(patchbay_str client_id, patchbay_str username);
  const patchbay_client_view& add_client(const patchbay_client* client);
  void add_connection(const patchbay_client_view& view, uint16_t keep_alive_s);
  void add_topic(patchbay_str topic);
  void add_options(std::string options);
  [[nodiscard]] bool look_at(const patchbay_message* message);
  void add_message(patchbay_str topic, patchbay_str from_username, uint8_t qos);

  [[nodiscard]] bool connect(const patchbay_connect_rewrite_event& event);
  [[nodiscard]] bool connack(const patchbay_auth_result_event& event);
  [[nodiscard]] bool connected(const patchbay_client_event& event);
  [[nodiscard]] bool disconnected(const patchbay_client_event& event);
  [[nodiscard]] bool subscribe(const patchbay_subscribe_rewrite_event& event);
  [[nodiscard]] bool unsubscribe(const patchbay_unsubscribe_rewrite_event& event);
  [[nodiscard]] bool subscribed(const patchbay_subscription_event& event);
  [[nodiscard]] bool unsubscribed(const patchbay_subscription_event& event);
  [[nodiscard]] bool terminated(const patchbay_session_event& event);
  [[nodiscard]] bool routed(const patchbay_publish_routed_event& event);
  [[nodiscard]] bool delivery(const patchbay_delivery_event& event);

  const patchbay_host* host_;
  uint32_t hook_ = 0;
  Event event_;
  const patchbay_client* shown_ = nullptr;  // of client_
  patchbay_client_view client_{};
  patchbay_message_view message_{};
  char address_[INET6_ADDRSTRLEN] = {};
  std::string options_;
};

}  // namespace patchbay::webhook
