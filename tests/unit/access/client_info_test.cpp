#include "access/client_info.h"

#include <catch2/catch.hpp>
#include <string>

#include "access/authenticate.h"
#include "access/credentials.h"
#include "access/permission_set.h"

using namespace patchbay::access;

namespace {

ClientInfoFields example() {
  ClientInfoFields fields;
  fields.client_id = "sensor-1";
  fields.username = "alice";
  fields.identity = "tenant/alice";
  fields.peer_address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 7};
  fields.peer_port = 50'123;
  fields.peer_loopback = true;
  fields.listener_id = "tcp:default";
  fields.listener_loopback = true;
  fields.protocol_version = 5;
  fields.certificate_common_name = "device";
  fields.certificate_subject = "CN=device,O=Example";
  fields.clean_start = true;
  fields.keep_alive_s = 60;
  fields.is_superuser = true;
  fields.connected_at_unix_ms = 1'700'000'000'000;
  fields.handle = 77;
  return fields;
}

}  // namespace

TEST_CASE("a client keeps copies of all its texts and the rest as given") {
  std::string client_id = "sensor-1";
  ClientInfoFields fields = example();
  fields.client_id = client_id;
  const ClientInfoRef client = ClientInfo::create(fields);
  client_id.assign(client_id.size(), '!');
  CHECK(client->client_id() == "sensor-1");
  CHECK(client->username() == "alice");
  CHECK(client->identity() == "tenant/alice");
  CHECK(client->certificate_common_name() == "device");
  CHECK(client->certificate_subject() == "CN=device,O=Example");
  CHECK(client->peer_address_text() == "192.0.2.7");
  CHECK(client->peer_port() == 50'123);
  CHECK(client->peer_loopback());
  CHECK(client->listener_id() == "tcp:default");
  CHECK(client->listener_loopback());
  CHECK(client->protocol_name() == "MQTT");
  CHECK(client->protocol_version() == 5);
  CHECK(client->clean_start());
  CHECK(client->keep_alive_s() == 60);
  CHECK(client->is_superuser());
  CHECK(client->connected_at_unix_ms() == 1'700'000'000'000);
  CHECK(client->handle() == 77);
  CHECK(client->permissions() == nullptr);
  CHECK(client->attributes().empty());
  CHECK(client->expires_at_unix_ms() == 0);
}

TEST_CASE("a client without texts has empty ones") {
  const ClientInfoRef client = ClientInfo::create({});
  CHECK(client->client_id().empty());
  CHECK(client->certificate_subject().empty());
  CHECK(client->peer_address_text() == "::");
}

TEST_CASE("a client is rebuilt from its fields") {
  const ClientInfoRef first = ClientInfo::create(example());
  ClientInfoFields fields = first->fields();
  fields.handle = 78;
  const ClientInfoRef second = ClientInfo::create(fields);
  CHECK(second->handle() == 78);
  CHECK(second->client_id() == first->client_id());
  CHECK(second->username() == first->username());
  CHECK(second->identity() == first->identity());
  CHECK(second->certificate_subject() == first->certificate_subject());
  CHECK(second->peer_address_text() == first->peer_address_text());
  CHECK(second->keep_alive_s() == first->keep_alive_s());
  CHECK(second->is_superuser());
}

TEST_CASE("admission gives a client its identity, attributes, permissions and end") {
  AuthenticateResult result;
  result.allowed = true;
  result.identity = "tenant-7/alice";
  result.attributes = {{"tenant", "7"}, {"site", "north"}};
  result.expires_at_unix_ms = 123;
  PermissionRule rule;
  rule.topic_filter = "a/#";
  result.permissions = std::make_unique<const PermissionSet>(*PermissionSet::compile({rule}, {}));
  ClientInfoFields fields = example();
  fields.identity = {};
  const ClientInfoRef client = admit(fields, std::move(result));
  CHECK(client->identity() == "tenant-7/alice");
  CHECK_FALSE(client->is_superuser());
  CHECK(client->attribute("tenant") == "7");
  CHECK(client->attribute("site") == "north");
  CHECK(client->attribute("none") == std::nullopt);
  CHECK(client->expires_at_unix_ms() == 123);
  REQUIRE(client->permissions() != nullptr);
  CHECK(client->permissions()->size() == 1);
}

TEST_CASE("addresses are shown in their usual short form") {
  const auto text_of = [](std::array<uint8_t, 16> address) {
    ClientInfoFields fields;
    fields.peer_address = address;
    return ClientInfo::create(fields)->peer_address_text();
  };
  CHECK(text_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}) == "127.0.0.1");
  CHECK(text_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == "::1");
  CHECK(text_of({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == "2001:db8::1");
  CHECK(text_of({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}) == "2001:db8:0:1:1:1:1:1");
  CHECK(text_of({0x20, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}) == "2001:0:0:1::1");
  CHECK(text_of({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) == "fe80::");
}

TEST_CASE("a secret is forgotten when it is wiped, and moves without a copy") {
  const std::vector<uint8_t> bytes = {'s', 'e', 'c', 'r', 'e', 't'};
  SecretBytes secret{std::span<const uint8_t>(bytes)};
  CHECK(secret.text() == "secret");
  const uint8_t* place = secret.bytes().data();
  SecretBytes moved = std::move(secret);
  CHECK(moved.bytes().data() == place);
  moved.wipe();
  CHECK(moved.bytes().empty());
}
