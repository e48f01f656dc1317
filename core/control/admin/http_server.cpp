#include "admin/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "admin/error_codes.h"
#include "admin/http_client.h"
#include "admin/security_headers.h"
#include "base/log.h"
#include "base/random.h"

namespace patchbay::admin {

namespace {

constexpr size_t kReadyAnswers = 1'000'000;  // on one connection; told to clients, which may then open another

/// What the library is given to read: the head again, in the one form of which there is only one reading, and then the
/// body from the connection. What it writes is collected and leaves in one piece.
class EngineStream final : public httplib::Stream {
 public:
  EngineStream(std::string head, HttpTransport& transport) : head_(std::move(head)), transport_(transport) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, size_t most) override {
    if (taken_ < head_.size()) {
      const size_t count = std::min(most, head_.size() - taken_);
      std::copy_n(head_.data() + taken_, count, into);
      taken_ += count;
      return static_cast<ssize_t>(count);
    }
    // "100 Continue" has to leave before the peer sends what is waited for.
    if (!flush()) return -1;
    const size_t count = transport_.read_body(into, most);
    return count == 0 ? -1 : static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, size_t size) override {
    output_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  [[nodiscard]] bool flush() {
    const bool written = output_.empty() || transport_.write(output_);
    output_.clear();
    return written;
  }
  /// RFC 9110 8.6: an answer without content says nothing of its length.
  void drop_length() {
    constexpr std::string_view kLine = "Content-Length: 0\r\n";
    const size_t found = output_.find(kLine);
    if (found != std::string::npos) output_.erase(found, kLine.size());
  }

 private:
  const std::string head_;
  HttpTransport& transport_;
  size_t taken_ = 0;
  std::string output_;
};

}  // namespace

class HttpServer::Engine final : public httplib::Server {
 public:
  Engine(HttpHandler& handler, uint32_t idle_timeout_s) : handler_(handler) {
    set_keep_alive_timeout(idle_timeout_s);
    set_keep_alive_max_count(kReadyAnswers);
    Get("/", [this](const httplib::Request&, httplib::Response& response) { answer(response, nullptr); });
    Post("/", [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
      answer(response, &reader);
    });
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) { response.status = 500; });
  }

  Outcome serve(const HttpRequest& request, HttpTransport& transport) {
    const uint64_t length = request.head.content_length.value_or(0);
    admission_ = admitted(request);
    if (!admission_.answer && length > admission_.body_bytes_max)
      admission_.answer = ApiResponse::error(413, code::kPayloadTooLarge,
                                             "the body has " + std::to_string(length) + " bytes, at most " +
                                                 std::to_string(admission_.body_bytes_max) + " are allowed here");
    // A body that nobody wants is not waited for; then nobody knows where a next request would begin.
    // Nor that of a HEAD, which should have none.
    const bool wanted = request.body_is_here || !admission_.answer;
    const bool reads = length == 0 || (wanted && request.head.method != "HEAD");
    keep_alive_ = request.head.keep_alive && reads;
    tls_ = request.tls;
    return run(head_text(request.head, reads ? length : 0), transport);
  }

  Outcome refuse(const ApiResponse& response, HttpTransport& transport, bool tls) {
    admission_ = {};
    admission_.answer = response;
    keep_alive_ = false;
    tls_ = tls;
    return run("GET / HTTP/1.1\r\n\r\n", transport);
  }

 private:
  // What nobody has foreseen costs this request, not the node.
  Admission admitted(const HttpRequest& request) {
    try {
      return handler_.admit(request.head, request.peer_address);
    } catch (const std::exception& error) {
      base::log(base::LogArea::admin, base::LogLevel::error, "a request has failed", {{"error", error.what()}});
      Admission admission;
      admission.answer = ApiResponse::error(500, code::kInternalError, "the server has failed, its log says how");
      return admission;
    }
  }

  // Whatever the head says of paths, ranges, codings and forms has been read already, or is not for the library.
  static std::string head_text(const HttpHead& head, uint64_t length) {
    const std::string line = length > 0 ? "POST" : head.method == "HEAD" ? "HEAD" : "GET";
    std::string text = line + " / HTTP/1.1\r\nContent-Type: application/octet-stream\r\n";
    if (length > 0) text += "Content-Length: " + std::to_string(length) + "\r\n";
    if (length > 0 && head.expects_continue) text += "Expect: 100-continue\r\n";
    return text + "\r\n";
  }

  Outcome run(std::string head, HttpTransport& transport) {
    EngineStream stream(std::move(head), transport);
    bool ignored = false;
    const bool written = process_request(stream, !keep_alive_, ignored, {});
    if (status_ == 204) stream.drop_length();
    admission_ = {};
    if (!stream.flush() || !written) return Outcome::broken;
    return keep_alive_ ? Outcome::next : Outcome::last;
  }

  void answer(httplib::Response& response, const httplib::ContentReader* reader) {
    std::string body;
    const bool whole = reader == nullptr || (*reader)([&body](const char* bytes, size_t size) {
                         body.append(bytes, size);
                         return true;
                       });
    ApiResponse given;
    if (admission_.answer) {
      given = std::move(*admission_.answer);
    } else if (!whole) {
      given = ApiResponse::error(408, code::kRequestTimeout, "the body has not come whole in time");
    } else {
      given = admission_.handle(std::move(body));
    }
    keep_alive_ = keep_alive_ && whole;
    put(std::move(given), response);
    if (!whole) response.set_header("Connection", "close");
  }

  void put(ApiResponse given, httplib::Response& response) {
    add_security_headers(given, tls_);
    status_ = given.status;
    response.status = given.status;
    for (const auto& [name, value] : given.headers) response.set_header(name, value);
    if (!given.content_type.empty()) response.set_content(given.body, given.content_type);
  }

  HttpHandler& handler_;
  Admission admission_;
  bool keep_alive_ = true;
  bool tls_ = false;
  int status_ = 0;
};

HttpServer::HttpServer(HttpHandler& handler, uint32_t idle_timeout_s)
    : engine_(std::make_unique<Engine>(handler, idle_timeout_s)) {}

HttpServer::~HttpServer() = default;

HttpServer::Outcome HttpServer::serve(const HttpRequest& request, HttpTransport& transport) {
  return engine_->serve(request, transport);
}

HttpServer::Outcome HttpServer::refuse(const ApiResponse& response, HttpTransport& transport, bool tls) {
  return engine_->refuse(response, transport, tls);
}

// The client of the command line: here, since one file of core includes the library.
namespace {

std::string error_text(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "could not connect";
    case httplib::Error::ConnectionTimeout:
      return "could not connect in time";
    case httplib::Error::SSLConnection:
      return "no TLS connection could be made";
    case httplib::Error::SSLServerVerification:
      return "the server's certificate is not trusted (--cacert)";
    case httplib::Error::SSLLoadingCerts:
      return "the certificates to trust could not be read";
    default:
      return "no answer (" + httplib::to_string(error) + ")";
  }
}

httplib::Request request_of(const HttpClientRequest& request) {
  httplib::Request sent;
  sent.method = request.method;
  sent.path = request.target;
  for (const auto& [name, value] : request.headers) sent.headers.emplace(name, value);
  if (request.upload_name.empty()) {
    sent.body = request.body;
    if (!request.content_type.empty() && !request.body.empty())
      sent.headers.emplace("Content-Type", request.content_type);
    return sent;
  }
  // Nobody can have put it into the file: it is as new as the call.
  base::SystemRandom random;
  const std::string boundary = "patchbay-" + std::to_string(random.next()) + std::to_string(random.next());
  sent.headers.emplace("Content-Type", "multipart/form-data; boundary=" + boundary);
  sent.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"plugin\"; filename=\"" +
              request.upload_name + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + request.body + "\r\n--" +
              boundary + "--\r\n";
  return sent;
}

}  // namespace

base::Result<HttpClientResponse, std::string> send_http_request(const HttpClientRequest& request) {
  httplib::Client client(request.url);
  if (!client.is_valid())
    return base::fail("\"" + request.url + "\" is no address of a server: http://host:port is one");
  client.set_connection_timeout(request.timeout_s);
  client.set_read_timeout(request.timeout_s);
  client.set_write_timeout(request.timeout_s);
  client.enable_server_certificate_verification(true);
  if (!request.ca_file.empty()) client.set_ca_cert_path(request.ca_file);
  const httplib::Result result = client.send(request_of(request));
  if (!result) return base::fail(request.url + ": " + error_text(result.error()));
  return HttpClientResponse{result->status, result->get_header_value("Content-Type"), result->body};
}

}  // namespace patchbay::admin
