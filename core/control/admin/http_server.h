#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "admin/http_answer.h"
#include "admin/http_handler.h"
#include "admin/http_head.h"

namespace patchbay::admin {

/// Role: the two ways between the HTTP server and a connection. Both wait, and have their time limits.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// Up to `most` bytes of the body; 0: none came in time.
  [[nodiscard]] virtual size_t read_body(char* into, size_t most) = 0;
  [[nodiscard]] virtual bool write(std::string_view bytes) = 0;
};

/// A request whose head has come and been checked.
struct HttpRequest {
  HttpHead head;
  std::string peer_address;
  bool body_is_here = true;  ///< reading it needs no waiting
  bool tls = false;
};

/// HTTP/1.1: bodies in, answers out. Bodies that are still on their way are read by cpp-httplib; this is the only place
/// that knows the library. One thread at a time; each has an object of its own.
class HttpServer {
 public:
  enum class Outcome : uint8_t {
    next,    ///< the connection is ready for another request
    last,    ///< this was the last answer
    broken,  ///< the peer has not taken the answer
  };

  /// `idle_timeout_s` is told to clients. `handler` outlives this.
  HttpServer(HttpHandler& handler, uint32_t idle_timeout_s);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] Outcome serve(const HttpRequest& request, HttpTransport& transport);
  /// Answers something that is no request.
  [[nodiscard]] Outcome refuse(const ApiResponse& response, HttpTransport& transport, bool tls);

 private:
  class BodyReader;
  [[nodiscard]] static Outcome send(ApiResponse response, const HttpAnswerForm& form, HttpTransport& transport);

  HttpHandler& handler_;
  const uint32_t idle_timeout_s_;
  const std::unique_ptr<BodyReader> body_reader_;
};

}  // namespace patchbay::admin
