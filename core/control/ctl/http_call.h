#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace patchbay::ctl {

/// One request to the REST API.
struct HttpCall {
  std::string method = "GET";
  std::string path;  ///< below /api/v5, encoded: "/clients/c%201"
  std::vector<std::pair<std::string, std::string>> query;
  std::string body;                               ///< "": none
  std::string content_type = "application/json";  ///< of the body
  std::string upload_file;  ///< path of a file that is sent as the part `plugin` of a form; "": none
};

struct HttpReply {
  int status = 0;
  std::string content_type;
  std::string body;
};

/// Role: the way to the broker. The error is a sentence: it could not be reached, or did not answer.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual base::Result<HttpReply, std::string> send(const HttpCall& call) = 0;
};

}  // namespace patchbay::ctl
