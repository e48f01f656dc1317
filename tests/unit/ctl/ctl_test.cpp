#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "ctl/ctl_line.h"
#include "ctl/ctl_request.h"
#include "ctl/ctl_run.h"
#include "ctl/ctl_table.h"

namespace patchbay::ctl {

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

/// Files and secrets of a test.
CtlInput input_of(std::map<std::string, std::string> files = {}, Words secrets = {}) {
  CtlInput input;
  input.read_file = [files](const std::string& path) -> base::Result<std::string, std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return base::fail(path + ": no such file");
    return found->second;
  };
  input.sha256_of_file = [files](const std::string& path) -> base::Result<std::string, std::string> {
    if (!files.contains(path)) return base::fail(path + ": no such file");
    return std::string(64, 'b');
  };
  auto left = std::make_shared<Words>(std::move(secrets));
  input.ask_secret = [left](const std::string& what) -> base::Result<std::string, std::string> {
    if (left->empty()) return base::fail(what + " was not expected");
    std::string secret = left->front();
    left->erase(left->begin());
    return secret;
  };
  return input;
}

HttpCall call_of(const Words& words, const CtlInput& input = input_of()) {
  const CtlLine line = parse_ctl_line(words);
  INFO(line.text);
  REQUIRE(line.command != nullptr);
  auto call = make_call(*line.command, line.values, input);
  INFO((call ? std::string{} : call.error()));
  REQUIRE(call.has_value());
  return *call;
}

std::string refusal_of(const Words& words, const CtlInput& input = input_of()) {
  const CtlLine line = parse_ctl_line(words);
  REQUIRE(line.command != nullptr);
  const auto call = make_call(*line.command, line.values, input);
  REQUIRE_FALSE(call.has_value());
  return call.error();
}

/// Answers what it is told to, and keeps what it was asked.
struct RecordingTransport final : Transport {
  base::Result<HttpReply, std::string> send(const HttpCall& call) override {
    asked.push_back(call);
    return answer;
  }
  base::Result<HttpReply, std::string> answer = HttpReply{};
  std::vector<HttpCall> asked;
};

struct Printed {
  int exit_code = 0;
  std::string output;
  std::string errors;
};

std::string all_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

Printed run(const Words& words, RecordingTransport& transport) {
  const CtlLine line = parse_ctl_line(words);
  REQUIRE(line.command != nullptr);
  std::FILE* output = std::tmpfile();
  std::FILE* errors = std::tmpfile();
  Printed printed;
  printed.exit_code = run_ctl(line, transport, input_of(), output, errors);
  printed.output = all_of(output);
  printed.errors = all_of(errors);
  return printed;
}

}  // namespace

TEST_CASE("every command's path names exactly its path arguments, and no two commands have one name", "[ctl]") {
  std::set<std::string> names;
  for (const CtlCommand& command : ctl_commands()) {
    const std::string name = std::string(command.group) + " " + std::string(command.name);
    INFO(name);
    CHECK(names.insert(name).second);
    std::string path(command.path);
    for (const CtlArgument& argument : command.arguments) {
      if (argument.place != Place::path && argument.place != Place::raw_path) continue;
      const size_t at = path.find("{" + std::string(argument.name) + "}");
      REQUIRE(at != std::string::npos);
      path.erase(at, argument.name.size() + 2);
      CHECK(argument.required);
    }
    CHECK(path.find('{') == std::string::npos);
    CHECK(path.starts_with('/'));
    CHECK((command.method == "GET" || !command.done.empty() || command.columns.empty()));
    const bool has_body =
        std::any_of(command.arguments.begin(), command.arguments.end(), [](const CtlArgument& argument) {
          return argument.place != Place::path && argument.place != Place::raw_path && argument.place != Place::query;
        });
    CHECK((!has_body || command.method == "POST" || command.method == "PUT"));
  }
}

TEST_CASE("required arguments are told by their place, others by options, and both may be mixed", "[ctl]") {
  const HttpCall call = call_of({"clients", "subscribe", "c 1/x", "--qos", "2", "house/#"});
  CHECK(call.method == "POST");
  CHECK(call.path == "/clients/c%201%2Fx/subscribe");
  CHECK(Json::parse(call.body) == Json({{"topic", "house/#"}, {"qos", 2}}));
  CHECK(call.query.empty());
}

TEST_CASE("options become the API's own query parameters, with defaults", "[ctl]") {
  const HttpCall call = call_of({"clients", "list", "--like", "abc", "--state", "connected"});
  CHECK(call.method == "GET");
  CHECK(call.path == "/clients");
  CHECK(call.query == std::vector<std::pair<std::string, std::string>>{
                          {"like_clientid", "abc"}, {"conn_state", "connected"}, {"limit", "100"}});
  CHECK(call.body.empty());
}

TEST_CASE("publish has EMQX's members, typed", "[ctl]") {
  const HttpCall call = call_of({"publish", "a/b", "hello", "--qos", "1", "--retain", "true"});
  CHECK(Json::parse(call.body) ==
        Json({{"topic", "a/b"}, {"payload", "hello"}, {"qos", 1}, {"retain", true}, {"payload_encoding", "plain"}}));
}

TEST_CASE("a topic with wildcards and blanks is one part of the path", "[ctl]") {
  CHECK(call_of({"retained", "delete", "a/+/#"}).path == "/mqtt/retainer/message/a%2F%2B%2F%23");
  CHECK(call_of({"banned", "remove", "peerhost", "10.0.0.1"}).path == "/banned/peerhost/10.0.0.1");
  CHECK(call_of({"clients", "kick", "..%2f"}).path == "/clients/..%252f");
}

TEST_CASE("numbers and JSON are checked before anything is sent", "[ctl]") {
  CHECK(refusal_of({"publish", "a", "b", "--qos", "two"}) == "qos: found \"two\", expected a number");
  CHECK(refusal_of({"publish", "a", "b", "--retain", "tru"}) == "retain: found \"tru\", expected JSON");
  CHECK(refusal_of({"config", "set", "{not json"}) == "changes: expected JSON");
  CHECK(refusal_of({"config", "set", "@absent"}) == "changes: absent: no such file");
  CHECK(refusal_of({"clients", "kick", ""}) == "clientid: must not be empty");
}

TEST_CASE("a body comes from the line, from a file or from standard input", "[ctl]") {
  const CtlInput input = input_of({{"settings.json", R"({"a": 1})"}, {"-", R"({"b": 2})"}});
  CHECK(call_of({"plugins", "configure", "limit", R"({"c": 3})"}, input).body == R"({"c": 3})");
  CHECK(call_of({"plugins", "configure", "limit", "@settings.json"}, input).body == R"({"a": 1})");
  const HttpCall call = call_of({"plugins", "configure", "limit", "-", "--dry-run", "true"}, input);
  CHECK(call.body == R"({"b": 2})");
  CHECK(call.query == std::vector<std::pair<std::string, std::string>>{{"dry_run", "true"}});
}

TEST_CASE("an upload is allowed by hash or by the file itself, and sent as a form", "[ctl]") {
  const CtlInput input = input_of({{"limit.so", "ELF"}});
  const std::string hash(64, 'a');
  CHECK(Json::parse(call_of({"plugins", "allow", "limit", hash}, input).body) ==
        Json({{"name", "limit"}, {"sha256", hash}}));
  CHECK(Json::parse(call_of({"plugins", "allow", "limit", "limit.so"}, input).body)["sha256"] == std::string(64, 'b'));
  CHECK(refusal_of({"plugins", "allow", "limit", "absent.so"}, input) ==
        "sha256: expected a SHA-256 in hex or a file; absent.so: no such file");
  const HttpCall call = call_of({"plugins", "install", "limit.so"}, input);
  CHECK(call.upload_file == "limit.so");
  CHECK(call.body.empty());
}

TEST_CASE("a plugin's own API can be called", "[ctl]") {
  const HttpCall get = call_of({"plugins", "call", "acl-file", "GET", "/explain?username=a&topic=x%2Fy"});
  CHECK(get.method == "GET");
  CHECK(get.path == "/plugins/acl-file/api/explain?username=a&topic=x%2Fy");
  CHECK(get.body.empty());
  const HttpCall post = call_of({"plugins", "call", "auth-file", "POST", "/users", "--body", R"({"user_id": "u"})"});
  CHECK(post.method == "POST");
  CHECK(post.body == R"({"user_id": "u"})");
  CHECK(refusal_of({"plugins", "call", "a", "PATCH", "/x"}) ==
        "method: found \"PATCH\", expected GET, POST, PUT or DELETE");
  CHECK(refusal_of({"plugins", "call", "a", "GET", "x"}).starts_with("path: found \"x\", expected an encoded path"));
  CHECK(refusal_of({"plugins", "call", "a", "GET", "/a b"}).starts_with("path: found"));
}

TEST_CASE("passwords are asked for and cannot be given on the command line, where others see them", "[ctl]") {
  const HttpCall call = call_of({"users", "add", "ann"}, input_of({}, {"secret-1"}));
  CHECK(Json::parse(call.body) ==
        Json({{"username", "ann"}, {"role", "viewer"}, {"description", ""}, {"password", "secret-1"}}));
  const HttpCall change = call_of({"users", "password", "ann"}, input_of({}, {"new"}));
  CHECK(change.path == "/users/ann/change_pwd");
  CHECK(Json::parse(change.body) == Json({{"new_pwd", "new"}}));
  CHECK(parse_ctl_line({"users", "add", "ann", "secret-1"}).exit_code == 1);
  CHECK(parse_ctl_line({"users", "add", "ann", "--password", "x"}).exit_code == 1);
}

TEST_CASE("what the user may not say is not an option either", "[ctl]") {
  CHECK(Json::parse(call_of({"trace", "client", "t1", "c1"}).body) ==
        Json({{"name", "t1"}, {"clientid", "c1"}, {"type", "clientid"}}));
  CHECK(parse_ctl_line({"trace", "client", "t1", "c1", "--type", "topic"}).exit_code == 1);
}

TEST_CASE("mistakes on the line are told, and help is no mistake", "[ctl]") {
  for (const Words& words : {Words{}, Words{"nothing"}, Words{"clients"}, Words{"clients", "dance"},
                             Words{"clients", "show"}, Words{"clients", "show", "a", "b"}}) {
    const CtlLine line = parse_ctl_line(words);
    CHECK(line.command == nullptr);
    CHECK(line.exit_code == 1);
    CHECK(line.text.find("Run patchbay ctl --help.") != std::string::npos);
  }
  const CtlLine help = parse_ctl_line({"--help"});
  CHECK(help.exit_code == 0);
  for (const CtlCommand& command : ctl_commands()) CHECK(help.text.find(command.group) != std::string::npos);
}

TEST_CASE("general options go anywhere", "[ctl]") {
  const CtlLine line =
      parse_ctl_line({"--data", "/var/lib/patchbay", "clients", "list", "--json", "--url", "https://h:1"});
  CHECK(line.json);
  CHECK(line.data_dir == "/var/lib/patchbay");
  CHECK(line.url == "https://h:1");
}

TEST_CASE("a page is a table with headings, and says when there is more", "[ctl]") {
  RecordingTransport transport;
  transport.answer = HttpReply{200, "application/json",
                               R"({"data":[{"clientid":"c1","username":null,"port":5,"connected":true,"proto_ver":5},
                                           {"clientid":"longer name","connected":false}],
                                   "meta":{"page":1,"limit":2,"count":3,"hasnext":true}})"};
  const Printed printed = run({"clients", "list"}, transport);
  CHECK(printed.exit_code == 0);
  CHECK(printed.errors.empty());
  const std::string first = printed.output.substr(0, printed.output.find('\n'));
  CHECK(first.starts_with("CLIENT ID    USER  ADDRESS  PORT"));
  CHECK(printed.output.find("\nc1                          5     5     yes") != std::string::npos);
  CHECK(printed.output.find("\nlonger name                             no") != std::string::npos);
  CHECK(printed.output.ends_with("page 1; there are more: --page 2\n"));
}

TEST_CASE("members with dots in their names, and members of members, can be columns", "[ctl]") {
  constexpr CtlColumn kColumns[] = {{"a.b", "ONE"}, {"c.d", "TWO"}, {"none.x", "THREE"}};
  const Json rows = Json::parse(R"([{"a.b": 1, "c": {"d": "x"}}])");
  CHECK(table_text(rows, kColumns) == "ONE  TWO  THREE\n1    x\n");
  CHECK(table_text(Json::array(), kColumns) == "ONE  TWO  THREE\n");
}

TEST_CASE("a client id cannot write to an operator's terminal", "[ctl]") {
  constexpr CtlColumn kColumns[] = {{"clientid", "CLIENT ID"}};
  Json row;
  row["clientid"] = "a\x1b[2Jb\nroot  yes";
  const std::string text = table_text(Json::array({row}), kColumns);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(members_text(row).find('\x1b') == std::string::npos);
}

TEST_CASE("one object is shown member by member", "[ctl]") {
  const Json value =
      Json::parse(R"({"name": "a", "on": false, "list": [1, 2], "none": [], "nested": {"x": 1, "rows": [{"y": 2}]}})");
  CHECK(members_text(value) == "list: 1, 2\nname: a\nnested:\n  rows:\n    y: 2\n\n  x: 1\nnone:\non: no\n");
}

TEST_CASE("what a trace has written is shown line by line, without what moves a terminal", "[ctl]") {
  RecordingTransport transport;
  transport.answer = HttpReply{200, "application/json", R"({"items":"one\ntwo \u001b[2J\n","meta":{"position":9}})"};
  const Printed people = run({"trace", "show", "t1"}, transport);
  CHECK(people.exit_code == 0);
  CHECK(people.output == "one\ntwo \\u001b[2J\n");
  CHECK(transport.asked[0].path == "/trace/t1/log");
  CHECK(transport.asked[0].query == std::vector<std::pair<std::string, std::string>>{{"bytes", "1000000"}});
  transport.answer = HttpReply{200, "application/json", R"({"items":""})"};
  CHECK(run({"trace", "show", "t1"}, transport).output.empty());
}

TEST_CASE("for scripts the answer is the API's own, also where it refuses", "[ctl]") {
  RecordingTransport transport;
  transport.answer = HttpReply{404, "application/json", R"({"code":"CLIENTID_NOT_FOUND","message":"no such client"})"};
  const Printed scripts = run({"clients", "kick", "c1", "--json"}, transport);
  CHECK(scripts.exit_code == 1);
  CHECK(scripts.output == "{\"code\":\"CLIENTID_NOT_FOUND\",\"message\":\"no such client\"}\n");
  const Printed people = run({"clients", "kick", "c1"}, transport);
  CHECK(people.exit_code == 1);
  CHECK(people.output.empty());
  CHECK(people.errors == "CLIENTID_NOT_FOUND: no such client\n");
  CHECK(transport.asked.size() == 2);
  CHECK(transport.asked[0].method == "DELETE");
}

TEST_CASE("an answer without a body says what was done; no answer says why", "[ctl]") {
  RecordingTransport transport;
  transport.answer = HttpReply{204, "", ""};
  CHECK(run({"clients", "kick", "c1"}, transport).output == "kicked\n");
  transport.answer = base::fail(std::string("http://127.0.0.1:18083: Connection refused"));
  const Printed printed = run({"status"}, transport);
  CHECK(printed.exit_code == 1);
  CHECK(printed.errors == "patchbay ctl: http://127.0.0.1:18083: Connection refused\n");
  transport.answer = HttpReply{502, "text/html", "<html>"};
  CHECK(run({"status"}, transport).errors == "refused (502)\n");
}

}  // namespace patchbay::ctl
