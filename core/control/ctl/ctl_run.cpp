#include "ctl/ctl_run.h"

#include <nlohmann/json.hpp>

#include "base/escaped_text.h"
#include "ctl/ctl_table.h"

namespace patchbay::ctl {

namespace {

using Json = nlohmann::json;

std::string refusal_text(const HttpReply& reply) {
  const Json body = Json::parse(reply.body, nullptr, false);
  std::string text = "refused (" + std::to_string(reply.status) + ")";
  if (!body.is_object()) return text + "\n";
  const auto member = [&](const char* name) {
    const auto found = body.find(name);
    return found == body.end() ? std::string{} : found->is_string() ? found->get<std::string>() : found->dump();
  };
  if (!member("code").empty()) text = member("code");
  std::string line;
  base::append_escaped(line, text + ": " + member("message"));
  return line + "\n";
}

/// Where more are than were shown, says so.
std::string page_note(const Json& body) {
  if (!body.is_object() || !body.contains("meta") || !body["meta"].value("hasnext", false)) return {};
  const Json& meta = body["meta"];
  return "page " + std::to_string(meta.value("page", 1)) + "; there are more: --page " +
         std::to_string(meta.value("page", 1) + 1) + "\n";
}

std::string people_text(const CtlCommand& command, const Json& body) {
  if (const std::string member(command.text);
      !member.empty() && body.is_object() && body.contains(member) && body[member].is_string())
    return lines_text(body[member].get_ref<const std::string&>());
  const bool paged = body.is_object() && body.contains("data") && body["data"].is_array();
  const Json& rows = paged ? body["data"] : body;
  if (!command.columns.empty() && rows.is_array()) return table_text(rows, command.columns) + page_note(body);
  return members_text(body);
}

}  // namespace

CtlAnswer answer_text(const CtlCommand& command, const HttpReply& reply, bool json) {
  const bool ok = reply.status >= 200 && reply.status < 300;
  if (json) return {ok, reply.body.empty() ? std::string{} : reply.body + "\n"};
  if (!ok) return {false, refusal_text(reply)};
  if (reply.body.empty()) return {true, std::string(command.done.empty() ? "done" : command.done) + "\n"};
  const Json body = Json::parse(reply.body, nullptr, false);
  if (body.is_discarded()) return {true, reply.body + "\n"};
  return {true, people_text(command, body)};
}

int run_ctl(const CtlLine& line, Transport& transport, const CtlInput& input, std::FILE* output, std::FILE* errors) {
  const auto call = make_call(*line.command, line.values, input);
  if (!call) {
    std::fprintf(errors, "patchbay ctl: %s\n", call.error().c_str());
    return 1;
  }
  const auto reply = transport.send(*call);
  if (!reply) {
    std::fprintf(errors, "patchbay ctl: %s\n", reply.error().c_str());
    return 1;
  }
  const CtlAnswer answer = answer_text(*line.command, *reply, line.json);
  std::fputs(answer.text.c_str(), answer.ok || line.json ? output : errors);
  return answer.ok ? 0 : 1;
}

}  // namespace patchbay::ctl
