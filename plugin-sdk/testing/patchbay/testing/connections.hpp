// SPDX-License-Identifier: Apache-2.0
// Clients of a protocol plugin: a test feeds bytes, and reads what the plugin writes and asks of the broker.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <stdexcept>

#include "patchbay/testing/clients.hpp"
#include "patchbay/testing/publishing.hpp"

/// The opaque connection of the ABI: here a fake_client. Defined as the host does it, for programs that hold both.
struct patchbay_connection {};

namespace patchbay::testing {

class connections;

/// One connection. Operations of the plugin are answered with success after the call in which it asked, unless the test
/// says otherwise.
class fake_client : public patchbay_connection {
 public:
  fake_client(connections& parent, patchbay_connection_info info);
  ~fake_client();
  fake_client(const fake_client&) = delete;
  fake_client& operator=(const fake_client&) = delete;

  /// conn_open() took the connection.
  bool open() const { return state_ != nullptr; }
  /// Bytes of the peer, as one piece; for datagrams: one datagram.
  void feed(std::string_view bytes);
  /// The same bytes, one call for each.
  void feed_byte_by_byte(std::string_view bytes) {
    for (const char c : bytes) feed(std::string_view(&c, 1));
  }
  /// What the plugin has written since the last call.
  std::string output() { return std::exchange(output_, {}); }
  /// The broker has messages for the client. How many the plugin took.
  std::size_t deliver(const std::vector<message_fields>& messages, std::uint32_t subscription_id = 0);
  /// An operator disconnects it.
  void kick(std::uint32_t reason = PATCHBAY_CLOSE_KICKED);
  /// The peer closes.
  void close_by_peer() { end(PATCHBAY_CLOSE_PEER); }
  /// The connection's timer, when it is due.
  void run_timer();
  /// The plugin may write again after BUSY.
  void become_writable();

  bool closed() const { return closed_; }
  std::uint32_t close_reason() const { return close_reason_; }
  bool connected() const { return connected_; }
  bool disconnected_in_order() const { return disconnected_; }
  bool will_wanted() const { return with_will_; }
  bool reading() const { return reading_; }
  std::uint32_t credit() const { return credit_; }
  std::uint64_t timer_due_ms() const { return timer_due_ms_; }
  const std::string& client_id() const { return client_id_; }
  const std::string& username() const { return username_; }
  const std::string& password() const { return password_; }
  const std::map<std::string, std::uint8_t>& subscriptions() const { return subscriptions_; }
  const std::vector<std::pair<std::uint64_t, std::uint8_t>>& acknowledged() const { return acknowledged_; }
  std::size_t unconsumed() const { return buffer_.size(); }

  /// The reason code that the next operations are answered with; 0: success.
  std::uint8_t next_reason = 0;
  /// write() says BUSY while this is true.
  bool write_busy = false;

 private:
  friend class connections;
  void later(std::uint64_t operation, patchbay_result result, std::string text = {});
  void pump();
  void end(std::uint32_t reason);
  patchbay_status connect(const patchbay_connect& c, std::uint64_t operation);
  patchbay_status publish(const patchbay_message* m, std::uint64_t operation);
  patchbay_status subscribe(patchbay_str filter, std::uint8_t qos, std::uint64_t operation);
  patchbay_status write(const patchbay_bytes* spans, std::size_t count);
  patchbay_result success() const {
    patchbay_result out{};
    out.size = sizeof out;
    out.reason = next_reason;
    return out;
  }
  struct pending {
    std::uint64_t operation;
    patchbay_result result;
    std::string text;
  };
  connections& parent_;
  patchbay_client* client_ = nullptr;
  void* state_ = nullptr;
  bool datagrams_ = false;
  std::string buffer_;
  std::size_t need_ = 0;
  std::string output_;
  std::deque<pending> results_;
  std::uint32_t close_asked_ = UINT32_MAX;
  bool closed_ = false;
  bool connect_asked_ = false;
  bool connected_ = false;
  bool disconnected_ = false;
  bool with_will_ = false;
  bool reading_ = true;
  std::uint32_t close_reason_ = 0;
  std::uint32_t credit_ = 65535;
  std::uint64_t timer_due_ms_ = 0;
  std::uint64_t deliveries_ = 0;
  std::string client_id_, username_, password_;
  std::map<std::string, std::uint8_t> subscriptions_;
  std::vector<std::pair<std::uint64_t, std::uint8_t>> acknowledged_;
};

/// The interface that protocols get, and the connections that exist.
class connections : public part<connections> {
 public:
  connections(core& shared, messages& all, clients& known, publishing& published)
      : part(shared), messages_(all), clients_(known), publishing_(published) {
    table_.size = sizeof table_;
    fill(table_);
    shared.interfaces[PATCHBAY_BROKER_CLIENT_1] = &table_;
  }
  /// What the plugin provides; set by start().
  const patchbay_protocol* protocol = nullptr;
  void* plugin_self = nullptr;
  std::size_t count() const { return open_; }

  /// A connection of a peer.
  std::unique_ptr<fake_client> connect(std::uint32_t transport = PATCHBAY_TRANSPORT_TCP,
                                       const std::string& peer_ipv4 = "127.0.0.1") {
    patchbay_connection_info info{};
    info.size = sizeof info;
    info.transport = transport;
    info.listener_id = str("tcp:gateway");
    map_ipv4(peer_ipv4, info.peer_address);
    info.peer_port = 40000;
    return std::make_unique<fake_client>(*this, info);
  }

 private:
  static fake_client& of(patchbay_connection* connection) { return *static_cast<fake_client*>(connection); }
  friend class fake_client;
  static void fill(patchbay_broker_client& table);
  messages& messages_;
  clients& clients_;
  publishing& publishing_;
  patchbay_broker_client table_{};
  std::size_t open_ = 0;
};

inline fake_client::fake_client(connections& parent, patchbay_connection_info info) : parent_(parent) {
  datagrams_ = (info.transport & (PATCHBAY_TRANSPORT_UDP | PATCHBAY_TRANSPORT_DTLS)) != 0;
  if (parent.protocol == nullptr) throw std::logic_error("the plugin provides no " PATCHBAY_PROTOCOL_1);
  const role_scope role(PATCHBAY_THREAD_SHARD, 0);
  state_ = parent_.protocol->conn_open(parent_.plugin_self, this, &info);
  closed_ = state_ == nullptr;
  if (state_ != nullptr) ++parent_.open_;
  pump();
}

inline fake_client::~fake_client() {
  if (state_ != nullptr) end(PATCHBAY_CLOSE_UNLOAD);
}

inline void fake_client::feed(std::string_view bytes) {
  if (state_ == nullptr) return;
  buffer_.append(bytes);
  for (;;) {
    if (state_ == nullptr || buffer_.empty() || buffer_.size() < need_) return;
    auto arena = std::make_unique<view_arena>(parent_.core_.options().views);
    std::size_t need = 0;
    std::size_t consumed = 0;
    {
      const role_scope role(PATCHBAY_THREAD_SHARD, 0);
      consumed = parent_.protocol->on_bytes(state_, arena->copy_bytes(buffer_.data(), buffer_.size()), &need);
    }
    parent_.core_.expire(std::move(arena));
    if (consumed > buffer_.size()) parent_.core_.violation("on_bytes consumed more than there was");
    need_ = need;
    buffer_.erase(0, datagrams_ ? buffer_.size() : std::min(consumed, buffer_.size()));
    pump();
    if (consumed == 0) return;
  }
}

inline std::size_t fake_client::deliver(const std::vector<message_fields>& messages, std::uint32_t subscription_id) {
  if (state_ == nullptr) return 0;
  std::vector<patchbay_delivery> deliveries;
  for (const auto& each : messages) {
    patchbay_delivery d{};
    d.size = sizeof d;
    d.qos = each.qos;
    d.retain = each.retain ? 1 : 0;
    d.delivery = each.qos == 0 ? 0 : ++deliveries_;
    d.message = parent_.messages_.make(each);
    d.subscription_ids = &subscription_id;
    d.subscription_id_count = subscription_id == 0 ? 0 : 1;
    deliveries.push_back(d);
  }
  std::size_t taken = 0;
  {
    const role_scope role(PATCHBAY_THREAD_SHARD, 0);
    taken = parent_.protocol->on_deliver(state_, deliveries.data(), deliveries.size());
  }
  for (const auto& each : deliveries) parent_.messages_.forget(each.message);
  if (taken > messages.size()) parent_.core_.violation("on_deliver took more than there was");
  pump();
  return taken;
}

inline void fake_client::kick(std::uint32_t reason) {
  if (state_ == nullptr) return;
  {
    const role_scope role(PATCHBAY_THREAD_SHARD, 0);
    parent_.protocol->on_kick(state_, reason);
  }
  pump();
  if (state_ != nullptr) end(reason);
}

inline void fake_client::run_timer() {
  if (state_ == nullptr || timer_due_ms_ == 0 || timer_due_ms_ > parent_.core_.now_ms) return;
  timer_due_ms_ = 0;
  {
    const role_scope role(PATCHBAY_THREAD_SHARD, 0);
    parent_.protocol->on_timer(state_);
  }
  pump();
}

inline void fake_client::become_writable() {
  if (state_ == nullptr) return;
  write_busy = false;
  {
    const role_scope role(PATCHBAY_THREAD_SHARD, 0);
    parent_.protocol->on_writable(state_);
  }
  pump();
}

inline void fake_client::later(std::uint64_t operation, patchbay_result result, std::string text) {
  results_.push_back({operation, result, std::move(text)});
}

/// Nothing nests: results, and the end, come after the call that asked.
inline void fake_client::pump() {
  while (!results_.empty() && state_ != nullptr) {
    pending next = std::move(results_.front());
    results_.pop_front();
    next.result.text = str(next.text);
    const role_scope role(PATCHBAY_THREAD_SHARD, 0);
    parent_.protocol->on_result(state_, next.operation, &next.result);
  }
  if (close_asked_ != UINT32_MAX && state_ != nullptr) end(close_asked_);
}

inline void fake_client::end(std::uint32_t reason) {
  if (state_ == nullptr) return;
  closed_ = true;
  close_reason_ = reason;
  const role_scope role(PATCHBAY_THREAD_SHARD, 0);
  parent_.protocol->on_close(std::exchange(state_, nullptr), reason);
  --parent_.open_;
}

inline patchbay_status fake_client::connect(const patchbay_connect& c, std::uint64_t operation) {
  if (std::exchange(connect_asked_, true)) return PATCHBAY_INVALID;
  client_id_ = text(c.client_id).empty() ? "assigned-" + std::to_string(parent_.core_.next_number())
                                         : std::string(text(c.client_id));
  username_ = text(c.username);
  password_ = text(c.password);
  if (c.will_ref != nullptr && parent_.messages_.take_over(c.will_ref, "client_connect"))
    parent_.messages_.forget(c.will_ref);
  connected_ = next_reason < 0x80;
  client_fields fields;
  fields.client_id = client_id_;
  fields.username = username_;
  if (connected_) client_ = parent_.clients_.add(fields);
  later(operation, success(), client_id_);
  return PATCHBAY_OK;
}

inline patchbay_status fake_client::publish(const patchbay_message* m, std::uint64_t operation) {
  if (!parent_.messages_.take_over(m, "publish")) return PATCHBAY_INVALID;
  message_fields fields = messages::fields_of(m);
  parent_.messages_.forget(m);
  if (!connected_) return PATCHBAY_INVALID;
  fields.publisher_client_id = client_id_;
  if (next_reason < 0x80) parent_.publishing_.record(std::move(fields));
  later(operation, success());
  return PATCHBAY_OK;
}

inline patchbay_status fake_client::subscribe(patchbay_str filter, std::uint8_t qos, std::uint64_t operation) {
  if (!connected_) return PATCHBAY_INVALID;
  if (next_reason < 0x80) subscriptions_[std::string(text(filter))] = qos;
  patchbay_result result = success();
  result.granted_qos = qos;
  later(operation, result);
  return PATCHBAY_OK;
}

inline patchbay_status fake_client::write(const patchbay_bytes* spans, std::size_t count) {
  if (closed_) return PATCHBAY_CLOSED;
  for (std::size_t i = 0; i < count; ++i) output_.append(text(spans[i]));
  return write_busy ? PATCHBAY_BUSY : PATCHBAY_OK;
}

inline void connections::fill(patchbay_broker_client& table) {
  using connection = patchbay_connection*;
  table.client_connect = [](connection c, const patchbay_connect* with, std::uint64_t op) {
    return of(c).connect(*with, op);
  };
  table.publish = [](connection c, const patchbay_message* m, std::uint64_t op) { return of(c).publish(m, op); };
  table.subscribe = [](connection c, patchbay_str filter, std::uint8_t qos, std::uint8_t, std::uint32_t,
                       std::uint64_t op) { return of(c).subscribe(filter, qos, op); };
  table.unsubscribe = [](connection c, patchbay_str filter, std::uint64_t op) {
    of(c).subscriptions_.erase(std::string(text(filter)));
    of(c).later(op, of(c).success());
    return patchbay_status{PATCHBAY_OK};
  };
  table.ack = [](connection c, std::uint64_t delivery, std::uint8_t reason) {
    of(c).acknowledged_.emplace_back(delivery, reason);
    return patchbay_status{delivery == 0 || delivery > of(c).deliveries_ ? PATCHBAY_NOT_FOUND : PATCHBAY_OK};
  };
  table.credit = [](connection c, std::uint32_t maximum) {
    return of(c).credit_ = maximum, patchbay_status{PATCHBAY_OK};
  };
  table.disconnect = [](connection c, std::uint8_t with_will) {
    of(c).disconnected_ = true;
    of(c).with_will_ = with_will != 0;
    return patchbay_status{PATCHBAY_OK};
  };
  table.write = [](connection c, const patchbay_bytes* spans, std::size_t count) { return of(c).write(spans, count); };
  table.write_payload = [](connection c, const patchbay_message* m, std::size_t offset, std::size_t len) {
    const std::string payload = messages::fields_of(m).payload;
    const patchbay_bytes part = raw_bytes(std::string_view(payload).substr(std::min(offset, payload.size()), len));
    return of(c).write(&part, 1);
  };
  table.pause_read = [](connection c) { return of(c).reading_ = false, patchbay_status{PATCHBAY_OK}; };
  table.resume_read = [](connection c) { return of(c).reading_ = true, patchbay_status{PATCHBAY_OK}; };
  table.timer_set = [](connection c, std::uint64_t delay) {
    of(c).timer_due_ms_ = delay == 0 ? 0 : of(c).parent_.core_.now_ms + delay;
    return patchbay_status{PATCHBAY_OK};
  };
  table.close = [](connection c, std::uint32_t reason) {
    return of(c).close_asked_ = reason, patchbay_status{PATCHBAY_OK};
  };
  table.client = [](connection c) -> const patchbay_client* { return of(c).client_; };
}

}  // namespace patchbay::testing
