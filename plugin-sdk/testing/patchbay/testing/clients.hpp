// SPDX-License-Identifier: Apache-2.0
// Clients of the fake host: shown to hooks, listed, with attributes and the instance's slot.
#pragma once

#include <cstdio>
#include <deque>
#include <functional>
#include <memory>

#include "patchbay/testing/core.hpp"
#include "patchbay/testing/workers.hpp"

namespace patchbay::testing {

/// Who a client is.
struct client_fields {
  std::string client_id = "client";
  std::string username = {};
  std::string identity = {};
  std::string listener_id = "tcp:default";
  std::string protocol_name = "MQTT";
  std::uint32_t protocol_version = 5;
  std::string certificate_common_name = {};
  std::string peer_ipv4 = "127.0.0.1";
  bool connected = true;
  std::map<std::string, std::string> attributes = {};
};

/// "10.1.2.3" as 16 bytes, IPv4 mapped.
inline void map_ipv4(const std::string& dotted, std::uint8_t (&out)[16]) {
  std::memset(out, 0, sizeof out);
  unsigned part[4] = {};
  if (std::sscanf(dotted.c_str(), "%u.%u.%u.%u", &part[0], &part[1], &part[2], &part[3]) != 4) return;
  out[10] = out[11] = 0xFF;
  for (int i = 0; i < 4; ++i) out[12 + i] = static_cast<std::uint8_t>(part[i]);
}

}  // namespace patchbay::testing

/// The opaque client of the ABI, completed for the fake host.
struct patchbay_client {
  patchbay::testing::client_fields fields;
  std::uint64_t handle = 0;
  std::uint32_t shown = 0;  ///< calls that show it right now
  void* slot = nullptr;
  void (*slot_destroy)(void*, void*) = nullptr;
  void* slot_self = nullptr;
};

namespace patchbay::testing {

class clients : public part<clients> {
 public:
  clients(core& shared, workers& pool) : part(shared), workers_(pool) {
    auto& table = shared.table;
    table.client_view = [](const patchbay_host* h, const patchbay_client* c, patchbay_client_view* out) {
      of(h).view(c, out);
    };
    table.client_attribute_at = [](const patchbay_host* h, const patchbay_client* c, std::uint32_t index,
                                   patchbay_pair* out) { return of(h).attribute_at(c, index, out); };
    table.client_slot_get = [](const patchbay_host* h, const patchbay_client* c) -> void* {
      return of(h).shown(c, "client_slot_get") ? c->slot : nullptr;
    };
    table.client_slot_set = [](const patchbay_host* h, const patchbay_client* c, void* value,
                               void (*destroy)(void*, void*),
                               void* self) { return of(h).slot_set(c, value, destroy, self); };
    table_.size = sizeof table_;
    table_.find = [](const patchbay_host* h, patchbay_str id, patchbay_clients_fn fn, void* self) {
      return of(h).find(id, fn, self);
    };
    table_.page = [](const patchbay_host* h, std::uint64_t cursor, std::uint32_t limit, patchbay_clients_fn fn,
                     void* self) { return of(h).page(cursor, limit, fn, self); };
    table_.disconnect = [](const patchbay_host* h, patchbay_str id, std::uint8_t reason) {
      return of(h).disconnect(id, reason);
    };
    table_.set_attributes = [](const patchbay_host* h, patchbay_str id, const patchbay_pair* pairs, std::size_t count) {
      return of(h).set_attributes(id, pairs, count);
    };
    table_.invalidate_acl = [](const patchbay_host* h, patchbay_str id, patchbay_str username) {
      const std::lock_guard lock(core_of(h).mutex);
      of(h).invalidated_.emplace_back(text(id), text(username));
      return core_of(h).enter("clients.invalidate_acl");
    };
    shared.interfaces[PATCHBAY_CLIENTS_1] = &table_;
  }

  /// A client that hooks can be shown and that the plugin can look up.
  patchbay_client* add(client_fields fields) {
    const std::lock_guard lock(core_.mutex);
    all_.push_back(std::make_unique<patchbay_client>());
    all_.back()->fields = std::move(fields);
    all_.back()->handle = core_.next_number();
    by_id_[all_.back()->fields.client_id] = all_.back().get();
    return all_.back().get();
  }
  patchbay_client* find_by_id(const std::string& client_id) {
    const std::lock_guard lock(core_.mutex);
    const auto found = by_id_.find(client_id);
    return found == by_id_.end() ? nullptr : found->second;
  }
  /// Its session ends: the slot is destroyed, on a shard.
  void end_session(patchbay_client* which) {
    const role_scope role(PATCHBAY_THREAD_SHARD, 0);
    clear_slot(*which);
    which->fields.connected = false;
  }
  void end_all_sessions() {
    for (auto& each : all_) end_session(each.get());
  }
  std::uint32_t slots() const {
    std::uint32_t sum = 0;
    for (const auto& each : all_) sum += each->slot != nullptr ? 1 : 0;
    return sum;
  }
  struct disconnected {
    std::string client_id;
    std::uint8_t reason;
  };
  const std::vector<disconnected>& disconnects() const { return disconnects_; }
  const std::vector<std::pair<std::string, std::string>>& invalidated() const { return invalidated_; }
  bool slots_granted = true;

 private:
  bool shown(const patchbay_client* c, const char* function) {
    if (c != nullptr && c->shown != 0) return true;
    core_.violation(std::string(function) +
                    (c == nullptr ? ": no client" : ": the client is used outside the call that showed it"));
    return false;
  }
  void view(const patchbay_client* c, patchbay_client_view* out) {
    const std::lock_guard lock(core_.mutex);
    const std::uint32_t size = out->size;
    patchbay_client_view full{};
    if (shown(c, "client_view")) fill(*c, full);
    full.size = size < sizeof full ? size : sizeof full;
    std::memcpy(out, &full, full.size);
  }
  static void fill(const patchbay_client& c, patchbay_client_view& out) {
    const auto& f = c.fields;
    out.flags = f.connected ? PATCHBAY_CLIENT_CONNECTED : 0;
    out.handle = c.handle;
    out.client_id = str(f.client_id);
    out.username = str(f.username);
    out.identity = str(f.identity);
    out.listener_id = str(f.listener_id);
    out.protocol_name = str(f.protocol_name);
    out.certificate_common_name = str(f.certificate_common_name);
    map_ipv4(f.peer_ipv4, out.peer_address);
    out.protocol_version = f.protocol_version;
    out.attribute_count = static_cast<std::uint32_t>(f.attributes.size());
  }
  patchbay_status attribute_at(const patchbay_client* c, std::uint32_t index, patchbay_pair* out) {
    const std::lock_guard lock(core_.mutex);
    if (!shown(c, "client_attribute_at") || index >= c->fields.attributes.size()) return PATCHBAY_NOT_FOUND;
    const auto& [name, value] = *std::next(c->fields.attributes.begin(), index);
    *out = {str(name), str(value)};
    return PATCHBAY_OK;
  }
  patchbay_status slot_set(const patchbay_client* which, void* value, void (*destroy)(void*, void*), void* self) {
    if (!shown(which, "client_slot_set") || !core_.on_thread(1u << PATCHBAY_THREAD_SHARD, "client_slot_set"))
      return PATCHBAY_INVALID;
    if (!slots_granted) return PATCHBAY_DENIED;
    if (const auto failed = core_.enter("client_slot_set"); failed != PATCHBAY_OK) return failed;
    auto& c = const_cast<patchbay_client&>(*which);
    clear_slot(c);
    c.slot = value;
    c.slot_destroy = destroy;
    c.slot_self = self;
    return PATCHBAY_OK;
  }
  static void clear_slot(patchbay_client& c) {
    if (c.slot != nullptr && c.slot_destroy != nullptr) c.slot_destroy(c.slot_self, c.slot);
    c.slot = nullptr;
  }
  /// Shows clients on a worker, later.
  patchbay_status answer(patchbay_clients_fn fn, void* self, patchbay_status status,
                         std::vector<patchbay_client*> found, std::uint64_t cursor) {
    return workers_.later([=, found = std::move(found)] {
      for (auto* each : found) ++each->shown;
      fn(self, status, found.data(), found.size(), cursor);
      for (auto* each : found) --each->shown;
    });
  }
  patchbay_status find(patchbay_str id, patchbay_clients_fn fn, void* self) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("clients.find"); failed != PATCHBAY_OK) return failed;
    auto* found = find_by_id(std::string(text(id)));
    if (found == nullptr) return answer(fn, self, PATCHBAY_NOT_FOUND, {}, 0);
    return answer(fn, self, PATCHBAY_OK, {found}, 0);
  }
  patchbay_status page(std::uint64_t cursor, std::uint32_t limit, patchbay_clients_fn fn, void* self) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("clients.page"); failed != PATCHBAY_OK) return failed;
    std::vector<patchbay_client*> found;
    std::size_t at = static_cast<std::size_t>(cursor);
    for (; at < all_.size() && found.size() < limit; ++at) {
      if (all_[at]->fields.connected) found.push_back(all_[at].get());
    }
    return answer(fn, self, PATCHBAY_OK, std::move(found), at < all_.size() ? at : 0);
  }
  patchbay_status disconnect(patchbay_str id, std::uint8_t reason) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("clients.disconnect"); failed != PATCHBAY_OK) return failed;
    disconnects_.push_back({std::string(text(id)), reason == 0 ? std::uint8_t{0x98} : reason});
    return PATCHBAY_OK;
  }
  patchbay_status set_attributes(patchbay_str id, const patchbay_pair* pairs, std::size_t count) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("clients.set_attributes"); failed != PATCHBAY_OK) return failed;
    auto* found = find_by_id(std::string(text(id)));
    for (std::size_t i = 0; found != nullptr && i < count; ++i) {
      auto& attributes = found->fields.attributes;
      if (pairs[i].value.len == 0) attributes.erase(std::string(text(pairs[i].name)));
      if (pairs[i].value.len != 0) attributes[std::string(text(pairs[i].name))] = text(pairs[i].value);
    }
    return PATCHBAY_OK;
  }
  workers& workers_;
  patchbay_clients table_{};
  std::deque<std::unique_ptr<patchbay_client>> all_;
  std::map<std::string, patchbay_client*> by_id_;
  std::vector<disconnected> disconnects_;
  std::vector<std::pair<std::string, std::string>> invalidated_;
};

}  // namespace patchbay::testing
