// The sending side of an MQTT connection: PUBLISH and PUBREL to the client; what packet.out and packet.in see.

#include <cstring>
#include <optional>
#include <vector>

#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "session/mqtt_machine.h"
#include "session/packet_counters.h"
#include "session/packet_event.h"
#include "session/publish_images.h"
#include "session/topic_alias_map.h"

namespace patchbay::session {

using base::Counter;

namespace {

/// Writes head and payload; the payload is copied when small and shared when large. Gives what stands in one piece.
std::span<const uint8_t> write_publish(ConnectionPort& port, const mqtt::MessageRef& message,
                                       const mqtt::PublishHead& head, const mqtt::PublishHeadLayout& layout,
                                       mqtt::ProtocolVersion version) {
  const std::span<const uint8_t> payload = message->payload();
  const bool copied = payload.size() < OutputBuffer::kShareFrom;
  const size_t size = layout.head_size + (copied ? payload.size() : 0);
  uint8_t* out = port.output().reserve(port.pool(), size);
  mqtt::encode_publish_head(head, layout, version, {out, layout.head_size});
  if (copied && !payload.empty()) std::memcpy(out + layout.head_size, payload.data(), payload.size());
  port.output().commit(size);
  if (!copied) port.output().append_shared(port.pool(), message, payload);
  return {out, size};
}

/// Copies a ready image and puts in what differs.
std::span<const uint8_t> write_image(ConnectionPort& port, const PublishImages::Image& image,
                                     const OutboundMessage& outbound) {
  uint8_t* out = port.output().reserve(port.pool(), image.bytes.size());
  std::memcpy(out, image.bytes.data(), image.bytes.size());
  if (outbound.packet_id != 0) mqtt::patch_packet_id(out, image.layout, outbound.packet_id);
  port.output().commit(image.bytes.size());
  const std::span<const uint8_t> payload = outbound.message->payload();
  if (payload.size() >= OutputBuffer::kShareFrom) port.output().append_shared(port.pool(), outbound.message, payload);
  return {out, image.bytes.size()};
}

}  // namespace

void MqttMachine::packet_sent(std::span<const uint8_t> written, size_t size) {
  environment_.shard.count(Counter::packets_sent);
  environment_.shard.count(sent_counter(written[0]));
  ++traffic_.sent;
  if (!environment_.hooks.packet_out.empty()) observe_packet(environment_.hooks.packet_out, written, size);
}

void MqttMachine::observe_packet(const base::ChainPoint<hooks::PacketEvent>& point, std::span<const uint8_t> bytes,
                                 size_t size) {
  hooks::PacketEvent event = packet_event_of(bytes, size);
  event.client = client_.get();
  hooks::observe(point, event);
}

/// The way of most messages. Nothing: this one needs the general form.
std::optional<bool> MqttMachine::send_plain(const mqtt::PlainPublish& publish) {
  if (publish.payload.size() >= OutputBuffer::kShareFrom) return std::nullopt;
  const size_t size = mqtt::plain_publish_size(publish, version_);
  if (size == 0) return std::nullopt;
  if (size > client_maximum_packet_size_) return false;
  uint8_t* out = port_.output().reserve(port_.pool(), size);
  mqtt::encode_plain_publish(publish, version_, size, out);
  port_.output().commit(size);
  port_.output_added();
  packet_sent({out, size}, size);
  return true;
}

/// Nothing: this one isn't plain.
std::optional<bool> MqttMachine::send_plain(const OutboundMessage& outbound, bool dup) {
  const mqtt::Message& message = *outbound.message;
  if (is_v5() && (message.has_message_expiry_interval() || !message.forwardable_properties().empty()))
    return std::nullopt;
  return send_plain({message.topic(), message.payload(), outbound.packet_id, outbound.qos, dup, outbound.retain});
}

bool MqttMachine::pass(const mqtt::PassingMessage& message) {
  if (aliases_out_ || !port_.writable()) return false;
  if (message.is_v5 != is_v5()) return send_plain({message.topic, message.payload}).value_or(false);
  const std::span<const uint8_t> packet = message.packet;  // which has all that this client is to get, as it is
  if (message.payload.size() >= OutputBuffer::kShareFrom || packet.size() > client_maximum_packet_size_) return false;
  port_.output().append(port_.pool(), packet);
  port_.output_added();
  packet_sent(packet, packet.size());
  return true;
}

bool MqttMachine::send_publish(const OutboundMessage& outbound, bool dup, PublishImages* images) {
  const uint64_t now_ms = environment_.shard.now_ms;
  std::span<const uint8_t> written;
  size_t size = 0;
  const bool plain = outbound.subscription_identifier == 0 && !outbound.further_identifiers && !aliases_out_;
  if (images == nullptr && plain) {
    if (const std::optional<bool> done = send_plain(outbound, dup)) return *done;
  }
  if (images != nullptr && plain && !dup) {
    const PublishImages::Image& image = images->get(*outbound.message, version_, outbound.qos, outbound.retain, now_ms);
    if (!image.layout.is_encodable || image.layout.total_size > client_maximum_packet_size_) return false;
    written = write_image(port_, image, outbound);
    size = image.layout.total_size;
  } else {
    mqtt::PublishHead head = publish_head_of(*outbound.message, version_, outbound.qos, outbound.retain, now_ms);
    head.dup = dup;
    head.packet_id = outbound.packet_id;
    if (is_v5() && !plain) {
      static thread_local std::vector<uint32_t> identifiers;
      head.subscription_identifiers = outbound.identifiers(identifiers);  // [MQTT-3.3.4-3]
    }
    if (aliases_out_) {
      const OutboundTopicAliases::Use use = aliases_out_->use(head.topic);
      head.topic_alias = use.alias;
      if (use.topic_known) head.topic = {};
    }
    const mqtt::PublishHeadLayout layout = mqtt::layout_publish_head(head, version_);
    if (!layout.is_encodable || layout.total_size > client_maximum_packet_size_) {
      if (head.topic_alias != 0 && !head.topic.empty()) aliases_out_->take_back(head.topic);
      return false;
    }
    written = write_publish(port_, outbound.message, head, layout, version_);
    size = layout.total_size;
  }
  port_.output_added();
  packet_sent(written, size);
  return true;
}

void MqttMachine::send_pubrel(uint16_t packet_id) {
  write_acknowledgement(mqtt::PacketType::pubrel, packet_id, mqtt::ReasonCode::success);  // [MQTT-4.3.3-4]
}

}  // namespace patchbay::session
