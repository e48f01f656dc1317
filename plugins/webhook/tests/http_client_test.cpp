#include "support/http_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "fault_server.h"

using namespace patchbay::support;  // NOLINT: test
using patchbay::webhook::FaultServer;
using patchbay::wire::CertificateAuthority;
using patchbay::wire::TemporaryFolder;

namespace {

HttpRequest request_of(const std::string& url, HttpOptions options = {}) {
  HttpRequest out;
  out.url = url;
  out.headers = {"Content-Type: application/json", "X-Test: yes"};
  out.body = "{\"a\":1}";
  out.options = std::make_shared<const HttpOptions>(std::move(options));
  return out;
}

HttpOptions impatient() {
  HttpOptions out;
  out.connect_timeout = std::chrono::milliseconds(1'000);
  out.timeout = std::chrono::milliseconds(400);
  return out;
}

/// Sends, and works until the response is there.
HttpResponse exchange(HttpClient& client, HttpRequest request) {
  std::optional<HttpResponse> out;
  client.send(std::move(request), [&](HttpResponse response) { out = std::move(response); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!out && std::chrono::steady_clock::now() < end) client.run_once(std::chrono::milliseconds(100));
  REQUIRE(out);
  return *out;
}

/// A server that answers when the test says so: what it has sent is with the client then.
class PlayedServer {
 public:
  PlayedServer() : port_(patchbay::wire::free_port()), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
  }
  ~PlayedServer() {
    ::close(listener_);
    ::close(connection_);
  }
  PlayedServer(const PlayedServer&) = delete;
  PlayedServer& operator=(const PlayedServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  /// Whether a request has come in whole.
  [[nodiscard]] bool has_request() {
    if (connection_ < 0) connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    std::array<char, 4096> part{};
    const ssize_t size = ::recv(connection_, part.data(), part.size(), 0);
    if (size > 0) request_.append(part.data(), static_cast<size_t>(size));
    return request_.ends_with("{\"a\":1}");
  }
  void answer() const {
    const std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    REQUIRE(::send(connection_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }

 private:
  uint16_t port_;
  int listener_;
  int connection_ = -1;
  std::string request_;
};

}  // namespace

TEST_CASE("http: a request and its response, and the connection is used again") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = exchange(client, request_of(server.url("/x?y=1")));
    CHECK(response.error == HttpError::none);
    CHECK(response.status == 200);
    CHECK(response.body == "{}");
    CHECK(response.content_type == "application/json");
  }
  CHECK(client.open() == 0);
  const auto seen = server.requests();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0]["path"] == "/x?y=1");
  CHECK(seen[0]["body"] == "{\"a\":1}");
  CHECK(seen[0]["headers"]["x-test"] == "yes");
  CHECK_FALSE(seen[0]["headers"].contains("expect"));
}

TEST_CASE("http: what a callback sends goes at once, however patient the client is") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  HttpClient client;
  int answered = 0;
  std::function<void(HttpResponse)> again = [&](const HttpResponse&) {
    if (++answered < 4) client.send(request_of(server.url("/")), again);
  };
  const auto begin = std::chrono::steady_clock::now();
  client.run_once(std::chrono::milliseconds(0));  // from here on this is the client's thread
  client.send(request_of(server.url("/")), again);
  while (answered < 4 && std::chrono::steady_clock::now() - begin < std::chrono::seconds(20))
    client.run_once(std::chrono::seconds(5));
  CHECK(answered == 4);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(4));
}

TEST_CASE("http: an answer that is there already is handed over at once, however patient the client is") {
  PlayedServer server;
  HttpClient client;
  bool answered = false;
  client.send(request_of(server.url()), [&](const HttpResponse& response) { answered = response.status == 200; });
  const auto begin = std::chrono::steady_clock::now();
  while (!server.has_request() && std::chrono::steady_clock::now() - begin < std::chrono::seconds(10))
    client.run_once(std::chrono::milliseconds(1));
  server.answer();
  const auto answered_at = std::chrono::steady_clock::now();
  client.run_once(std::chrono::seconds(5));
  CHECK(answered);
  CHECK(std::chrono::steady_clock::now() - answered_at < std::chrono::seconds(4));
}

TEST_CASE("http: nothing of a request is left for those that come after it") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  HttpClient client;
  const auto options = std::make_shared<const HttpOptions>();
  const auto with = [&](const std::string& method, const std::string& path, const std::string& body) {
    HttpRequest out = request_of(server.url(path));
    out.method = method;
    out.body = body;
    out.headers = {"X-Body: " + body};
    out.options = options;
    return exchange(client, out);
  };
  CHECK(with("POST", "/long", "a long body").status == 200);
  server.mode("429&seconds=3");
  CHECK(with("POST", "/", "x").retry_after == std::chrono::seconds(3));
  server.mode("ok");
  const HttpResponse short_one = with("POST", "/short", "b");
  CHECK_FALSE(short_one.retry_after);
  CHECK(short_one.body == "{}");
  CHECK(with("GET", "/get", "").status == 501);  // the server knows no GET
  CHECK(with("PUT", "/put", "").status == 200);
  CHECK(with("POST", "/last", "c").status == 200);
  const auto seen = server.requests();
  REQUIRE(seen.size() == 4);
  const std::vector<std::string> paths = {"/long", "/short", "/put", "/last"};
  const std::vector<std::string> bodies = {"a long body", "b", "", "c"};
  for (size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i]["path"] == paths[i]);
    CHECK(seen[i]["body"] == bodies[i]);
    CHECK(seen[i]["headers"].value("x-body", "") == bodies[i]);
  }
}

TEST_CASE("http: faults of a server have names") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  HttpClient client;
  const auto after = [&](const std::string& mode) {
    server.mode(mode);
    return exchange(client, request_of(server.url(), impatient()));
  };
  CHECK(after("500").status == 500);
  const HttpResponse limited = after("429&seconds=3");
  CHECK(limited.status == 429);
  CHECK(limited.retry_after == std::chrono::seconds(3));
  CHECK(after("close").error == HttpError::closed);
  CHECK(after("hang").error == HttpError::timeout);
  CHECK(after("drip").error == HttpError::timeout);
  const HttpResponse redirect = after("redirect");
  CHECK(redirect.status == 307);  // not followed
  CHECK(redirect.error == HttpError::none);
  server.stop();
  const HttpResponse refused = exchange(client, request_of(server.url(), impatient()));
  CHECK(refused.error == HttpError::connect);
  CHECK_FALSE(refused.error_text.empty());
  CHECK(exchange(client, request_of("http://does-not-exist.invalid/", impatient())).error != HttpError::none);
  CHECK(client.open() == 0);
}

TEST_CASE("http: a response longer than what is wanted ends with the status it had") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  HttpClient client;
  HttpOptions options;
  options.response_bytes_max = 1;
  const HttpResponse response = exchange(client, request_of(server.url(), options));
  CHECK(response.error == HttpError::response_too_large);
  CHECK(response.status == 200);
  CHECK(response.body == "{");
}

TEST_CASE("http: certificates are verified, with the authority's and with the name") {
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  FaultServer server(folder, authority.issue("hooks.example"));
  server.start();
  HttpClient client;
  CHECK(exchange(client, request_of(server.url())).error == HttpError::tls);
  HttpOptions trusting;
  trusting.ca_file = authority.certificate_file();
  CHECK(exchange(client, request_of(server.url(), trusting)).status == 200);
  const std::string by_name = "https://localhost:" + std::to_string(server.port()) + "/";
  const HttpResponse other_name = exchange(client, request_of(by_name, trusting));
  CHECK(other_name.error == HttpError::tls);
  CHECK(other_name.status == 0);
  HttpOptions careless;
  careless.verify = false;
  CHECK(exchange(client, request_of(by_name, careless)).status == 200);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("http: a server that wants to know who asks is shown the client's certificate") {
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  const auto own = authority.issue("broker.example");
  FaultServer server(folder, authority.issue("hooks.example"));
  server.demand_certificates_of(authority);
  server.start();
  HttpClient client;
  HttpOptions options;
  options.ca_file = authority.certificate_file();
  CHECK(exchange(client, request_of(server.url(), options)).error != HttpError::none);
  options.certificate_file = own.certificate_file;
  options.key_file = own.key_file;
  CHECK(exchange(client, request_of(server.url(), options)).status == 200);
  options.key_file = folder.path("nowhere.pem");
  HttpClient another;  // the first one has a connection still
  CHECK(exchange(another, request_of(server.url(), options)).error == HttpError::tls);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("http: what the fence forbids is not connected to") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  HttpClient client;
  std::string reason;
  HttpOptions fenced;
  fenced.guard = *AddressGuard::make({}, {"192.0.2.0/24"}, reason);
  CHECK(exchange(client, request_of(server.url(), fenced)).error == HttpError::refused_by_guard);
  // A name that is allowed, and leads to an address that isn't.
  const std::string by_name = "http://localhost:" + std::to_string(server.port()) + "/";
  CHECK(exchange(client, request_of(by_name, fenced)).error == HttpError::refused_by_guard);
  fenced.guard = *AddressGuard::make({"hooks.example"}, {}, reason);
  CHECK(exchange(client, request_of(server.url(), fenced)).error == HttpError::refused_by_guard);
  CHECK(exchange(client, request_of("http://169.254.169.254/latest/meta-data", impatient())).error ==
        HttpError::refused_by_guard);
  CHECK(server.requests().empty());
}

TEST_CASE("http: a request that is cancelled doesn't come back") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  server.mode("slow&seconds=0.2");
  HttpClient client;
  bool called = false;
  const uint64_t number = client.send(request_of(server.url()), [&](const HttpResponse&) { called = true; });
  client.run_once(std::chrono::milliseconds(50));
  client.cancel(number);
  CHECK(exchange(client, request_of(server.url())).status == 200);
  CHECK_FALSE(called);
  CHECK(client.open() == 0);
}
