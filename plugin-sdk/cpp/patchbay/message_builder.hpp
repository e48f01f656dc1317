// SPDX-License-Identifier: Apache-2.0
// New messages, and changed ones: fields that are not named are shared with the base message.
#pragma once

#include "patchbay/message.hpp"

namespace patchbay {

/// Collects fields, then makes the message by build(). Texts are borrowed until build(). [any-thread]
class message_builder {
 public:
  explicit message_builder(host of) : message_builder(of.raw(), nullptr) {}
  /// Starts from a message.
  explicit message_builder(message base) : message_builder(base.raw_host(), base.raw()) {}

  message_builder& topic(std::string_view value) {
    fields_.topic = raw_text(value);
    return set(PATCHBAY_FIELD_TOPIC);
  }
  message_builder& payload(bytes value) {
    fields_.payload = raw_bytes(value);
    fields_.payload_free = nullptr;
    adopted_.reset();
    return set(PATCHBAY_FIELD_PAYLOAD);
  }
  message_builder& payload(std::string_view value) { return payload(as_bytes(value)); }
  /// Gives the text to the message without copying it. The host frees it by calling into the plugin.
  message_builder& payload_adopt(std::string value) {
    adopted_ = std::make_unique<std::string>(std::move(value));
    fields_.payload = raw_bytes(as_bytes(*adopted_));
    return set(PATCHBAY_FIELD_PAYLOAD);
  }
  message_builder& qos(std::uint8_t value) {
    fields_.qos = value;
    return set(PATCHBAY_FIELD_QOS);
  }
  message_builder& retain(bool value) {
    fields_.retain = value ? 1 : 0;
    return set(PATCHBAY_FIELD_RETAIN);
  }
  message_builder& expiry_s(std::uint32_t value) {
    fields_.message_expiry_interval_s = value;
    return set(PATCHBAY_FIELD_EXPIRY);
  }
  message_builder& content_type(std::string_view value) {
    fields_.content_type = raw_text(value);
    return set(PATCHBAY_FIELD_CONTENT_TYPE);
  }
  message_builder& response_topic(std::string_view value) {
    fields_.response_topic = raw_text(value);
    return set(PATCHBAY_FIELD_RESPONSE_TOPIC);
  }
  message_builder& correlation_data(bytes value) {
    fields_.correlation_data = raw_bytes(value);
    return set(PATCHBAY_FIELD_CORRELATION_DATA);
  }
  message_builder& payload_is_utf8(bool value) {
    fields_.payload_format_is_utf8 = value ? 1 : 0;
    return set(PATCHBAY_FIELD_PAYLOAD_FORMAT);
  }
  message_builder& publisher(std::string_view client_id) {
    fields_.publisher_client_id = raw_text(client_id);
    return set(PATCHBAY_FIELD_PUBLISHER);
  }
  /// Adds one behind those of the base message.
  message_builder& user_property(std::string_view name, std::string_view value) {
    if ((fields_.present & PATCHBAY_FIELD_USER_PROPERTIES) == 0) keep_base_properties();
    user_properties_.push_back({raw_text(name), raw_text(value)});
    return set(PATCHBAY_FIELD_USER_PROPERTIES);
  }
  message_builder& no_user_properties() {
    user_properties_.clear();
    return set(PATCHBAY_FIELD_USER_PROPERTIES);
  }

  /// Null: a field was invalid (named in the log), or no memory. An adopted payload is gone either way.
  message_ref build() {
    fields_.user_properties = user_properties_.data();
    fields_.user_property_count = user_properties_.size();
    if (adopted_) {
      fields_.payload_arg = adopted_.release();
      fields_.payload_free = [](void* value) { delete static_cast<std::string*>(value); };
    }
    return {host_, host_->message_create(host_, base_, &fields_)};
  }

 private:
  message_builder(const patchbay_host* host, const patchbay_message* base) : host_(host), base_(base) {
    fields_.size = sizeof fields_;
  }
  message_builder& set(std::uint32_t field) {
    fields_.present |= field;
    return *this;
  }
  void keep_base_properties() {
    message(host_, base_).each_property([this](const patchbay_property& property) {
      if (property.id != 0x26) return;
      user_properties_.push_back({raw_text(as_text(span(property.name))), raw_text(as_text(span(property.value)))});
    });
  }
  const patchbay_host* host_;
  const patchbay_message* base_;
  patchbay_message_fields fields_{};
  std::vector<patchbay_pair> user_properties_;
  std::unique_ptr<std::string> adopted_;
};

}  // namespace patchbay
