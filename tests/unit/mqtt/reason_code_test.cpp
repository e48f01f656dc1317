#include "mqtt/reason_code.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace patchbay::mqtt {

TEST_CASE("reason codes: the table rises, and names are unique") {
  std::set<std::string> names;
  int before = -1;
  for (const ReasonCodeRow& row : reason_code_table()) {
    CHECK(static_cast<int>(row.code) > before);
    before = static_cast<int>(row.code);
    CHECK(names.insert(row.name).second);
    CHECK((row.from_client | row.from_server) != 0);
    CHECK(reason_code_name(row.code) == std::string(row.name));
  }
  CHECK(names.size() == 43);
  CHECK(reason_code_name(static_cast<ReasonCode>(0x03)) == std::string("unknown_reason_code"));
}

TEST_CASE("reason codes: failure starts at 0x80") {
  for (const ReasonCodeRow& row : reason_code_table()) {
    CHECK(is_failure(row.code) == (static_cast<int>(row.code) >= 0x80));
  }
}

TEST_CASE("reason codes: each packet may carry as many as its section lists") {
  const auto count = [](PacketType type, Sender sender) {
    int codes = 0;
    for (int code = 0; code < 256; ++code) codes += may_carry(type, sender, static_cast<uint8_t>(code)) ? 1 : 0;
    return codes;
  };
  CHECK(count(PacketType::connack, Sender::server) == 22);     // [MQTT-3.2.2-8]
  CHECK(count(PacketType::puback, Sender::server) == 9);       // [MQTT-3.4.2-1]
  CHECK(count(PacketType::puback, Sender::client) == 8);       // Without "no matching subscribers".
  CHECK(count(PacketType::pubrec, Sender::server) == 9);       // [MQTT-3.5.2-1]
  CHECK(count(PacketType::pubrel, Sender::client) == 2);       // [MQTT-3.6.2-1]
  CHECK(count(PacketType::pubcomp, Sender::server) == 2);      // [MQTT-3.7.2-1]
  CHECK(count(PacketType::suback, Sender::server) == 12);      // [MQTT-3.9.3-2]
  CHECK(count(PacketType::unsuback, Sender::server) == 7);     // [MQTT-3.11.3-2]
  CHECK(count(PacketType::disconnect, Sender::client) == 14);  // [MQTT-3.14.2-1]
  CHECK(count(PacketType::auth, Sender::client) == 2);         // [MQTT-3.15.2-1]
  CHECK(count(PacketType::auth, Sender::server) == 2);
  CHECK(count(PacketType::connack, Sender::client) == 0);
  CHECK(count(PacketType::publish, Sender::client) == 0);
}

TEST_CASE("reason codes: every one has a CONNACK return code of 3.1.1, and success alone has 0") {
  for (const ReasonCodeRow& row : reason_code_table()) {
    const uint8_t return_code = connack_return_code(row.code);
    CHECK(return_code <= 5);
    CHECK((return_code == 0) == (row.code == ReasonCode::success));
  }
  CHECK(connack_return_code(ReasonCode::unsupported_protocol_version) == 1);
  CHECK(connack_return_code(ReasonCode::client_identifier_not_valid) == 2);
  CHECK(connack_return_code(ReasonCode::server_busy) == 3);
  CHECK(connack_return_code(ReasonCode::bad_user_name_or_password) == 4);
  CHECK(connack_return_code(ReasonCode::banned) == 5);
}

TEST_CASE("reason codes: return codes lead back to their reason code, reserved ones to none") {
  for (uint8_t return_code = 0; return_code <= 5; ++return_code) {
    const auto reason = reason_code_from_return_code(return_code);
    REQUIRE(reason.has_value());
    CHECK(connack_return_code(*reason) == return_code);
  }
  CHECK_FALSE(reason_code_from_return_code(6).has_value());
  CHECK_FALSE(reason_code_from_return_code(255).has_value());
}

}  // namespace patchbay::mqtt
