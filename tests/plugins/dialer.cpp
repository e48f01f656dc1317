// Connects to a broker over patchbay.transport/1 and says CONNECT in MQTT 3.1.1; the log has what comes of it.
#include <patchbay/plugin.hpp>
#include <patchbay/streams.hpp>

#include <memory>

struct target {
  std::string host = "127.0.0.1";
  std::string server_name;
  std::string ca_file;
  std::int64_t port = 0;
  bool tls = false;
  bool stay = false;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("host", host);
    f.optional("server_name", server_name);
    f.optional("ca_file", ca_file);
    f.required("port", port);
    f.optional("tls", tls);
    f.optional("stay", stay);
  }
};

struct connection final : patchbay::stream<connection> {
  connection(patchbay::host of, const patchbay_transport* table, bool stay) : stream(of, table), stay_(stay) {}

  void on_connected() {
    static constexpr std::string_view hello("\x10\x0e\0\4MQTT\4\2\0\x3c\0\2dl", 16);
    host_.log_info("dialer: connected");
    write(hello);
  }
  std::size_t on_bytes(patchbay::bytes in, std::size_t& need) {
    need = 4;
    if (in.size() < 4) return 0;
    host_.log_info("dialer: packet ", std::to_string(in[0] >> 4), " code ", std::to_string(in[3]));
    if (!stay_) close();
    return 4;
  }
  void on_closed(std::string_view why) {
    host_.log_info("dialer: closed: ", why);
    delete this;
  }

 private:
  bool stay_;
};

struct dialer final : patchbay::plugin<dialer, target> {
  using plugin::plugin;
  void start() {
    const target& to = settings();
    patchbay_stream_target where{};
    where.transport = to.tls ? PATCHBAY_TRANSPORT_TLS : PATCHBAY_TRANSPORT_TCP;
    where.host = patchbay::raw_text(to.host);
    where.server_name = patchbay::raw_text(to.server_name);
    where.ca_file = patchbay::raw_text(to.ca_file);
    where.port = static_cast<std::uint16_t>(to.port);
    where.connect_timeout_ms = 5'000;
    auto made = std::make_unique<connection>(host(), connection::table_of(host()), to.stay);
    patchbay::require(made->open(0, where), "open");
    static_cast<void>(made.release());  // on_closed() frees it
  }
};
PATCHBAY_PLUGIN(dialer, R"({"id":"org.example.dialer","version":"1.0.0","needs":["patchbay.transport/1"],
  "permissions":["transport.outgoing"],
  "config":{"type":"object","additionalProperties":false,"required":["port"],"properties":{
    "host":{"type":"string","default":"127.0.0.1"},"server_name":{"type":"string","default":""},
    "ca_file":{"type":"string","default":""},"port":{"type":"integer"},
    "tls":{"type":"boolean","default":false},"stay":{"type":"boolean","default":false}}}})")
