#include "plugin_bridge/events/all_events.h"

#include <catch2/catch.hpp>

#include "plugin_bridge/chain_entry.h"
#include "plugin_bridge/owned_event.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::OwnedEvent;
using plugin_bridge::show;
using plugin_bridge::to_abi;

std::string text(patchbay_bytes from) {
  return std::string(plugin_bridge::as_text(plugin_bridge::bytes_of(from)));
}
using test::text;

std::span<const uint8_t> bytes(std::string_view from) {
  return {reinterpret_cast<const uint8_t*>(from.data()), from.size()};
}

/// The copy of an event whose original is gone.
template <class Abi, class Shown>
std::unique_ptr<OwnedEvent> copy_of(hooks::HookId id, const Shown& shown) {
  return OwnedEvent::copy(id, static_cast<const Abi*>(&shown), 42);
}
template <class Abi>
const Abi& as(const std::unique_ptr<OwnedEvent>& event) {
  return *static_cast<const Abi*>(event->event());
}

}  // namespace

TEST_CASE("Events of the connection layer", "[plugin_bridge]") {
  hooks::ConnAcceptEvent accept;
  accept.listener_id = "tcp:a";
  accept.peer_port = 9;
  accept.proxied = true;
  accept.peer_address[15] = 1;
  const auto shown = show(accept);
  CHECK(text(shown.listener_id) == "tcp:a");
  CHECK(shown.peer_port == 9);
  CHECK(shown.proxied == 1);
  CHECK(shown.peer_address[15] == 1);

  hooks::ConnDetectEvent detect;
  detect.first_bytes = bytes("STOMP");
  detect.server_name = "host";
  CHECK(text(show(detect).first_bytes) == "STOMP");
  CHECK(text(show(detect).server_name) == "host");

  hooks::ConnTlsPskEvent psk;
  psk.identity = "device";
  CHECK(text(show(psk).identity) == "device");

  const std::vector<std::string> names = {"DNS:a", "URI:b"};
  hooks::ConnTlsCertEvent certificate;
  certificate.common_name = "cn";
  certificate.alternative_names = names;
  certificate.der = bytes("der");
  const auto shown_certificate = show(certificate);
  REQUIRE(shown_certificate.alternative_name_count == 2);
  CHECK(text(shown_certificate.alternative_names[1]) == "URI:b");
  CHECK(text(shown_certificate.der) == "der");
  CHECK(shown_certificate.size == sizeof(patchbay_conn_tls_cert_event));

  hooks::ConnLimitsEvent limits;
  limits.listener_id = "ssl:b";
  CHECK(text(show(limits).listener_id) == "ssl:b");

  hooks::ConnectionEvent closed;
  closed.reason = "keep_alive_timeout";
  closed.bytes_sent = 8;
  CHECK(text(show(closed).reason) == "keep_alive_timeout");
  CHECK(show(closed).bytes_sent == 8);
  CHECK(show(closed).client == nullptr);

  hooks::PacketEvent packet;
  packet.packet_type = 3;
  packet.topic = "t";
  packet.raw = bytes("raw");
  packet.packet_size = 1'000;
  CHECK(show(packet).packet_type == 3);
  CHECK(text(show(packet).raw) == "raw");
  CHECK(show(packet).packet_size == 1'000);
}

TEST_CASE("Events of the access layer", "[plugin_bridge]") {
  const auto client = make_client();
  hooks::ConnectRewriteEvent rewrite;
  rewrite.client = client.get();
  rewrite.client_id = "id";
  rewrite.password = bytes("pw");
  rewrite.user_properties = {{"a", "b"}};
  const auto shown = show(rewrite);
  CHECK(text(shown.client_id) == "id");
  CHECK(text(shown.password) == "pw");
  REQUIRE(shown.user_property_count == 1);
  CHECK(text(shown.user_properties[0].value) == "b");

  access::EnhancedAuthenticationEvent step;
  step.client = client;
  step.authentication_method = "SCRAM";
  step.authentication_data = bytes("x");
  step.step = 2;
  step.exchange_id = 5;
  CHECK(text(show(step).method) == "SCRAM");
  CHECK(text(show(step).data) == "x");
  CHECK(show(step).step == 2);
  CHECK(show(step).exchange_id == 5);

  const hooks::EnrichEvent enrich(*client, access::AuthenticateResult{});
  CHECK(plugin_bridge::from_abi(show(enrich).client)->client_id() == "c1");

  hooks::AuthResultEvent result;
  result.client = client.get();
  result.allowed = true;
  result.decided_by = "ldap";
  CHECK(show(result).allowed == 1);
  CHECK(text(show(result).decided_by) == "ldap");

  access::AuthorizeEvent authorize;
  authorize.client = client.get();
  authorize.action = access::Action::subscribe;
  authorize.topic = "a/#";
  authorize.share_name = "g";
  authorize.qos = mqtt::Qos::exactly_once;
  CHECK(show(authorize).action == 2);
  CHECK(show(authorize).qos == 2);
  CHECK(text(show(authorize).topic) == "a/#");
  CHECK(text(show(authorize).share_name) == "g");

  const auto message = make_message("t");
  hooks::AclDeliverEvent deliver;
  deliver.client = client.get();
  deliver.message = message.get();
  CHECK(text(show(deliver).topic) == "t");
  CHECK(show(deliver).message == to_abi(message.get()));
}

TEST_CASE("Events of the session layer", "[plugin_bridge]") {
  const auto client = make_client();
  const auto existing = make_client("c1", 3);
  const auto message = make_message("w");
  hooks::SessionOpenEvent open;
  open.client = client.get();
  open.receive_maximum = 20;
  open.clean_start = true;
  CHECK(show(open).receive_maximum == 20);
  CHECK(show(open).clean_start == 1);
  hooks::SessionConflictEvent conflict;
  conflict.client = client.get();
  conflict.existing = existing.get();
  CHECK(show(conflict).existing == to_abi(existing.get()));
  CHECK(show(conflict).client == to_abi(client.get()));
  hooks::SessionEvent session;
  session.client_id = "c1";
  session.queued_messages = 4;
  CHECK(text(show(session).client_id) == "c1");
  CHECK(show(session).queued_messages == 4);
  hooks::ClientEvent connected;
  connected.session_present = true;
  CHECK(show(connected).session_present == 1);
  hooks::SubscribeRewriteEvent subscribe;
  subscribe.topic_filter = "a";
  subscribe.retain_handling = 2;
  subscribe.no_local = true;
  CHECK(text(show(subscribe).topic_filter) == "a");
  CHECK(show(subscribe).retain_handling == 2);
  CHECK(show(subscribe).no_local == 1);
  hooks::SubscriptionEvent subscribed;
  subscribed.granted_qos = mqtt::Qos::at_least_once;
  subscribed.is_new = true;
  CHECK(show(subscribed).granted_qos == 1);
  CHECK(show(subscribed).is_new == 1);
  hooks::UnsubscribeRewriteEvent unsubscribe;
  unsubscribe.topic_filter = "b";
  CHECK(text(show(unsubscribe).topic_filter) == "b");
  hooks::QueueOverflowEvent overflow;
  overflow.client_id = "c1";
  overflow.message = message.get();
  overflow.queued_messages = 7;
  CHECK(show(overflow).queued_messages == 7);
  CHECK(show(overflow).message == to_abi(message.get()));
  hooks::WillPublishEvent will;
  will.message = message;
  CHECK(text(show(will).topic) == "w");
  hooks::ReplyOutEvent reply;
  reply.packet_type = mqtt::PacketType::suback;
  reply.packet_id = 12;
  CHECK(show(reply).packet_type == 9);
  CHECK(show(reply).packet_id == 12);
}

TEST_CASE("Events of router and distribution", "[plugin_bridge]") {
  const auto client = make_client();
  const auto message = make_message("t");
  hooks::PublishRewriteEvent rewrite;
  rewrite.topic = "r";
  rewrite.retain = true;
  CHECK(text(show(rewrite).topic) == "r");
  CHECK(show(rewrite).retain == 1);
  CHECK(show(hooks::PublishRoutedEvent{client.get(), message.get(), 3}).receivers == 3);
  hooks::PublishUnroutedEvent unrouted;
  unrouted.message = message;
  CHECK(text(show(unrouted).topic) == "t");

  struct Members final : hooks::ShareMembers {
    std::span<const hooks::ShareMember> get() override { return members; }
    std::vector<hooks::ShareMember> members = {{"a", 1, true}, {"b", 2, false}};
  } members;
  hooks::SharePickEvent pick;
  pick.message = message.get();
  pick.share_name = "g";
  pick.topic_filter = "t/#";
  pick.source = &members;
  const auto shown = show(pick);
  REQUIRE(shown.member_count == 2);
  CHECK(text(shown.members[1].client_id) == "b");
  CHECK(shown.members[0].online == 1);
  CHECK(shown.members[1].handle == 2);

  hooks::RetainStoreEvent store;
  store.message = message;
  CHECK(text(show(store).topic) == "t");
  hooks::RetainLookupEvent lookup;
  lookup.topic_filter = "t/+";
  CHECK(text(show(lookup).topic_filter) == "t/+");
  hooks::DeliverBeforeEvent before;
  before.client = client.get();
  before.message = message;
  CHECK(text(show(before).topic) == "t");
  hooks::DeliveryEvent dropped;
  dropped.client_id = "c1";
  dropped.message = message.get();
  dropped.reason = "queue_full";
  dropped.qos = mqtt::Qos::at_least_once;
  CHECK(text(show(dropped).reason) == "queue_full");
  CHECK(show(dropped).qos == 1);
}

TEST_CASE("A copy holds everything when the original is gone", "[plugin_bridge]") {
  std::unique_ptr<OwnedEvent> copy;
  {
    const std::vector<std::string> names = {"DNS:one", ""};
    const std::string listener = "ssl:default";
    hooks::ConnTlsCertEvent event;
    event.listener_id = listener;
    event.alternative_names = names;
    event.der = bytes("bytes");
    event.peer_port = 3;
    copy = copy_of<patchbay_conn_tls_cert_event>(hooks::HookId::conn_tls_cert, show(event));
  }
  const auto& certificate = as<patchbay_conn_tls_cert_event>(copy);
  CHECK(copy->at_unix_ms() == 42);
  CHECK(copy->id() == hooks::HookId::conn_tls_cert);
  CHECK(text(certificate.listener_id) == "ssl:default");
  REQUIRE(certificate.alternative_name_count == 2);
  CHECK(text(certificate.alternative_names[0]) == "DNS:one");
  CHECK(text(certificate.alternative_names[1]).empty());
  CHECK(text(certificate.der) == "bytes");
  CHECK(certificate.peer_port == 3);

  {
    const auto client = make_client();
    std::string user(100, 'u');
    hooks::ConnectRewriteEvent event;
    event.client = client.get();
    event.username = user;
    event.user_properties = {{"k1", "v1"}, {"k2", "v2"}};
    copy = copy_of<patchbay_connect_rewrite_event>(hooks::HookId::auth_connect_rewrite, show(event));
  }
  const auto& rewrite = as<patchbay_connect_rewrite_event>(copy);
  CHECK(plugin_bridge::from_abi(rewrite.client)->client_id() == "c1");
  CHECK(text(rewrite.username) == std::string(100, 'u'));
  CHECK(text(rewrite.user_properties[0].name) == "k1");
  CHECK(text(rewrite.user_properties[1].value) == "v2");

  {
    const auto message = make_message("kept");
    hooks::DeliveryEvent event;
    event.message = message.get();
    event.client_id = "offline";
    copy = copy_of<patchbay_delivery_event>(hooks::HookId::deliver_dropped, show(event));
  }
  const auto& delivery = as<patchbay_delivery_event>(copy);
  CHECK(delivery.client == nullptr);
  CHECK(plugin_bridge::from_abi(delivery.message)->topic() == "kept");
  CHECK(text(delivery.topic) == "kept");
  CHECK(text(delivery.client_id) == "offline");
}

TEST_CASE("Filters see where an event without a client comes from", "[plugin_bridge]") {
  access::EventFilter wanted;
  wanted.listener_ids = {"tcp:a"};
  const access::PreparedFilter filter(wanted);
  hooks::ConnAcceptEvent accept;
  accept.listener_id = "tcp:a";
  CHECK(plugin_bridge::hook_wants<hooks::HookId::conn_accept>(&filter, accept));
  accept.listener_id = "tcp:b";
  CHECK_FALSE(plugin_bridge::hook_wants<hooks::HookId::conn_accept>(&filter, accept));
  const auto message = make_message("t");
  hooks::DeliveryEvent offline;
  offline.message = message.get();
  CHECK_FALSE(plugin_bridge::hook_wants<hooks::HookId::deliver_dropped>(&filter, offline));
}

}  // namespace patchbay::test
