#include "admin/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "admin/error_codes.h"
#include "admin/http_client.h"
#include "base/random.h"

namespace patchbay::admin {

namespace {

/// What the library is given to read: the head again, in the one form of which there is only one reading, and then the
/// body from the connection. What it writes before it reads the body, "100 Continue", leaves; the answer is not its
/// work.
class BodyStream final : public httplib::Stream {
 public:
  BodyStream(std::string head, HttpTransport& transport) : head_(std::move(head)), transport_(transport) {}

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

 private:
  [[nodiscard]] bool flush() {
    const bool written = output_.empty() || transport_.write(output_);
    output_.clear();
    return written;
  }

  const std::string head_;
  HttpTransport& transport_;
  size_t taken_ = 0;
  std::string output_;
};

}  // namespace

/// Reads a body that is still on its way.
class HttpServer::BodyReader final : public httplib::Server {
 public:
  BodyReader() {
    Post("/", [this](const httplib::Request&, httplib::Response&, const httplib::ContentReader& reader) {
      whole_ = reader([this](const char* bytes, size_t size) {
        body_->append(bytes, size);
        return true;
      });
    });
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) { response.status = 500; });
  }

  /// False: it has not come whole in time.
  bool read(const HttpHead& head, HttpTransport& transport, std::string& body) {
    BodyStream stream(head_text(head), transport);
    whole_ = false;
    body_ = &body;
    bool ignored = false;
    static_cast<void>(process_request(stream, true, ignored, {}));
    return whole_;
  }

 private:
  // Whatever the head says of paths, ranges, codings and forms has been read already, or is not for the library.
  static std::string head_text(const HttpHead& head) {
    std::string text = "POST / HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
                       std::to_string(head.content_length.value_or(0)) + "\r\n";
    if (head.expects_continue) text += "Expect: 100-continue\r\n";
    return text + "\r\n";
  }

  std::string* body_ = nullptr;
  bool whole_ = false;
};

namespace {

/// Takes what has come already. False: that was not all.
bool take_body(uint64_t length, HttpTransport& transport, std::string& body) {
  body.resize(length);
  size_t taken = 0;
  while (taken < body.size()) {
    const size_t count = transport.read_body(body.data() + taken, body.size() - taken);
    if (count == 0) return false;
    taken += count;
  }
  return true;
}

}  // namespace

HttpServer::HttpServer(HttpHandler& handler, uint32_t idle_timeout_s)
    : handler_(handler), idle_timeout_s_(idle_timeout_s), body_reader_(std::make_unique<BodyReader>()) {}

HttpServer::~HttpServer() = default;

HttpServer::Outcome HttpServer::serve(const HttpRequest& request, HttpTransport& transport) {
  const HttpHead& head = request.head;
  const bool head_only = head.method == "HEAD";
  Admission admission = admission_of(handler_, head, request.peer_address);
  // A body that nobody wants is not waited for; then nobody knows where a next request would begin.
  // Nor that of a HEAD, which should have none.
  const bool reads = !head.has_body() || ((request.body_is_here || !admission.answer) && !head_only);
  std::string body;
  bool whole = true;
  if (reads && head.has_body()) {
    whole = request.body_is_here ? take_body(*head.content_length, transport, body)
                                 : body_reader_->read(head, transport, body);
  }
  HttpAnswerForm form{request.tls, head.keep_alive && reads && whole, head_only, idle_timeout_s_};
  if (admission.answer) return send(std::move(*admission.answer), form, transport);
  if (!whole)
    return send(ApiResponse::error(408, code::kRequestTimeout, "the body has not come whole in time"), form, transport);
  return send(handled(admission, std::move(body)), form, transport);
}

HttpServer::Outcome HttpServer::refuse(const ApiResponse& response, HttpTransport& transport, bool tls) {
  return send(response, {tls, false, false, idle_timeout_s_}, transport);
}

HttpServer::Outcome HttpServer::send(ApiResponse response, const HttpAnswerForm& form, HttpTransport& transport) {
  if (!transport.write(answer_text(std::move(response), form))) return Outcome::broken;
  return form.keep_alive ? Outcome::next : Outcome::last;
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
