#pragma once

#include <curl/curl.h>

#include "support/http_message.h"

namespace patchbay::support {

/// One request that libcurl has; its easy handle points here, so that it stays where it is. One that has ended takes
/// the next request: what libcurl has made for a handle (buffers, settings) is made once. Only the client's thread
/// touches it.
struct HttpExchange {
  uint64_t number = 0;
  HttpRequest request;
  HttpTransport::Done done;
  HttpResponse response;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  bool guard_refused = false;
  bool too_large = false;
  char error_text[CURL_ERROR_SIZE] = {};

  HttpExchange() = default;
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange();

  /// Makes the easy handle ready for `request`. False: a file or a text can't be used.
  [[nodiscard]] bool prepare();
  /// Forgets the request and the response; what the next one may have in common with it stays.
  void recycle();
  /// Fills the response from what libcurl knows.
  void harvest(CURLcode code);

 private:
  /// Whether the handle's settings are those of `request`, but for URL, header fields and body.
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] bool set_all();
  [[nodiscard]] bool set_headers();
  void set_body() const;
  static size_t on_body(char* data, size_t size, size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  void set_request() const;
  void set_limits() const;
  [[nodiscard]] bool set_tls() const;

  // What the handle was made ready for.
  std::shared_ptr<const HttpOptions> ready_options_;
  std::string ready_method_;
};

}  // namespace patchbay::support
