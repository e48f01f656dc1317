#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "ctl/ctl_command.h"
#include "ctl/http_call.h"

namespace patchbay::ctl {

/// What a command reads beside its arguments. Tests have a twin.
struct CtlInput {
  /// The whole of a file, or of standard input ("-"); the error is a sentence.
  std::function<base::Result<std::string, std::string>(const std::string& path)> read_file;
  /// Asks for something that nobody else may see; `what` is said at a terminal.
  std::function<base::Result<std::string, std::string>(const std::string& what)> ask_secret;
  /// SHA-256 of a file, in hex.
  std::function<base::Result<std::string, std::string>(const std::string& path)> sha256_of_file;
};

/// The request that a command with these values is. The error is a sentence about an argument.
[[nodiscard]] base::Result<HttpCall, std::string> make_call(
    const CtlCommand& command, const std::map<std::string, std::string, std::less<>>& values, const CtlInput& input);

}  // namespace patchbay::ctl
