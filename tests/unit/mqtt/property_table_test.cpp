#include "mqtt/property_table.h"

#include <bit>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

namespace patchbay::mqtt {

TEST_CASE("property table: 27 rows by rising identifier, with unique names") {
  std::set<std::string> names;
  int before = 0;
  for (const PropertyRow& row : property_table()) {
    CHECK(static_cast<int>(row.id) > before);
    before = static_cast<int>(row.id);
    CHECK(names.insert(row.name).second);
    CHECK(row.minimum <= row.maximum);
    CHECK((row.may_repeat_in & ~row.packets) == 0);
    CHECK(std::string(row.clause).starts_with("MQTT-3."));
  }
  CHECK(names.size() == 27);
  CHECK(before == kHighestPropertyId);
}

TEST_CASE("property table: rows are found by identifier, other bytes have none") {
  int found = 0;
  for (int id = 0; id < 256; ++id) {
    const PropertyRow* row = find_property(static_cast<uint8_t>(id));
    if (row == nullptr) continue;
    CHECK(static_cast<int>(row->id) == id);
    ++found;
  }
  CHECK(found == 27);
  CHECK(find_property(0) == nullptr);
  CHECK(find_property(kHighestPropertyId + 1) == nullptr);
}

TEST_CASE("property table: each packet may carry as many properties as table 2-4 lists") {
  const auto count = [](PacketSet packet) {
    int properties = 0;
    for (const PropertyRow& row : property_table()) properties += (row.packets & packet) != 0 ? 1 : 0;
    return properties;
  };
  const std::map<PacketType, int> expected = {
      {PacketType::connect, 9},  {PacketType::connack, 17},    {PacketType::publish, 8},  {PacketType::puback, 2},
      {PacketType::pubrec, 2},   {PacketType::pubrel, 2},      {PacketType::pubcomp, 2},  {PacketType::subscribe, 2},
      {PacketType::suback, 2},   {PacketType::unsubscribe, 1}, {PacketType::unsuback, 2}, {PacketType::pingreq, 0},
      {PacketType::pingresp, 0}, {PacketType::disconnect, 4},  {PacketType::auth, 4}};
  for (const auto& [type, properties] : expected) {
    INFO(packet_type_name(type));
    CHECK(count(packet_bit(type)) == properties);
  }
  CHECK(count(will_bit) == 7);
}

TEST_CASE("property table: only user properties repeat everywhere, subscription identifiers in PUBLISH") {
  for (const PropertyRow& row : property_table()) {
    INFO(row.name);
    if (row.id == PropertyId::user_property) {
      CHECK(row.may_repeat_in == row.packets);
    } else if (row.id == PropertyId::subscription_identifier) {
      CHECK(row.may_repeat_in == packet_bit(PacketType::publish));
    } else {
      CHECK(row.may_repeat_in == 0);
    }
  }
}

TEST_CASE("packet types: names, first bytes and flags are those of table 2-1 and 2-2 [MQTT-2.1.3-1]") {
  CHECK(packet_type_name(PacketType::connect) == std::string("CONNECT"));
  CHECK(packet_type_name(PacketType::auth) == std::string("AUTH"));
  CHECK(packet_type_name(static_cast<PacketType>(0)) == std::string("RESERVED"));
  for (int type = 1; type <= 15; ++type) {
    const bool has_flags = type == 6 || type == 8 || type == 10;
    CHECK(first_byte_of(static_cast<PacketType>(type)) == (type << 4 | (has_flags ? 2 : 0)));
    CHECK(packet_type_of(static_cast<uint8_t>(type << 4 | 0x0F)) == static_cast<PacketType>(type));
  }
}

}  // namespace patchbay::mqtt
