// A client on the fake host: feeds frames, reads frames.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <patchbay/testing/fake_host.hpp>

#include "answer.h"

namespace patchbay::stomp::test {

class StompHost {
 public:
  explicit StompHost(const std::string& settings = "{}") : file_(PATCHBAY_STOMP_PLUGIN) {
    host.settings(settings);
    const auto status = host.start(file_.entry());
    INFO(host.errors());
    REQUIRE(status == PATCHBAY_OK);
  }
  ~StompHost() {
    host.stop();
    CHECK(host.leaks().none());
    CHECK(host.violations().empty());
  }

 private:
  patchbay::testing::plugin_file file_;

 public:
  patchbay::testing::fake_host host;
};

class StompClient {
 public:
  explicit StompClient(StompHost& on, Version version = Version::v1_2)
      : version_(version), raw(on.host.protocol.connect()) {}
  /// One that has been let in.
  static StompClient connected(StompHost& on, Version version = Version::v1_2, const std::string& headers = {}) {
    StompClient client(on, version);
    const std::string text(version_text(version));
    const Answer answer = client.ask("CONNECT\naccept-version:" + text + "\nhost:x\n" + headers + "\n");
    REQUIRE(answer.command == "CONNECTED");
    REQUIRE(answer.value("version") == text);
    return client;
  }

  /// A frame without its NUL.
  void send(const std::string& frame) { raw->feed(frame + std::string(1, '\0')); }
  std::vector<Answer> receive() { return frames_of(raw->output(), version_); }
  /// Sends, and expects exactly one frame.
  Answer ask(const std::string& frame) {
    send(frame);
    const auto answers = receive();
    REQUIRE(answers.size() == 1);
    return answers.front();
  }
  /// Sends, and expects nothing.
  void tell(const std::string& frame) {
    send(frame);
    const auto answers = receive();
    INFO((answers.empty() ? std::string() : answers.front().command + answers.front().value("message")));
    REQUIRE(answers.empty());
    REQUIRE(!raw->closed());
  }
  /// Sends, expects an ERROR and the end, and returns its message.
  std::string error(const std::string& frame) {
    const Answer answer = ask(frame);
    CHECK(answer.command == "ERROR");
    CHECK(raw->closed());
    return answer.value("message");
  }
  std::size_t deliver(const std::vector<patchbay::testing::message_fields>& messages, std::uint32_t subscription = 1) {
    return raw->deliver(messages, subscription);
  }

 private:
  Version version_;

 public:
  std::unique_ptr<patchbay::testing::fake_client> raw;
};

}  // namespace patchbay::stomp::test
