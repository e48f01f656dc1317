#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "admin/http_connection.h"

using namespace patchbay::admin;
using patchbay::base::ManualClock;
using Progress = HttpConnection::Progress;
using Next = HttpConnection::Next;

namespace {

struct EchoHandler final : HttpHandler {
  [[nodiscard]] Admission admit(const HttpHead& head, std::string_view peer_address) override {
    ++admitted;
    Admission admission;
    admission.body_bytes_max = 1u << 20;
    admission.begin = [this](const std::string& body, const AnswerLater&) {
      began = body;
      return Begun{now, {}};
    };
    admission.handle = [path = head.path, peer = std::string(peer_address)](const std::string& body) {
      return ApiResponse::text(path + " " + peer + " " + std::to_string(body.size()));
    };
    return admission;
  }

  [[nodiscard]] bool is_prompt(const HttpHead& head) const override { return head.path.starts_with("/prompt"); }

  int admitted = 0;
  std::string began;
  std::optional<ApiResponse> now;  ///< of a request that is begun
};

/// A connection and its peer, on a pair of sockets in this process.
struct Pair {
  Pair() {
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = patchbay::net::UniqueFd(ends[1]);
    auto stream = std::make_unique<HttpStream>(patchbay::net::UniqueFd(ends[0]), nullptr);
    connection = std::make_unique<HttpConnection>(std::move(stream), "10.0.0.1", false, HttpTimeouts{}, clock);
  }
  void send(std::string_view text) {
    REQUIRE(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  std::string received() {
    std::string text(65'536, '\0');
    const ssize_t size = ::recv(peer.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }
  Next exchange() { return connection->exchange(server); }

  ManualClock clock;
  EchoHandler handler;
  HttpServer server{handler, 60};
  patchbay::net::UniqueFd peer;
  std::unique_ptr<HttpConnection> connection;
};

constexpr const char* kGet = "GET /one HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("a head may come byte by byte, and costs no thread until it is whole") {
  Pair pair;
  const std::string text = kGet;
  for (size_t index = 0; index + 1 < text.size(); ++index) {
    pair.send(text.substr(index, 1));
    REQUIRE(pair.connection->collect() == Progress::waits_to_read);
  }
  pair.send(text.substr(text.size() - 1));
  CHECK(pair.connection->collect() == Progress::complete);
  CHECK(pair.exchange() == Next::request);
  CHECK(pair.received().ends_with("/one 10.0.0.1 0"));
  CHECK(pair.connection->collect() == Progress::waits_to_read);
  CHECK(pair.connection->idle());
}

TEST_CASE("a small body is collected with its head") {
  Pair pair;
  pair.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  CHECK(pair.connection->collect() == Progress::waits_to_read);
  CHECK_FALSE(pair.connection->idle());
  pair.send("cde");
  CHECK(pair.connection->collect() == Progress::complete);
  CHECK(pair.exchange() == Next::request);
  CHECK(pair.received().ends_with("/b 10.0.0.1 5"));
}

TEST_CASE("a large body is read by who handles the request") {
  Pair pair;
  const std::string body(100'000, 'x');
  pair.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  CHECK(pair.connection->collect() == Progress::complete);
  pair.send(body);
  CHECK(pair.exchange() == Next::request);
  CHECK(pair.received().ends_with("/b 10.0.0.1 100000"));
}

TEST_CASE("requests that come together are answered one after the other") {
  Pair pair;
  pair.send(std::string(kGet) + "GET /two HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(pair.connection->collect() == Progress::complete);
  CHECK(pair.exchange() == Next::request);
  CHECK(pair.connection->has_request());
  CHECK(pair.exchange() == Next::request);
  CHECK_FALSE(pair.connection->has_request());
  CHECK(pair.received().ends_with("/two 10.0.0.1 0"));
}

TEST_CASE("what is no head is answered, and nothing follows") {
  for (const std::string& text : {std::string("HELO\r\n\r\n"), std::string(20'000, 'a')}) {
    Pair pair;
    pair.send(text);
    CHECK(pair.connection->collect() == Progress::complete);
    CHECK(pair.exchange() == Next::last_bytes);
    CHECK(pair.handler.admitted == 0);
    CHECK(pair.received().starts_with("HTTP/1.1 4"));
    pair.send(kGet);
    CHECK(pair.connection->collect() == Progress::waits_to_read);
    pair.peer.reset();
    CHECK(pair.connection->collect() == Progress::ended);
  }
}

TEST_CASE("time limits: ten seconds for a head, thirty for a body, a minute between requests") {
  Pair pair;
  const uint64_t begin_ms = pair.clock.steady_ms();
  CHECK(pair.connection->deadline_ms() == begin_ms + 10'000);
  pair.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  CHECK(pair.connection->collect() == Progress::waits_to_read);
  CHECK(pair.connection->deadline_ms() == begin_ms + 30'000);
  pair.send("abcde");
  CHECK(pair.connection->collect() == Progress::complete);
  CHECK(pair.exchange() == Next::request);
  CHECK(pair.connection->deadline_ms() == begin_ms + 60'000);
  pair.clock.advance_ms(50'000);
  pair.send("G");
  CHECK(pair.connection->collect() == Progress::waits_to_read);
  CHECK(pair.connection->deadline_ms() == begin_ms + 60'000);
}

TEST_CASE("a peer that is gone ends the connection") {
  Pair pair;
  pair.peer.reset();
  CHECK(pair.connection->collect() == Progress::ended);
}

TEST_CASE("a request that need not wait is begun where it was collected, and finished later") {
  Pair pair;
  pair.send("POST /prompt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  CHECK(pair.connection->collect() == Progress::waits_to_read);
  CHECK_FALSE(pair.connection->is_prompt(pair.handler));
  pair.send("cde" + std::string(kGet));
  CHECK(pair.connection->collect() == Progress::complete);
  REQUIRE(pair.connection->is_prompt(pair.handler));
  CHECK_FALSE(pair.connection->begin(pair.handler, {}).answer);
  CHECK(pair.handler.began == "abcde");
  CHECK(pair.received().empty());
  CHECK(pair.connection->finish(ApiResponse::text("done")) == Next::request);
  const std::string text = pair.received();
  CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(text.find("Content-Length: 4\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\ndone"));
  CHECK(pair.connection->has_request());
  CHECK_FALSE(pair.connection->is_prompt(pair.handler));
  CHECK(pair.exchange() == Next::request);
  CHECK(pair.received().ends_with("/one 10.0.0.1 0"));
}

TEST_CASE("what is begun is answered in the form that was asked for") {
  Pair pair;
  pair.send("HEAD /prompt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(pair.connection->collect() == Progress::complete);
  REQUIRE(pair.connection->is_prompt(pair.handler));
  pair.handler.now = ApiResponse::text("here");
  const Begun begun = pair.connection->begin(pair.handler, {});
  REQUIRE(begun.answer);
  CHECK(pair.connection->finish(*begun.answer) == Next::last_bytes);
  const std::string text = pair.received();
  CHECK(text.find("Content-Length: 4\r\n") != std::string::npos);
  CHECK(text.find("Connection: close\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("a body that a thread has to read, or that HEAD should not have, is not begun") {
  for (const char* head : {"POST /prompt HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
                           "HEAD /prompt HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "HELO\r\n\r\n"}) {
    INFO(head);
    Pair pair;
    pair.send(head);
    CHECK(pair.connection->collect() == Progress::complete);
    CHECK_FALSE(pair.connection->is_prompt(pair.handler));
  }
}

TEST_CASE("an answer that the peer does not take at once is completed by who may wait") {
  Pair pair;
  pair.send("GET /prompt HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(pair.connection->collect() == Progress::complete);
  static_cast<void>(pair.connection->begin(pair.handler, {}));
  const std::string body(8u << 20, 'x');
  CHECK(pair.connection->finish(ApiResponse::text(body)) == Next::unsent);
  CHECK(pair.connection->has_unsent());
  Next next = Next::end;
  std::thread waiter([&] { next = pair.connection->complete_answer(); });
  std::string all;
  while (all.size() <= body.size() || all.size() < all.find("\r\n\r\n") + 4 + body.size()) {
    const std::string part = pair.received();
    if (part.empty()) std::this_thread::yield();
    all += part;
  }
  waiter.join();
  CHECK(next == Next::request);
  CHECK_FALSE(pair.connection->has_unsent());
}
