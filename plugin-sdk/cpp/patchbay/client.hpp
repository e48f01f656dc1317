// SPDX-License-Identifier: Apache-2.0
// Clients as hooks see them, and what a plugin keeps with each.
#pragma once

#include <memory>
#include <utility>

#include "patchbay/host.hpp"

namespace patchbay {

/// A borrowed client: valid during the call that showed it. Empty where the event has none.
class client {
 public:
  client(const patchbay_host* host, const patchbay_client* raw) : host_(host), raw_(raw) {}
  explicit operator bool() const { return raw_ != nullptr; }
  const patchbay_client* raw() const { return raw_; }

  /// Everything at once; the getters below ask again each time.
  patchbay_client_view view() const {
    patchbay_client_view out{};
    out.size = sizeof out;
    if (raw_ != nullptr) host_->client_view(host_, raw_, &out);
    return out;
  }
  std::string_view id() const { return text(view().client_id); }
  std::string_view username() const { return text(view().username); }
  std::string_view identity() const { return text(view().identity); }
  std::string_view listener_id() const { return text(view().listener_id); }
  std::string_view protocol_name() const { return text(view().protocol_name); }
  std::uint64_t handle() const { return view().handle; }

  /// A named attribute that an authenticator or a plugin has set; empty when there is none.
  std::string_view attribute(std::string_view name) const {
    patchbay_pair pair{};
    for (std::uint32_t i = 0; raw_ != nullptr && host_->client_attribute_at(host_, raw_, i, &pair) == PATCHBAY_OK;
         ++i) {
      if (text(pair.name) == name) return text(pair.value);
    }
    return {};
  }

 private:
  template <typename Value>
  friend class client_slot;
  const patchbay_host* host_;
  const patchbay_client* raw_;
};

/// A value of this instance for each client, destroyed with the client's session. The manifest says "client_slot":
/// true. One slot for an instance: keep a struct in it. [shard]
template <typename Value>
class client_slot {
 public:
  /// Null: nothing kept yet.
  Value* find(client of) const {
    return of ? static_cast<Value*>(of.host_->client_slot_get(of.host_, of.raw_)) : nullptr;
  }
  /// The client's value, made from `arguments` where there is none; null: the host keeps no more, or the manifest
  /// doesn't ask for a slot.
  template <typename... Arguments>
  Value* get(client of, Arguments&&... arguments) const {
    if (Value* kept = find(of)) return kept;
    if (!of) return nullptr;
    auto made = std::make_unique<Value>(std::forward<Arguments>(arguments)...);
    if (of.host_->client_slot_set(of.host_, of.raw_, made.get(), &destroy, nullptr) != PATCHBAY_OK) return nullptr;
    return made.release();
  }
  /// Forgets the value now.
  void clear(client of) const {
    if (of) of.host_->client_slot_set(of.host_, of.raw_, nullptr, nullptr, nullptr);
  }

 private:
  static void destroy(void*, void* value) noexcept { delete static_cast<Value*>(value); }
};

}  // namespace patchbay
