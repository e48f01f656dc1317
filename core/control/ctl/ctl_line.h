#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/ctl_command.h"

namespace patchbay::ctl {

/// What `patchbay ctl ...` asks for.
struct CtlLine {
  const CtlCommand* command = nullptr;                     ///< null: only `text` is to be printed
  std::map<std::string, std::string, std::less<>> values;  ///< by the argument's name, those that were given
  bool json = false;
  std::string url;         ///< "": as the running broker says in its data directory
  std::string token_file;  ///< "": ctl-token in the data directory
  std::string data_dir = "data";
  std::string ca_file;  ///< who has signed the API's certificate
  std::string api_key;  ///< "KEY:SECRET" in this file; "": the token
  std::string text;     ///< help, or what is wrong
  int exit_code = 0;    ///< of `text`
};

/// Parses what follows `patchbay ctl`. Never exits, never prints.
[[nodiscard]] CtlLine parse_ctl_line(const std::vector<std::string>& arguments);

/// How an argument is called on the command line: "--like", "CLIENTID".
[[nodiscard]] std::string option_name(const CtlArgument& argument);

}  // namespace patchbay::ctl
