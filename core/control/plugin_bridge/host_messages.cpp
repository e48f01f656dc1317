#include <optional>

#include "mqtt/codec/raw_property.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/host_table.h"
#include "plugin_bridge/instance.h"
#include "plugin_bridge/message_builder.h"

/// The functions of patchbay_host that are about messages.
namespace patchbay::plugin_bridge {

namespace {

static_assert(mqtt::MessageFlags::will == PATCHBAY_MESSAGE_WILL);
static_assert(mqtt::MessageFlags::system == PATCHBAY_MESSAGE_SYSTEM);
static_assert(mqtt::MessageFlags::from_bridge == PATCHBAY_MESSAGE_FROM_BRIDGE);
static_assert(mqtt::MessageFlags::retained == PATCHBAY_MESSAGE_RETAINED);
static_assert(mqtt::MessageFlags::from_node == PATCHBAY_MESSAGE_FROM_NODE);
static_assert(mqtt::MessageFlags::from_plugin == PATCHBAY_MESSAGE_FROM_PLUGIN);
constexpr uint16_t kKnownFlags = 63;

const patchbay_message* message_ref(const patchbay_host* host, const patchbay_message* message) noexcept {
  if (message == nullptr) return nullptr;
  static_cast<void>(share(from_abi(message)).detach());
  Instance::of(host).held().add(Held::message_references);
  return message;
}

void message_unref(const patchbay_host* host, const patchbay_message* message) noexcept {
  if (message == nullptr) return;
  static_cast<void>(mqtt::MessageRef::adopt(from_abi(message)));
  Instance::of(host).held().remove(Held::message_references);
}

void message_view(const patchbay_host*, const patchbay_message* message, patchbay_message_view* into) noexcept {
  const mqtt::Message& from = *from_abi(message);
  patchbay_message_view known{};
  known.qos = static_cast<uint8_t>(from.qos());
  known.retain = from.retain() ? 1 : 0;
  known.flags = from.flags() & kKnownFlags;
  known.topic = view(from.topic());
  known.payload = view(from.payload());
  known.publisher_client_id = view(from.publisher_client_id());
  known.properties = view(from.forwardable_properties());
  known.origin_instance = static_cast<uint32_t>(from.origin_instance());
  known.publisher_handle = known.origin_instance != 0 ? 0 : from.publisher_handle();
  known.received_at_unix_ms = from.received_at_unix_ms();
  if (const auto expiry_s = from.message_expiry_interval_s(); expiry_s.has_value()) {
    known.has_message_expiry_interval = 1;
    known.message_expiry_interval_s = *expiry_s;
  }
  write_abi(into, known);
}

/// A string or binary data behind its two bytes of length; takes it off `rest`.
patchbay_bytes take_counted(std::span<const uint8_t>& rest) {
  const size_t size = static_cast<size_t>(rest[0]) << 8 | rest[1];
  const patchbay_bytes bytes = view(rest.subspan(2, size));
  rest = rest.subspan(2 + size);
  return bytes;
}

patchbay_status message_property_at(const patchbay_host*, const patchbay_message* message, uint32_t index,
                                    patchbay_property* into) noexcept {
  std::span<const uint8_t> rest = from_abi(message)->forwardable_properties();
  mqtt::RawProperty property;
  for (uint32_t i = 0; i <= index; ++i) {
    if (!mqtt::next_raw_property(rest, property)) return PATCHBAY_NOT_FOUND;
  }
  patchbay_property known{};
  known.id = static_cast<uint32_t>(property.row->id);
  std::span<const uint8_t> value = property.value();
  switch (property.row->id) {
    case mqtt::PropertyId::user_property:
      known.name = take_counted(value);
      known.value = take_counted(value);
      break;
    case mqtt::PropertyId::payload_format_indicator:
      known.number = value[0];
      break;
    default:
      known.value = take_counted(value);
      break;
  }
  write_abi(into, known);
  return PATCHBAY_OK;
}

const patchbay_message* message_create(const patchbay_host* host, const patchbay_message* base,
                                       const patchbay_message_fields* fields) noexcept {
  Instance& instance = Instance::of(host);
  if (fields == nullptr) return nullptr;
  auto message = build_message(from_abi(base), *fields, instance.bridge().clock());
  if (!message) {
    instance.log().host_line(base::LogLevel::warning, "message_create: " + message.error());
    return nullptr;
  }
  instance.held().add(Held::message_references);
  return to_abi(message.value().detach());
}

}  // namespace

void fill_message_functions(patchbay_host& table) {
  table.message_ref = &message_ref;
  table.message_unref = &message_unref;
  table.message_view = &message_view;
  table.message_property_at = &message_property_at;
  table.message_create = &message_create;
}

}  // namespace patchbay::plugin_bridge
