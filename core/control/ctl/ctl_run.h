#pragma once

#include <cstdio>
#include <string>

#include "ctl/ctl_line.h"
#include "ctl/ctl_request.h"
#include "ctl/http_call.h"

namespace patchbay::ctl {

/// What an answer is to people, or, with `json`, to scripts. `ok`: whether the broker did what was asked.
struct CtlAnswer {
  bool ok = false;
  std::string text;
};
[[nodiscard]] CtlAnswer answer_text(const CtlCommand& command, const HttpReply& reply, bool json);

/// Sends the command and prints the answer; refusals go to `errors`. The exit code: 0 done, 1 refused or not reached.
[[nodiscard]] int run_ctl(const CtlLine& line, Transport& transport, const CtlInput& input, std::FILE* output,
                          std::FILE* errors);

}  // namespace patchbay::ctl
