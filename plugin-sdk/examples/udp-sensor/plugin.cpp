// Sensors that send a datagram "id value" now and then. The first one of a peer logs it in as client "sensor-<id>";
// each becomes a message sensors/<id>; what is published to sensors/<id>/set goes back as a datagram. The core ends
// associations that are silent.
#include <patchbay/plugin.hpp>
#include <patchbay/protocol.hpp>

#include <algorithm>
#include <cctype>

struct udp_sensor;

struct sensor final : patchbay::protocol_connection<sensor, udp_sensor> {
  using protocol_connection::protocol_connection;
  enum operation : std::uint64_t { login = 1, set_topic = 2, value = 3 };

  std::size_t on_bytes(patchbay::bytes datagram, std::size_t&) {
    const std::string_view text = patchbay::as_text(datagram);
    const std::size_t space = text.find(' ');
    const std::string_view id = text.substr(0, space);
    if (space == std::string_view::npos || !valid(id) || (!id_.empty() && id != id_)) {
      write("error: expected \"id value\", id of letters and digits");
    } else if (connected_) {
      send(text.substr(space + 1));
    } else {
      waiting_ = std::string(text.substr(space + 1));  // the newest reading counts
      if (id_.empty()) log_in(id);
    }
    return datagram.size();
  }
  std::size_t on_deliver(std::span<const patchbay_delivery> deliveries) {
    for (const auto& each : deliveries) {
      write("set ", message_of(each).payload_text());
      if (each.qos != 0) ack(each);
    }
    return deliveries.size();
  }
  void on_result(std::uint64_t what, const patchbay_result& result) {
    if (what != login) return;
    if (result.reason >= 0x80) return void(close());
    connected_ = true;
    subscribe("sensors/" + id_ + "/set", set_topic);
    send(waiting_);
  }

 private:
  static bool valid(std::string_view id) {
    return !id.empty() && id.size() <= 32 &&
           std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c); });
  }
  void log_in(std::string_view id) {
    id_ = std::string(id);
    const std::string client_id = "sensor-" + id_;
    patchbay_connect with{};
    with.client_id = patchbay::raw_text(client_id);
    with.clean_start = 1;
    connect(with, login);
  }
  void send(std::string_view reading) {
    publish(patchbay::message_builder(host()).topic("sensors/" + id_).payload(reading).build(), value);
  }
  std::string id_;
  std::string waiting_;
  bool connected_ = false;
};

struct udp_sensor final : patchbay::plugin<udp_sensor>, patchbay::protocol<udp_sensor, sensor> {
  using plugin::plugin;
  static constexpr patchbay::protocol_description description{
      .id = "sensor", .name = "SENSOR", .transports = PATCHBAY_TRANSPORT_UDP | PATCHBAY_TRANSPORT_DTLS};
};
PATCHBAY_PLUGIN(udp_sensor)
