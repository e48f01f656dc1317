// What auth.connect_rewrite, auth.enrich and acl.deliver take for an answer.

#include "hooks/access_hook_events.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "mqtt/application_message.h"

using namespace patchbay;
using base::Verdict;
using mqtt::ReasonCode;

namespace {

template <class Event>
bool apply(Event& event, Verdict verdict) {
  return event.apply(verdict);
}

access::ClientInfoRef client() {
  access::ClientInfoFields fields;
  fields.client_id = "c1";
  fields.username = "user";
  fields.listener_id = "tcp:default";
  return access::ClientInfo::create(fields);
}

access::AuthenticateResult allowed(std::string identity) {
  access::AuthenticateResult result;
  result.allowed = true;
  result.reason = ReasonCode::success;
  result.identity = std::move(identity);
  result.decided_by = "authn";
  return result;
}

std::unique_ptr<access::AuthenticationGrant> grant() {
  return std::make_unique<access::AuthenticationGrant>();
}

access::PermissionRule rule(bool allow, std::string topic_filter) {
  access::PermissionRule result;
  result.allow = allow;
  result.topic_filter = std::move(topic_filter);
  return result;
}

}  // namespace

TEST_CASE("auth.connect_rewrite replaces what has a value and keeps the rest") {
  std::string buffer = "the client's own id, longer than small";
  hooks::ConnectRewriteEvent event;
  event.client_id = buffer;
  event.username = "old user";
  event.has_username = true;
  event.keep_alive_s = 60;
  event.user_properties.emplace_back("region", "eu");

  auto first = std::make_unique<hooks::ConnectReplacement>();
  first->username = "new user";
  first->clean_start = true;
  CHECK_FALSE(apply(event, Verdict::replaces_with(std::move(first))));
  CHECK(event.replaced);
  CHECK(event.client_id == buffer);
  CHECK(event.username == "new user");
  CHECK(event.clean_start);
  CHECK(event.keep_alive_s == 60);
  CHECK_FALSE(event.has_password);

  event.own();  // deferred: the views must not need the packet any more
  const std::string before = buffer;
  buffer.assign(buffer.size(), '!');
  hooks::ConnectRewriteEvent moved = std::move(event);
  CHECK(moved.client_id == before);
  CHECK(moved.username == "new user");
  REQUIRE(moved.user_properties.size() == 1);
  CHECK(moved.user_properties[0].second == "eu");

  auto second = std::make_unique<hooks::ConnectReplacement>();
  const uint8_t secret[] = {'p', 'w'};
  second->password.emplace(secret);
  second->user_properties.emplace();
  CHECK_FALSE(apply(moved, Verdict::replaces_with(std::move(second))));
  CHECK(moved.has_password);
  CHECK(moved.password.size() == 2);
  CHECK(moved.user_properties.empty());
}

TEST_CASE("auth.connect_rewrite denies with the reason that was named, or its own") {
  hooks::ConnectRewriteEvent named;
  CHECK(apply(named, Verdict::denies(static_cast<uint8_t>(ReasonCode::banned))));
  CHECK(named.denied);
  CHECK(named.reason == ReasonCode::banned);
  hooks::ConnectRewriteEvent unnamed;
  CHECK(apply(unnamed, Verdict::drops()));
  CHECK(unnamed.reason == ReasonCode::not_authorized);
  hooks::ConnectRewriteEvent empty;
  CHECK_FALSE(apply(empty, Verdict{base::VerdictKind::replace}));
  CHECK_FALSE(empty.replaced);
}

TEST_CASE("auth.enrich shows who it is and merges what is granted") {
  hooks::EnrichEvent event(*client(), allowed("identity"));
  CHECK(event.client->identity() == "identity");
  auto first = grant();
  first->attributes = {{"tenant", "acme"}, {"site", "north"}};
  first->expires_at_unix_ms = 5'000;
  CHECK_FALSE(apply(event, Verdict::replaces_with(std::move(first))));
  CHECK(event.client->attribute("tenant") == "acme");  // the next entry sees it

  auto second = grant();
  second->identity = "better name";
  second->is_superuser = true;
  second->attributes = {{"site", "south"}};
  second->expires_at_unix_ms = 9'000;
  second->allowance.messages_per_s = 7;
  CHECK_FALSE(apply(event, Verdict::replaces_with(std::move(second))));
  const access::AuthenticateResult result = event.outcome();
  CHECK(result.allowed);
  CHECK(result.identity == "better name");
  CHECK(result.is_superuser);
  CHECK(result.attributes.size() == 2);
  CHECK(access::find_attribute(result.attributes, "site") == "south");
  CHECK(result.expires_at_unix_ms == 5'000);  // the earlier end
  CHECK(result.allowance.messages_per_s == 7);
  CHECK(result.decided_by == "authn");  // who added something did not decide
}

TEST_CASE("auth.enrich's rules come before those that the authenticator gave, and know the new attributes") {
  access::AuthenticateResult before = allowed("identity");
  auto authenticated = grant();
  authenticated->has_permissions = true;
  authenticated->rules = {rule(true, "secret/#"), rule(true, "open/#")};
  REQUIRE(access::merge_grant(before, *authenticated, *client()));
  hooks::EnrichEvent event(*client(), std::move(before));
  auto more = grant();
  more->has_permissions = true;
  more->attributes = {{"tenant", "acme"}};
  more->rules = {rule(false, "secret/#"), rule(true, "tenant/${attr.tenant}/#")};
  CHECK_FALSE(apply(event, Verdict::replaces_with(std::move(more))));
  const access::AuthenticateResult result = event.outcome();
  REQUIRE(result.permissions != nullptr);
  CHECK(result.permissions->may_publish("secret/1", mqtt::Qos::at_most_once, false) == false);
  CHECK(result.permissions->may_publish("open/1", mqtt::Qos::at_most_once, false) == true);
  CHECK(result.permissions->may_publish("tenant/acme/1", mqtt::Qos::at_most_once, false) == true);
  CHECK(result.permissions->may_publish("tenant/other/1", mqtt::Qos::at_most_once, false) == std::nullopt);
}

TEST_CASE("auth.enrich: too many rules deny, and so does a deny") {
  hooks::EnrichEvent crowded(*client(), allowed("identity"));
  auto many = grant();
  many->has_permissions = true;
  many->rules.assign(access::PermissionSet::kMaximumRules + 1, rule(true, "a"));
  CHECK(apply(crowded, Verdict::replaces_with(std::move(many))));
  CHECK_FALSE(crowded.result.allowed);
  CHECK(crowded.result.reason == ReasonCode::implementation_specific_error);

  hooks::EnrichEvent refused(*client(), allowed("identity"));
  CHECK(apply(refused, Verdict::denies(static_cast<uint8_t>(ReasonCode::banned))));
  refused.decided_by = "blocklist";
  const access::AuthenticateResult result = refused.outcome();
  CHECK_FALSE(result.allowed);
  CHECK(result.reason == ReasonCode::banned);
  CHECK(result.decided_by == "blocklist");
}

TEST_CASE("acl.deliver keeps the message from a receiver by deny or drop only") {
  mqtt::MessageFields fields;
  fields.topic = "a/b";
  const mqtt::MessageRef message = mqtt::Message::create(fields);
  hooks::AclDeliverEvent event;
  event.message = message.get();
  CHECK(event.topic_for_filter() == "a/b");
  CHECK_FALSE(apply(event, Verdict::allows()));
  CHECK_FALSE(event.denied);
  CHECK(apply(event, Verdict::denies()));
  CHECK(event.denied);
  hooks::AclDeliverEvent dropped;
  CHECK(apply(dropped, Verdict::drops()));
  CHECK(dropped.denied);
}
