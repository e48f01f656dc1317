#include "admin/message_json.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/utc_time.h"

namespace patchbay::admin {

namespace {

class Fnv {
 public:
  void add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 0x100000001B3ULL;
  }
  void add(std::span<const uint8_t> bytes) {
    add(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  [[nodiscard]] uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0xCBF29CE484222325ULL;
};

bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  return std::all_of(digits.begin(), digits.end(), [](unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

}  // namespace

std::string message_id(const mqtt::Message& message) {
  Fnv hash;
  hash.add(message.publisher_client_id());
  hash.add("\n");
  hash.add(message.topic());
  hash.add("\n");
  hash.add(message.payload().first(std::min<size_t>(message.payload().size(), 4096)));
  hash.add(std::to_string(message.received_at_ms()));
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llX%016llX",
                static_cast<unsigned long long>(message.received_at_unix_ms()) * 1000,
                static_cast<unsigned long long>(hash.value()));
  return text.data();
}

Json message_summary(const mqtt::Message& message) {
  return {{"msgid", message_id(message)},
          {"topic", message.topic()},
          {"qos", static_cast<int>(message.qos())},
          {"publish_at", base::utc_time_text(static_cast<uint64_t>(message.received_at_unix_ms()))},
          {"from_clientid", message.publisher_client_id()}};
}

std::optional<PayloadForm> payload_form(std::string_view name) {
  if (name == "none") return PayloadForm::none;
  if (name == "base64") return PayloadForm::base64;
  if (name == "plain") return PayloadForm::plain;
  return std::nullopt;
}

std::string payload_text(const mqtt::Message& message, PayloadForm form, size_t maximum_bytes) {
  const std::span<const uint8_t> payload = message.payload().first(std::min(message.payload().size(), maximum_bytes));
  if (form == PayloadForm::base64) return base64_text(payload);
  return form == PayloadForm::plain ? std::string(payload.begin(), payload.end()) : std::string();
}

std::string base64_text(std::span<const uint8_t> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

std::optional<std::string> base64_bytes(std::string_view text) {
  if (text.empty()) return std::string();
  if (!is_base64(text)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

}  // namespace patchbay::admin
