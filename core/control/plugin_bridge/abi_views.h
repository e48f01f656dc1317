#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "access/client_info.h"
#include "mqtt/application_message.h"
#include "patchbay/client.h"
#include "patchbay/message.h"
#include "patchbay/types.h"

/// The core's things in the ABI's words and back. Nothing is copied.
namespace patchbay::plugin_bridge {

[[nodiscard]] inline patchbay_str view(std::string_view text) {
  return {text.data(), text.size()};
}
[[nodiscard]] inline patchbay_bytes view(std::span<const uint8_t> bytes) {
  return {bytes.data(), bytes.size()};
}
[[nodiscard]] inline std::string_view text_of(patchbay_str text) {
  return text.ptr == nullptr ? std::string_view{} : std::string_view{text.ptr, text.len};
}
[[nodiscard]] inline std::span<const uint8_t> bytes_of(patchbay_bytes bytes) {
  return bytes.ptr == nullptr ? std::span<const uint8_t>{} : std::span<const uint8_t>{bytes.ptr, bytes.len};
}
[[nodiscard]] inline std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What the ABI calls a client is a ClientInfo, what it calls a message a Message.
[[nodiscard]] inline const patchbay_client* to_abi(const access::ClientInfo* client) {
  return reinterpret_cast<const patchbay_client*>(client);
}
[[nodiscard]] inline const access::ClientInfo* from_abi(const patchbay_client* client) {
  return reinterpret_cast<const access::ClientInfo*>(client);
}
[[nodiscard]] inline const patchbay_message* to_abi(const mqtt::Message* message) {
  return reinterpret_cast<const patchbay_message*>(message);
}
[[nodiscard]] inline const mqtt::Message* from_abi(const patchbay_message* message) {
  return reinterpret_cast<const mqtt::Message*>(message);
}
/// One more share of a message that somebody else holds.
[[nodiscard]] inline mqtt::MessageRef share(const mqtt::Message* message) {
  mqtt::MessageRef borrowed = mqtt::MessageRef::adopt(message);
  mqtt::MessageRef own = borrowed;
  static_cast<void>(borrowed.detach());
  return own;
}

/// A struct of the ABI that somebody else filled: the part that both know, zero behind it.
template <class Abi>
[[nodiscard]] Abi read_abi(const Abi* from) {
  Abi known{};
  const size_t size = from->size < sizeof(Abi) ? from->size : sizeof(Abi);
  std::memcpy(static_cast<void*>(&known), static_cast<const void*>(from), size);
  return known;
}
/// The other way: as much as the other side has room for; its size stays.
template <class Abi>
void write_abi(Abi* to, Abi known) {
  const uint32_t size = to->size;
  known.size = size;
  std::memcpy(static_cast<void*>(to), static_cast<const void*>(&known), size < sizeof(Abi) ? size : sizeof(Abi));
}
/// Element `index` of an array whose elements have the size that the first one says.
template <class Abi>
[[nodiscard]] Abi read_abi_at(const Abi* first, size_t index) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(first);
  return read_abi(reinterpret_cast<const Abi*>(bytes + index * first->size));
}

}  // namespace patchbay::plugin_bridge
