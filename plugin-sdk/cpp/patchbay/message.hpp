// SPDX-License-Identifier: Apache-2.0
// Messages: borrowed in hooks, held by message_ref, made by message_builder.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "patchbay/host.hpp"

namespace patchbay {

class message_ref;

/// A borrowed message: valid during the call that showed it. To keep it, hold().
class message {
 public:
  message() = default;
  /// `topic` where the event shows it anyway: spares a call.
  message(const patchbay_host* host, const patchbay_message* raw, patchbay_str topic = {})
      : host_(host), raw_(raw), topic_(topic) {}
  explicit operator bool() const { return raw_ != nullptr; }
  const patchbay_message* raw() const { return raw_; }
  const patchbay_host* raw_host() const { return host_; }

  patchbay_message_view view() const {
    patchbay_message_view out{};
    out.size = sizeof out;
    if (raw_ != nullptr) host_->message_view(host_, raw_, &out);
    return out;
  }
  std::string_view topic() const { return topic_.ptr != nullptr ? text(topic_) : text(view().topic); }
  bytes payload() const { return span(view().payload); }
  std::string_view payload_text() const { return as_text(payload()); }
  std::uint8_t qos() const { return view().qos; }
  bool retain() const { return view().retain != 0; }
  std::string_view publisher_client_id() const { return text(view().publisher_client_id); }
  bool from_plugin() const { return (view().flags & PATCHBAY_MESSAGE_FROM_PLUGIN) != 0; }

  /// Calls `visit(const patchbay_property&)` for each property, in the order of the message.
  template <typename Visit>
  void each_property(Visit visit) const {
    patchbay_property property{};
    property.size = sizeof property;
    for (std::uint32_t i = 0; raw_ != nullptr; ++i) {
      if (host_->message_property_at(host_, raw_, i, &property) != PATCHBAY_OK) return;
      visit(std::as_const(property));
    }
  }
  /// The first user property of this name; empty: none.
  std::string_view user_property(std::string_view name) const {
    std::string_view found;
    each_property([&](const patchbay_property& property) {
      if (property.id == 0x26 && found.empty() && as_text(span(property.name)) == name)
        found = as_text(span(property.value));
    });
    return found;
  }
  /// A share of the message that outlives the call.
  message_ref hold() const;

 protected:
  const patchbay_host* host_ = nullptr;
  const patchbay_message* raw_ = nullptr;
  patchbay_str topic_{};
};

/// One share of a message; gives it back when destroyed. Null when empty. [any-thread]
class message_ref {
 public:
  message_ref() = default;
  /// Takes the share over.
  message_ref(const patchbay_host* host, const patchbay_message* taken) : host_(host), raw_(taken) {}
  message_ref(message_ref&& from) noexcept : host_(from.host_), raw_(std::exchange(from.raw_, nullptr)) {}
  message_ref(const message_ref& from)
      : host_(from.host_), raw_(from.raw_ == nullptr ? nullptr : from.host_->message_ref(from.host_, from.raw_)) {}
  message_ref& operator=(message_ref from) noexcept {
    std::swap(host_, from.host_);
    std::swap(raw_, from.raw_);
    return *this;
  }
  ~message_ref() {
    if (raw_ != nullptr) host_->message_unref(host_, raw_);
  }
  explicit operator bool() const { return raw_ != nullptr; }
  const patchbay_message* get() const { return raw_; }
  message view() const { return {host_, raw_}; }
  /// Hands the share to somebody who takes it over.
  const patchbay_message* release() { return std::exchange(raw_, nullptr); }

 private:
  const patchbay_host* host_ = nullptr;
  const patchbay_message* raw_ = nullptr;
};

inline message_ref message::hold() const {
  return {host_, raw_ == nullptr ? nullptr : host_->message_ref(host_, raw_)};
}

}  // namespace patchbay
