// SPDX-License-Identifier: Apache-2.0
// Protocols: a class for one connection, and the plugin that makes them.
//
//   struct line_connection final : patchbay::protocol_connection<line_connection, line_gateway> {
//     using protocol_connection::protocol_connection;
//     std::size_t on_bytes(patchbay::bytes in, std::size_t& need) { ... }
//     std::size_t on_deliver(std::span<const patchbay_delivery> deliveries) { ... }
//   };
//   struct line_gateway final : patchbay::plugin<line_gateway>, patchbay::protocol<line_gateway, line_connection> {
//     using plugin::plugin;
//     static constexpr patchbay::protocol_description description{.id = "line", .name = "LINE"};
//   };
//
// A connection may have `bool on_open(const patchbay_connection_info&)`, which may refuse, and for hot upgrades
// `status freeze(writer)` and `bool thaw(const patchbay_connection_info&, bytes)`.
#pragma once

#include <memory>

#include "patchbay/client.hpp"
#include "patchbay/instance_access.hpp"
#include "patchbay/message_builder.hpp"

namespace patchbay {

struct protocol_description {
  std::string_view id;
  std::string_view name;
  std::uint32_t transports = PATCHBAY_TRANSPORT_TCP | PATCHBAY_TRANSPORT_TLS;
  std::uint32_t maximum_unconsumed_bytes = 65536;
  std::span<const patchbay_str> websocket_subprotocols = {};
  std::span<const patchbay_str> alpn = {};
};

/// Base of a connection's class: what the broker can do for it. All [shard]. Statuses are those of
/// patchbay_broker_client.
template <typename Derived, typename Plugin>
class protocol_connection {
 public:
  protocol_connection(Plugin& owner, const patchbay_broker_client* table, patchbay_connection* raw)
      : owner_(owner), table_(table), raw_(raw) {}
  protocol_connection(const protocol_connection&) = delete;
  protocol_connection& operator=(const protocol_connection&) = delete;

  Plugin& owner() const { return owner_; }
  patchbay::host host() const { return owner_.host(); }

  status connect(patchbay_connect with, std::uint64_t operation) {
    with.size = sizeof with;
    return table_->client_connect(raw_, &with, operation);
  }
  status publish(message_ref message, std::uint64_t operation) {
    return !message ? PATCHBAY_INVALID : table_->publish(raw_, message.release(), operation);
  }
  status subscribe(std::string_view filter, std::uint64_t operation, std::uint8_t maximum_qos = 1,
                   std::uint32_t id = 0) {
    return table_->subscribe(raw_, raw_text(filter), maximum_qos, 0, id, operation);
  }
  status unsubscribe(std::string_view filter, std::uint64_t operation) {
    return table_->unsubscribe(raw_, raw_text(filter), operation);
  }
  status ack(const patchbay_delivery& delivery, std::uint8_t reason = 0) {
    return table_->ack(raw_, delivery.delivery, reason);
  }
  status credit(std::uint32_t receive_maximum) { return table_->credit(raw_, receive_maximum); }
  status disconnect(bool with_will = false) { return table_->disconnect(raw_, with_will ? 1 : 0); }
  /// The parts are written together. For datagrams: one call, one datagram.
  template <typename... Parts>
  status write(const Parts&... parts) {
    const patchbay_bytes spans[] = {raw_bytes(as_bytes(std::string_view(parts)))...};
    return table_->write(raw_, spans, sizeof...(parts));
  }
  status write_payload(message of, std::size_t offset, std::size_t len) {
    return table_->write_payload(raw_, of.raw(), offset, len);
  }
  status pause_read() { return table_->pause_read(raw_); }
  status resume_read() { return table_->resume_read(raw_); }
  status set_timer(std::chrono::milliseconds delay) {
    return table_->timer_set(raw_, static_cast<std::uint64_t>(delay.count()));
  }
  status close(std::uint32_t reason = PATCHBAY_CLOSE_NORMAL) { return table_->close(raw_, reason); }
  message message_of(const patchbay_delivery& delivery) const { return {host().raw(), delivery.message}; }

  // What a class leaves out does nothing.
  void on_result(std::uint64_t, const patchbay_result&) {}
  void on_timer() {}
  void on_writable() {}
  void on_kick(std::uint32_t reason) { close(reason); }
  void on_close(std::uint32_t) {}
  std::size_t on_deliver(std::span<const patchbay_delivery> deliveries) { return deliveries.size(); }

 private:
  Plugin& owner_;
  const patchbay_broker_client* table_;
  patchbay_connection* raw_;
};

/// Base of a plugin that provides a protocol. A connection whose constructor or whose on_bytes throws is closed, and
/// the log says why.
template <typename Plugin, typename Connection>
class protocol {
 public:
  static const patchbay_protocol* protocol_table() { return &table; }

 private:
  static Connection& of(void* state) { return *static_cast<Connection*>(state); }
  template <typename Body>
  static auto fenced(void* state, Body body) noexcept -> decltype(body()) {
    Connection& connection = of(state);
    try {
      return body();
    } catch (const std::exception& e) {
      connection.host().log_error("a connection is closed because it threw: ", e.what());
    } catch (...) {
      connection.host().log_error("a connection is closed because it threw");
    }
    connection.close(PATCHBAY_CLOSE_ERROR);
    return decltype(body())();
  }
  static const patchbay_protocol_description* describe(void*) noexcept {
    static constexpr patchbay_protocol_description raw = {
        sizeof(patchbay_protocol_description),
        Plugin::description.transports,
        {Plugin::description.id.data(), Plugin::description.id.size()},
        {Plugin::description.name.data(), Plugin::description.name.size()},
        Plugin::description.websocket_subprotocols.data(),
        Plugin::description.websocket_subprotocols.size(),
        Plugin::description.alpn.data(),
        Plugin::description.alpn.size(),
        Plugin::description.maximum_unconsumed_bytes,
        0};
    return &raw;
  }
  /// A connection of the class; null where its constructor throws or `accept` says no.
  template <typename Accept>
  static void* make(void* self, patchbay_connection* raw, Accept accept) noexcept {
    Plugin& plugin = *static_cast<Plugin*>(self);
    try {
      auto made = std::make_unique<Connection>(plugin, detail::instance_access::runtime_of(plugin).broker_client, raw);
      return accept(*made) ? made.release() : nullptr;
    } catch (const std::exception& e) {
      plugin.host().log_error("a connection is refused because it threw: ", e.what());
    } catch (...) {
      plugin.host().log_error("a connection is refused because it threw");
    }
    return nullptr;
  }
  static bool opened(Connection& connection, const patchbay_connection_info& info) {
    if constexpr (requires { connection.on_open(info); }) return connection.on_open(info);
    return true;
  }
  static void* open(void* self, patchbay_connection* raw, const patchbay_connection_info* info) noexcept {
    return make(self, raw, [&](Connection& connection) { return opened(connection, *info); });
  }
  static patchbay_status freeze(void* state, patchbay_writer* out) noexcept {
    try {
      return of(state).freeze(writer(out));
    } catch (...) {
      return PATCHBAY_FAILED;
    }
  }
  static void* thaw(void* self, patchbay_connection* raw, const patchbay_connection_info* info,
                    patchbay_bytes frozen) noexcept {
    return make(self, raw, [&](Connection& connection) { return connection.thaw(*info, span(frozen)); });
  }
  static constexpr auto freeze_function() -> patchbay_status (*)(void*, patchbay_writer*) {
    if constexpr (requires(Connection & c, writer out) { c.freeze(out); }) return &freeze;
    return nullptr;
  }
  static constexpr auto thaw_function()
      -> void* (*)(void*, patchbay_connection*, const patchbay_connection_info*, patchbay_bytes) {
    if constexpr (requires(Connection & c, const patchbay_connection_info& info, bytes in) { c.thaw(info, in); }) {
      return &thaw;
    }
    return nullptr;
  }
  static constexpr patchbay_protocol table = {
      sizeof(patchbay_protocol),
      0,
      &describe,
      &open,
      [](void* state, patchbay_bytes in, std::size_t* need) noexcept {
        return fenced(state, [&] { return of(state).on_bytes(span(in), *need); });
      },
      [](void* state, const patchbay_delivery* list, std::size_t count) noexcept {
        return fenced(state, [&] { return of(state).on_deliver(std::span(list, count)); });
      },
      [](void* state, std::uint64_t operation, const patchbay_result* result) noexcept {
        fenced(state, [&] { of(state).on_result(operation, *result); });
      },
      [](void* state) noexcept { fenced(state, [&] { of(state).on_timer(); }); },
      [](void* state) noexcept { fenced(state, [&] { of(state).on_writable(); }); },
      [](void* state, std::uint32_t reason) noexcept { fenced(state, [&] { of(state).on_kick(reason); }); },
      [](void* state, std::uint32_t reason) noexcept {
        fenced(state, [&] { of(state).on_close(reason); });
        delete &of(state);
      },
      freeze_function(),
      thaw_function()};
};

}  // namespace patchbay
