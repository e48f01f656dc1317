#include "session/publish_images.h"

#include <cstring>

#include "session/output_buffer.h"

namespace patchbay::session {

mqtt::PublishHead publish_head_of(const mqtt::Message& message, mqtt::ProtocolVersion version, mqtt::Qos qos,
                                  bool retain, uint64_t now_ms) {
  mqtt::PublishHead head;
  head.topic = message.topic();
  head.qos = qos;
  head.retain = retain;
  head.payload_size = static_cast<uint32_t>(message.payload().size());
  if (version == mqtt::ProtocolVersion::v5) {
    head.forwardable_properties = message.forwardable_properties();
    if (message.has_message_expiry_interval()) {
      head.has_message_expiry_interval = true;  // [MQTT-3.3.2-6] what is left of it
      head.message_expiry_interval_s = message.remaining_expiry_interval_s(static_cast<int64_t>(now_ms));
    }
  }
  return head;
}

void PublishImages::begin() {
  for (Image& image : images_) image.made = false;
}

const PublishImages::Image& PublishImages::get(const mqtt::Message& message, mqtt::ProtocolVersion version,
                                               mqtt::Qos qos, bool retain, uint64_t now_ms) {
  const size_t family = version == mqtt::ProtocolVersion::v5 ? 1 : 0;
  Image& image = images_[(family * 3 + static_cast<size_t>(qos)) * 2 + (retain ? 1 : 0)];
  if (image.made) return image;
  image.made = true;
  const mqtt::PublishHead head = publish_head_of(message, version, qos, retain, now_ms);
  image.layout = mqtt::layout_publish_head(head, version);
  const bool with_payload = head.payload_size < OutputBuffer::kShareFrom;
  image.bytes.resize(image.layout.head_size + (with_payload ? head.payload_size : 0));
  if (!image.layout.is_encodable) return image;
  mqtt::encode_publish_head(head, image.layout, version, image.bytes);
  if (with_payload && head.payload_size > 0) {
    std::memcpy(image.bytes.data() + image.layout.head_size, message.payload().data(), head.payload_size);
  }
  return image;
}

}  // namespace patchbay::session
