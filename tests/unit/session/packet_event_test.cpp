#include "session/packet_event.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace patchbay;

namespace {

hooks::PacketEvent of(const std::vector<uint8_t>& bytes) {
  return session::packet_event_of(bytes, bytes.size());
}

}  // namespace

TEST_CASE("a packet's type, flags and identifier are read from its bytes") {
  const std::vector<uint8_t> subscribe = {0x82, 0x06, 0x12, 0x34, 0x00, 0x01, 'a', 0x00};
  const hooks::PacketEvent event = of(subscribe);
  CHECK(event.packet_type == 8);
  CHECK(event.flags == 2);
  CHECK(event.packet_id == 0x1234);
  CHECK(event.topic.empty());
  CHECK(event.raw.size() == subscribe.size());
  CHECK(event.packet_size == subscribe.size());
}

TEST_CASE("a PUBLISH shows its topic, and an identifier from QoS 1 on") {
  const std::vector<uint8_t> qos0 = {0x31, 0x06, 0x00, 0x03, 'a', '/', 'b', 0xFF};
  CHECK(of(qos0).topic == "a/b");
  CHECK(of(qos0).packet_id == 0);
  CHECK(of(qos0).flags == 1);
  const std::vector<uint8_t> qos2 = {0x3C, 0x07, 0x00, 0x03, 'a', '/', 'b', 0x00, 0x09};
  CHECK(of(qos2).topic == "a/b");
  CHECK(of(qos2).packet_id == 9);
}

TEST_CASE("a long PUBLISH may be shown without its payload") {
  const std::vector<uint8_t> head = {0x30, 0x80, 0x20, 0x00, 0x01, 't'};
  const hooks::PacketEvent event = session::packet_event_of(head, 4'099);
  CHECK(event.topic == "t");
  CHECK(event.packet_size == 4'099);
}

TEST_CASE("whatever the bytes are, nothing beyond them is read") {
  CHECK(of({}).packet_type == 0);
  CHECK(of({0x30}).packet_type == 3);
  CHECK(of({0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}).topic.empty());
  CHECK(of({0x30, 0x80}).topic.empty());
  CHECK(of({0x32, 0x03, 0xFF, 0xFF, 'a'}).topic.empty());
  CHECK(of({0x32, 0x03, 0x00, 0x01, 'a'}).packet_id == 0);  // its identifier is missing
  CHECK(of({0x40, 0x01, 0x12}).packet_id == 0);
  CHECK(of({0xC0, 0x00}).packet_type == 12);
}
