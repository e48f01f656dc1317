// The real broker with the plugin and its listeners, and a scripted client for what real ones don't do.
#pragma once

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "answer.h"
#include "wire/plugin_broker.h"
#include "wire/support/tcp_socket.h"

namespace patchbay::stomp::test {

inline std::string listener_text(const std::string& type, std::uint16_t port, const std::string& more = {}) {
  return "[listeners." + type + ".stomp]\nbind = \"127.0.0.1:" + std::to_string(port) + "\"\nprotocol = \"stomp\"\n" +
         more;
}

inline std::string plugin_text(const std::string& settings = {}) {
  return "[plugin.stomp]\npermissions = [\"protocol\"]\nsoak_s = 0\n" +
         (settings.empty() ? std::string() : "settings = " + settings + "\n");
}

/// Puts a file into the broker's folder, whole or not at all, as an installer does.
inline void install(const wire::PluginBroker& broker, const std::string& from, const std::string& name) {
  const std::filesystem::path target = std::filesystem::path(broker.plugins()) / name;
  const std::filesystem::path fresh = target.string() + ".new";
  std::filesystem::copy_file(from, fresh, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::permissions(fresh, std::filesystem::perms::owner_all);
  std::filesystem::rename(fresh, target);
}

class StompSocket {
 public:
  explicit StompSocket(std::uint16_t port) : socket_(port) {}
  static StompSocket connected(std::uint16_t port, const std::string& headers = {}) {
    StompSocket client(port);
    REQUIRE(client.ask("CONNECT\naccept-version:1.2\nhost:x\n" + headers + "\n").command == "CONNECTED");
    return client;
  }
  /// A frame without its NUL.
  void send(const std::string& frame) { socket_.send(frame + std::string(1, '\0')); }
  Answer ask(const std::string& frame) {
    send(frame);
    return receive();
  }
  /// The next frame; "<closed>" when there is none.
  Answer receive() {
    FrameParser parser;
    Frame frame;
    for (;;) {
      const auto result = parser.next(unread_, Version::v1_2, {}, frame);
      if (result.status == ParseStatus::frame) {
        Answer answer{std::string(frame.command), {}, std::string(frame.body)};
        for (const Header& header : frame.headers) answer.headers.emplace_back(header.name, header.value);
        unread_.erase(0, result.consumed);
        return answer;
      }
      unread_.erase(0, result.consumed);
      const wire::Bytes more = socket_.receive_some();
      if (more.empty()) return {"<closed>", {}, {}};
      unread_ += more;
    }
  }
  wire::TcpSocket& socket() { return socket_; }

 private:
  wire::TcpSocket socket_;
  std::string unread_;
};

}  // namespace patchbay::stomp::test
