#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace patchbay::admin {

/// One request of a client of this API.
struct HttpClientRequest {
  std::string method = "GET";
  std::string url;     ///< "http://127.0.0.1:18083": scheme, host, port
  std::string target;  ///< path and query, encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;          ///< "": none
  std::string content_type;  ///< of the body
  std::string upload_name;   ///< not "": `body` is sent as the file of this name in a form's part `plugin`
  std::string ca_file;       ///< https: who has signed the server's certificate; "": those that the system trusts
  uint32_t timeout_s = 60;   ///< for each step
};

struct HttpClientResponse {
  int status = 0;
  std::string content_type;
  std::string body;
};

/// Sends one request and waits for its answer: for the command line, not for the broker. Certificates and host names
/// are verified. The error is a sentence.
[[nodiscard]] base::Result<HttpClientResponse, std::string> send_http_request(const HttpClientRequest& request);

}  // namespace patchbay::admin
