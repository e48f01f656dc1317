// SPDX-License-Identifier: Apache-2.0
// Events: one class over all the structs of events.h. A getter is there where the struct has a field of that name; what
// has none is read through `->`, as in `event->packet_type`. Everything dies with the call.
#pragma once

#include "patchbay/client.hpp"
#include "patchbay/message.hpp"

namespace patchbay {

// One getter for each text field that events have. A field that a struct lacks gives a function that can't be called.
// clang-format off
#define PATCHBAY_TEXT_FIELDS(FIELD) \
  FIELD(server_name) FIELD(websocket_path) FIELD(websocket_subprotocol) FIELD(common_name) \
  FIELD(subject) FIELD(serial) FIELD(fingerprint_sha256) FIELD(protocol_name) \
  FIELD(client_id) FIELD(username) FIELD(method) FIELD(decided_by) \
  FIELD(share_name) FIELD(user) FIELD(action) FIELD(object) \
  FIELD(body_json) FIELD(topic_filter) FIELD(listener_id) FIELD(identity) \
  FIELD(before) FIELD(after) FIELD(author) FIELD(details_json)
// clang-format on
#define PATCHBAY_BYTES_FIELDS(FIELD) FIELD(first_bytes) FIELD(der) FIELD(password) FIELD(certificate_der) FIELD(data)

template <typename Raw>
class event {
 public:
  using raw_type = Raw;
  event(const patchbay_host* host, const Raw* raw, patchbay_token token) : host_(host), raw_(raw), token_(token) {}

  const Raw& raw() const { return *raw_; }
  const Raw* operator->() const { return raw_; }
  patchbay::host host() const { return patchbay::host(host_); }
  /// Names the question, for a hook that answers verdict::defer() and completes later. Its id is 0 where that can't be.
  patchbay_token token() const { return token_; }

#define PATCHBAY_GETTER(field)                                     \
  std::string_view field() const requires requires(const Raw& r) { \
    r.field.ptr;                                                   \
  }                                                                \
  { return text(raw_->field); }
  PATCHBAY_TEXT_FIELDS(PATCHBAY_GETTER)
#undef PATCHBAY_GETTER
#define PATCHBAY_GETTER(field)                          \
  bytes field() const requires requires(const Raw& r) { \
    r.field.ptr;                                        \
  }                                                     \
  { return span(raw_->field); }
  PATCHBAY_BYTES_FIELDS(PATCHBAY_GETTER)
#undef PATCHBAY_GETTER

  std::string_view topic() const requires requires(const Raw& r) {
    r.topic.ptr;
  }
  { return text(raw_->topic); }
  patchbay::client client() const requires requires(const Raw& r) {
    r.client;
  }
  { return {host_, raw_->client}; }
  patchbay::client existing() const requires requires(const Raw& r) {
    r.existing;
  }
  { return {host_, raw_->existing}; }
  patchbay::message message() const requires requires(const Raw& r) {
    r.message;
  }
  {
    if constexpr (requires(const Raw& r) { r.topic.ptr; }) {
      return {host_, raw_->message, raw_->topic};
    } else {
      return {host_, raw_->message};
    }
  }
  /// So that a hook may take the message itself: verdict on_publish(message m).
  operator patchbay::message() const  // NOLINT: meant to convert
      requires requires(const Raw& r) {
    r.message;
  }
  { return message(); }
  /// 16 bytes: IPv6, or IPv4 mapped, network order.
  bytes peer_address() const requires requires(const Raw& r) {
    r.peer_address[15];
  }
  { return bytes(raw_->peer_address, 16); }

 private:
  const patchbay_host* host_;
  const Raw* raw_;
  patchbay_token token_;
};

/// The events of a batch, in order; iterates as event<Raw>, and converts to the records themselves (with the time of
/// each).
template <typename Raw>
class batch {
 public:
  batch(const patchbay_host* host, std::span<const patchbay_record> records) : host_(host), records_(records) {}
  std::size_t size() const { return records_.size(); }
  event<Raw> operator[](std::size_t index) const {
    return {host_, static_cast<const Raw*>(records_[index].event), patchbay_token{0}};
  }
  std::uint64_t at_unix_ms(std::size_t index) const { return records_[index].at_unix_ms; }
  operator std::span<const patchbay_record>() const { return records_; }  // NOLINT: meant to convert

  struct iterator {
    const batch* of;
    std::size_t index;
    event<Raw> operator*() const { return (*of)[index]; }
    iterator& operator++() {
      ++index;
      return *this;
    }
    bool operator!=(const iterator& other) const { return index != other.index; }
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, records_.size()}; }

 private:
  const patchbay_host* host_;
  std::span<const patchbay_record> records_;
};

using record = patchbay_record;

}  // namespace patchbay
