#pragma once

#include <string>

#include "ctl/ctl_line.h"
#include "ctl/http_call.h"

namespace patchbay::ctl {

/// The way to the REST API over HTTP. Where it is and what to show there is told on the command line, or found in the
/// data directory: the broker leaves `ctl-token` there, which only its own user can read: the address in the first
/// line, a token in the second one.
class ApiTransport final : public Transport {
 public:
  /// The error is a sentence that says which file could not be read.
  [[nodiscard]] static base::Result<ApiTransport, std::string> make(const CtlLine& line);

  [[nodiscard]] base::Result<HttpReply, std::string> send(const HttpCall& call) override;

 private:
  std::string url_;
  std::string authorization_;
  std::string ca_file_;
};

/// Path and query of a call, encoded.
[[nodiscard]] std::string target_of(const HttpCall& call);
/// "Basic ..." of "KEY:SECRET".
[[nodiscard]] std::string basic_authorization(const std::string& key_and_secret);

}  // namespace patchbay::ctl
