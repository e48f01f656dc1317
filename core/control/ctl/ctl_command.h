#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace patchbay::ctl {

/// What an argument of a command is put into.
enum class Place : uint8_t {
  path,         ///< replaces {name} in the path
  raw_path,     ///< the same, as it is, with its own query
  method,       ///< is the method: GET, POST, PUT or DELETE
  query,        ///< ?name=value
  body,         ///< the member `name` of the body
  body_number,  ///< the same, a number
  body_json,    ///< the same, any JSON
  whole_body,   ///< is the body, JSON; "@file" reads it from a file, "-" from standard input
  upload,       ///< the path of a file that is sent as a form
  file_sha256,  ///< the member `name` of the body: a SHA-256 in hex, or the path of a file whose it is
  secret,       ///< the member `name` of the body, read from the terminal or standard input; never an argument
};

struct CtlArgument {
  std::string_view name;  ///< "clientid"; in the query and the body the API's own name
  Place place = Place::query;
  bool required = false;
  std::string_view help = {};
  std::string_view otherwise = {};  ///< the value where none is given
  std::string_view option = {};     ///< how the option is called where the API's name is no good one
};

/// What a column of a table shows: the member of each object, dotted below it, and its heading.
struct CtlColumn {
  std::string_view member;
  std::string_view heading;
};

/// One command: what is sent, and how the answer is shown to people.
struct CtlCommand {
  std::string_view group;  ///< "clients"
  std::string_view name;   ///< "list"; "": the group itself
  std::string_view help;
  std::string_view method;
  std::string_view path;
  std::span<const CtlArgument> arguments = {};
  std::span<const CtlColumn> columns = {};  ///< none: the answer is shown member by member
  std::string_view done = {};               ///< said where the answer has no body
  std::string_view text = {};               ///< the member whose text, line by line, is all that is shown
};

/// All commands, in the order of the help. [any-thread], constant
[[nodiscard]] std::span<const CtlCommand> ctl_commands();

}  // namespace patchbay::ctl
