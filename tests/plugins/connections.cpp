// Sees and decides at every hook point of the connection layer, and writes into the log what it saw.
#include <patchbay/plugin.hpp>

namespace {

std::string dotted(patchbay::bytes address) {
  std::string out;
  for (std::size_t i = 12; i < 16; ++i) out += (i == 12 ? "" : ".") + std::to_string(address[i]);
  return out;
}

}  // namespace

struct connections final : patchbay::plugin<connections> {
  using plugin::plugin;

  void tune(patchbay::hook_options& options) {
    // The order of the lines is the order of the events only where nothing waits in a queue.
    if (options.name() == "conn.opened" || options.name() == "conn.closed") options.on_shard();
    if (options.name() == "proto.opened" || options.name() == "proto.closed") options.on_shard();
    if (options.name() == "packet.in" || options.name() == "packet.out") options.on_shard();
  }

  patchbay::verdict on_accept(patchbay::accept_request asked) {
    saw("conn.accept", dotted(asked.peer_address()), asked.listener_id());
    return dotted(asked.peer_address()) == "127.0.0.9" ? patchbay::verdict::deny() : patchbay::verdict::cont();
  }
  patchbay::verdict on_conn_detect(patchbay::event<patchbay_conn_detect_event> asked) {
    const std::string_view first = patchbay::as_text(asked.first_bytes());
    saw("conn.detect", first.substr(0, 5),
        std::string(asked.server_name()) + "|" + std::string(asked.websocket_path()));
    if (first.starts_with("X")) return patchbay::verdict::deny();
    if (first.size() < 5 && std::string_view("HELLO").starts_with(first)) return patchbay::verdict::drop();
    return first.starts_with("HELLO") ? answer().protocol("line") : patchbay::verdict::cont();
  }
  patchbay::verdict on_conn_tls_psk(patchbay::event<patchbay_conn_tls_psk_event> asked) {
    saw("conn.tls_psk", asked.identity(), asked.listener_id());
    static constexpr std::string_view key = "0123456789abcdef";
    return asked.identity() == "sensor" ? answer().key(patchbay::as_bytes(key)) : patchbay::verdict::deny();
  }
  patchbay::verdict on_conn_tls_cert(patchbay::certificate_request asked) {
    saw("conn.tls_cert", asked.common_name(), std::to_string(asked.der().size() > 100 ? 1 : 0));
    if (asked.common_name() == "mallory") return patchbay::verdict::deny();
    patchbay_certificate_identity identity{};
    identity.username = patchbay::raw_text("user-of-the-certificate");
    return answer().certificate(identity);
  }
  patchbay::verdict on_conn_limits(patchbay::event<patchbay_conn_limits_event> asked) {
    saw("conn.limits", dotted(asked.peer_address()), asked.listener_id());
    patchbay_limits limits{};
    limits.maximum_packet_size = 1000;
    return asked.listener_id() == "tcp:small" ? answer().limits(limits) : patchbay::verdict::cont();
  }
  void on_conn_opened(patchbay::connection_event told) { saw("conn.opened", told.listener_id(), told.protocol_name()); }
  void on_conn_closed(patchbay::connection_event told) {
    saw("conn.closed", told.listener_id(),
        std::to_string(told->bytes_received) + " " + std::to_string(told->bytes_sent) + " " +
            std::string(patchbay::text(told->reason)));
  }
  void on_proto_opened(patchbay::connection_event told) {
    saw("proto.opened", told.listener_id(), told.protocol_name());
  }
  void on_proto_closed(patchbay::connection_event told) {
    saw("proto.closed", told.listener_id(), told.protocol_name());
  }
  void on_packet_in(patchbay::packet_event told) {
    saw("packet.in", std::to_string(told->packet_type),
        std::to_string(told->packet_size) + " " + std::string(told.topic()));
  }
  void on_packet_out(patchbay::packet_event told) {
    saw("packet.out", std::to_string(told->packet_type),
        std::to_string(told->packet_size) + " " + std::string(told.topic()));
  }
  void on_connected(patchbay::client_event told) { saw("connected", told.client().id(), told.client().username()); }

 private:
  void saw(std::string_view point, std::string_view what, std::string_view more) {
    host().log_info("saw ", point, " ", what, " [", more, "]");
  }
};
PATCHBAY_PLUGIN(connections, R"({"id":"org.example.connections","version":"1.0.0"})")
