#include "ctl/ctl_request.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "admin/url_text.h"
#include "ctl/ctl_line.h"
#include "package/sha256.h"

namespace patchbay::ctl {

namespace {

using Json = nlohmann::json;
using Values = std::map<std::string, std::string, std::less<>>;
using Failure = std::optional<std::string>;

/// One request on its way to being whole.
class Maker {
 public:
  Maker(const CtlCommand& command, const CtlInput& input) : command_(command), input_(input) {
    call_.method = command.method;
    call_.path = command.path;
  }

  Failure put(const CtlArgument& argument, const std::string& value) {
    switch (argument.place) {
      case Place::path:
        return put_path(argument, value);
      case Place::raw_path:
        return put_raw_path(argument, value);
      case Place::method:
        return put_method(argument, value);
      case Place::query:
        call_.query.emplace_back(argument.name, value);
        return {};
      case Place::body:
        body_[std::string(argument.name)] = value;
        return {};
      case Place::body_number:
        return put_number(argument, value);
      case Place::body_json:
        return put_json(argument, value);
      case Place::whole_body:
        return put_whole(argument, value);
      case Place::upload:
        call_.upload_file = value;
        return {};
      case Place::file_sha256:
        return put_sha256(argument, value);
      case Place::secret:
        break;
    }
    return put_secret(argument);
  }

  HttpCall finish() {
    if (call_.body.empty() && !body_.is_null()) call_.body = body_.dump();
    return std::move(call_);
  }

 private:
  Failure put_path(const CtlArgument& argument, const std::string& value) {
    if (value.empty()) return std::string(argument.name) + ": must not be empty";
    const std::string mark = "{" + std::string(argument.name) + "}";
    const size_t at = call_.path.find(mark);
    call_.path.replace(at, mark.size(), admin::percent_encode(value));
    return {};
  }
  Failure put_raw_path(const CtlArgument& argument, const std::string& value) {
    const bool clean = std::all_of(value.begin(), value.end(), [](char byte) { return byte > 0x20 && byte != 0x7F; });
    if (value.size() < 2 || value.front() != '/' || !clean)
      return std::string(argument.name) + ": found \"" + value + "\", expected an encoded path: /users?limit=10";
    const std::string mark = "/{" + std::string(argument.name) + "}";
    call_.path.replace(call_.path.find(mark), mark.size(), value);
    return {};
  }
  Failure put_method(const CtlArgument& argument, const std::string& value) {
    static constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "DELETE"};
    if (std::find(std::begin(kMethods), std::end(kMethods), value) == std::end(kMethods))
      return std::string(argument.name) + ": found \"" + value + "\", expected GET, POST, PUT or DELETE";
    call_.method = value;
    return {};
  }
  Failure put_number(const CtlArgument& argument, const std::string& value) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size())
      return std::string(argument.name) + ": found \"" + value + "\", expected a number";
    body_[std::string(argument.name)] = number;
    return {};
  }
  Failure put_json(const CtlArgument& argument, const std::string& value) {
    Json parsed = Json::parse(value, nullptr, false);
    if (parsed.is_discarded()) return std::string(argument.name) + ": found \"" + value + "\", expected JSON";
    body_[std::string(argument.name)] = std::move(parsed);
    return {};
  }
  Failure put_whole(const CtlArgument& argument, const std::string& value) {
    std::string text = value;
    if (value == "-" || value.starts_with('@')) {
      auto read = input_.read_file(value == "-" ? value : value.substr(1));
      if (!read) return std::string(argument.name) + ": " + read.error();
      text = std::move(*read);
    }
    if (!Json::accept(text)) return std::string(argument.name) + ": expected JSON";
    call_.body = std::move(text);
    return {};
  }
  Failure put_sha256(const CtlArgument& argument, const std::string& value) {
    if (package::is_sha256_text(value)) {
      body_[std::string(argument.name)] = value;
      return {};
    }
    auto hash = input_.sha256_of_file(value);
    if (!hash) return std::string(argument.name) + ": expected a SHA-256 in hex or a file; " + hash.error();
    body_[std::string(argument.name)] = *hash;
    return {};
  }
  Failure put_secret(const CtlArgument& argument) {
    auto secret = input_.ask_secret(std::string(argument.name));
    if (!secret) return std::string(argument.name) + ": " + secret.error();
    body_[std::string(argument.name)] = *secret;
    return {};
  }

  const CtlCommand& command_;
  const CtlInput& input_;
  HttpCall call_;
  Json body_;
};

}  // namespace

base::Result<HttpCall, std::string> make_call(const CtlCommand& command, const Values& values, const CtlInput& input) {
  Maker maker(command, input);
  for (const CtlArgument& argument : command.arguments) {
    const auto found = values.find(argument.name);
    std::string value = found != values.end() ? found->second : std::string(argument.otherwise);
    if (value == " " && found == values.end()) value.clear();  // a member that must be there, and may say nothing
    const bool given = found != values.end() || !argument.otherwise.empty() || argument.place == Place::secret;
    if (!given && argument.required) return base::fail(option_name(argument) + ": is missing");
    if (!given) continue;
    if (const Failure failure = maker.put(argument, value)) return base::fail(*failure);
  }
  return maker.finish();
}

}  // namespace patchbay::ctl
