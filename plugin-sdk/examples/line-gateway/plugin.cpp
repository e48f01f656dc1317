// A protocol of text lines over TCP. The core brings sockets, TLS, limits, the access chain and the session; here is
// only the language:
//   HELLO id [user password] | PUB topic text | SUB filter | UNSUB filter | PING | BYE      ->   OK ... | ERR ... | MSG
//   topic text | PONG
#include <patchbay/plugin.hpp>
#include <patchbay/protocol.hpp>

struct line_gateway;

struct line_connection final : patchbay::protocol_connection<line_connection, line_gateway> {
  using protocol_connection::protocol_connection;
  enum operation : std::uint64_t { hello = 1, other = 2 };

  std::size_t on_bytes(patchbay::bytes in, std::size_t&) {
    const std::string_view text = patchbay::as_text(in);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return 0;  // the host keeps it until more has come
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto code = command(word(line), line);
    if (code != PATCHBAY_OK) write("ERR ", patchbay::status_name(code), "\n");
    return end + 1;
  }
  std::size_t on_deliver(std::span<const patchbay_delivery> deliveries) {
    std::size_t taken = 0;
    for (const auto& each : deliveries) {
      const auto message = message_of(each);
      const auto code = write("MSG ", message.topic(), " ", message.payload_text(), "\n");
      if (each.qos != 0) ack(each);  // a line that TCP has taken is delivered, as far as this protocol can know
      ++taken;
      if (code != PATCHBAY_OK) break;
    }
    return taken;
  }
  void on_result(std::uint64_t what, const patchbay_result& result) {
    if (result.reason < 0x80) return void(write("OK ", what == hello ? patchbay::text(result.text) : "", "\n"));
    write("ERR ", std::to_string(result.reason), "\n");
    if (what == hello) close();
  }
  void on_kick(std::uint32_t reason) {
    write("BYE\n");
    close(reason);
  }

 private:
  static std::string_view word(std::string_view& rest) {
    const std::size_t end = rest.find(' ');
    const std::string_view first = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return first;
  }
  patchbay::status command(std::string_view name, std::string_view rest) {
    if (name == "HELLO") return greet(rest);
    if (name == "SUB") return subscribe(rest, other);
    if (name == "UNSUB") return unsubscribe(rest, other);
    if (name == "PING") return write("PONG\n");
    if (name == "PUB") {
      const std::string_view topic = word(rest);
      return publish(patchbay::message_builder(host()).topic(topic).payload(rest).qos(1).build(), other);
    }
    if (name != "BYE") return PATCHBAY_UNSUPPORTED;
    disconnect();
    return close();
  }
  patchbay::status greet(std::string_view rest) {
    patchbay_connect with{};
    with.client_id = patchbay::raw_text(word(rest));
    with.username = patchbay::raw_text(word(rest));
    with.password = patchbay::raw_bytes(patchbay::as_bytes(rest));
    with.has_password = rest.empty() ? 0 : 1;
    with.clean_start = 1;
    with.keep_alive_s = 120;
    with.protocol_version = 1;
    return connect(with, hello);
  }
};

struct line_gateway final : patchbay::plugin<line_gateway>, patchbay::protocol<line_gateway, line_connection> {
  using plugin::plugin;
  static constexpr patchbay::protocol_description description{.id = "line", .name = "LINE"};
};
PATCHBAY_PLUGIN(line_gateway)
