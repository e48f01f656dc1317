#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/address_guard.h"

namespace patchbay::support {

/// What all requests to one back end have in common; shared and constant.
struct HttpOptions {
  std::string ca_file;           ///< PEM; "": the system's
  std::string certificate_file;  ///< client certificate, PEM; "": none
  std::string key_file;          ///< PEM; "": in certificate_file
  std::string key_password;
  bool verify = true;  ///< certificate and name of the server
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{10'000};  ///< of the whole exchange, a slow response included
  size_t response_bytes_max = 65'536;         ///< of the body; headers have a limit of their own
  AddressGuard guard;
};

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  std::shared_ptr<const HttpOptions> options;
};

enum class HttpError : uint8_t {
  none,                ///< there is a response, whatever its status
  refused_by_guard,    ///< the address is none that is allowed
  resolve,             ///< the name leads nowhere
  connect,             ///< refused, or unreachable
  timeout,             ///< one of the two limits
  tls,                 ///< certificate, name, or handshake
  closed,              ///< the connection ended within the exchange
  response_too_large,  ///< `status` is there, `body` is what fitted
  cancelled,           ///< the client is being closed
  invalid,             ///< the request can't be made
};
[[nodiscard]] std::string_view http_error_name(HttpError error);

struct HttpResponse {
  HttpError error = HttpError::none;
  uint32_t status = 0;  ///< 0: none came
  std::string body;
  std::string content_type;
  std::optional<std::chrono::seconds> retry_after;  ///< RFC 9110, 10.2.3; a date is turned into what is left until it
  std::string error_text;                           ///< a sentence for operators; never holds headers or bodies
};

/// Who sends requests: HttpClient, or a test. One call of `done` for each request, on the transport's own thread.
class HttpTransport {
 public:
  using Done = std::function<void(HttpResponse)>;
  virtual ~HttpTransport() = default;
  /// Names the request for cancel(). Never calls `done` before it has returned. [any-thread]
  virtual uint64_t send(HttpRequest request, Done done) = 0;
  /// `done` is not called any more, unless it is being called. [any-thread]
  virtual void cancel(uint64_t request) = 0;
};

}  // namespace patchbay::support
