#pragma once

#include <vector>

#include "access/authenticate.h"
#include "access/authorize.h"
#include "access/enhanced_authentication.h"
#include "hooks/access_hook_events.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"

/// The access layer's events as the ABI shows them. Views of the core's event, valid as long as it.
namespace patchbay::plugin_bridge {

/// With the array that the struct refers to.
struct ShownConnectRewrite : patchbay_connect_rewrite_event {
  std::vector<patchbay_pair> pairs;
};

[[nodiscard]] inline ShownConnectRewrite show(const hooks::ConnectRewriteEvent& event) {
  ShownConnectRewrite abi{};
  abi.size = sizeof(patchbay_connect_rewrite_event);
  abi.keep_alive_s = event.keep_alive_s;
  abi.clean_start = event.clean_start ? 1 : 0;
  abi.client = to_abi(event.client);
  abi.client_id = view(event.client_id);
  abi.username = view(event.username);
  abi.password = view(event.password);
  for (const auto& [name, value] : event.user_properties) abi.pairs.push_back({view(name), view(value)});
  abi.user_properties = abi.pairs.data();
  abi.user_property_count = abi.pairs.size();
  return abi;
}

[[nodiscard]] inline patchbay_authenticate_event show(const access::AuthenticateEvent& event) {
  patchbay_authenticate_event abi{};
  abi.size = sizeof abi;
  abi.client = to_abi(event.client.get());
  abi.client_id = view(event.client->client_id());
  if (event.credentials == nullptr) return abi;
  if (event.credentials->username.has_value()) {
    abi.has_username = 1;
    abi.username = view(std::string_view(*event.credentials->username));
  }
  if (event.credentials->password.has_value()) {
    abi.has_password = 1;
    abi.password = view(event.credentials->password->bytes());
  }
  return abi;
}

[[nodiscard]] inline patchbay_enhanced_event show(const access::EnhancedAuthenticationEvent& event) {
  patchbay_enhanced_event abi{};
  abi.size = sizeof abi;
  abi.step = event.step;
  abi.client = to_abi(event.client.get());
  abi.method = view(event.authentication_method);
  abi.data = view(event.authentication_data);
  abi.exchange_id = event.exchange_id;
  abi.re_authentication = event.re_authentication ? 1 : 0;
  return abi;
}

[[nodiscard]] inline patchbay_enrich_event show(const hooks::EnrichEvent& event) {
  patchbay_enrich_event abi{};
  abi.size = sizeof abi;
  abi.client = to_abi(event.client);
  return abi;
}

[[nodiscard]] inline patchbay_auth_result_event show(const hooks::AuthResultEvent& event) {
  patchbay_auth_result_event abi{};
  abi.size = sizeof abi;
  abi.allowed = event.allowed ? 1 : 0;
  abi.anonymous = event.anonymous ? 1 : 0;
  abi.reason = static_cast<uint8_t>(event.reason);
  abi.client = to_abi(event.client);
  abi.identity = view(event.identity);
  abi.decided_by = view(event.decided_by);
  abi.duration_ms = event.duration_ms;
  return abi;
}

[[nodiscard]] inline patchbay_authorize_event show(const access::AuthorizeEvent& event) {
  patchbay_authorize_event abi;
  abi.size = sizeof abi;
  abi.action = static_cast<uint8_t>(event.action);
  abi.qos = static_cast<uint8_t>(event.qos);
  abi.retain = event.retain ? 1 : 0;
  abi.reserved = 0;
  abi.client = to_abi(event.client);
  abi.topic = view(event.topic);
  abi.share_name = view(event.share_name);
  return abi;
}

[[nodiscard]] inline patchbay_acl_deliver_event show(const hooks::AclDeliverEvent& event) {
  patchbay_acl_deliver_event abi;
  abi.size = sizeof abi;
  abi.reserved = 0;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message);
  abi.topic = view(event.message->topic());
  return abi;
}

}  // namespace patchbay::plugin_bridge
