// The first line is the client id; each line after it is published to lines/<client id>.
#include <patchbay/plugin.hpp>
#include <patchbay/protocol.hpp>

struct PLUGIN_CLASS;

struct connection final : patchbay::protocol_connection<connection, PLUGIN_CLASS> {
  using protocol_connection::protocol_connection;

  std::size_t on_bytes(patchbay::bytes in, std::size_t&) {
    const std::string_view text = patchbay::as_text(in);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return 0;  // the host keeps it until more has come
    const std::string_view line = text.substr(0, end);
    const auto code = topic_.empty() ? greet(line) : send(line);
    if (code != PATCHBAY_OK) close(PATCHBAY_CLOSE_PROTOCOL);
    return end + 1;
  }
  void on_result(std::uint64_t operation, const patchbay_result& result) {
    if (operation == kConnect && result.reason >= 0x80) close();
  }

 private:
  static constexpr std::uint64_t kConnect = 1, kPublish = 2;
  patchbay::status greet(std::string_view client_id) {
    patchbay_connect with{};
    with.client_id = patchbay::raw_text(client_id);
    with.clean_start = 1;
    topic_ = "lines/" + std::string(client_id);
    return connect(with, kConnect);
  }
  patchbay::status send(std::string_view line) {
    return publish(patchbay::message_builder(host()).topic(topic_).payload(line).build(), kPublish);
  }
  std::string topic_;
};

struct PLUGIN_CLASS final : patchbay::plugin<PLUGIN_CLASS>, patchbay::protocol<PLUGIN_CLASS, connection> {
  using plugin::plugin;
  static constexpr patchbay::protocol_description description{.id = "PLUGIN_NAME", .name = "PLUGIN_NAME"};
};
PATCHBAY_PLUGIN(PLUGIN_CLASS)
