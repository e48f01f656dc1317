#include <fstream>

#include <zip.h>

#include <catch2/catch.hpp>

#include "unit/admin/quiet_node.h"

namespace patchbay::test {
namespace {

using admin::Json;

std::string code_of(const admin::ApiResponse& answer) {
  return Json::parse(answer.body).at("code").get<std::string>();
}

/// The file of that name in an archive; nothing where there is none.
std::string unzipped(const std::string& archive, const char* name) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(archive.data(), archive.size(), 0, &error);
  zip_t* const opened = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  REQUIRE(opened != nullptr);
  std::string content(64, '\0');
  zip_file_t* const file = zip_fopen(opened, name, 0);
  REQUIRE(file != nullptr);
  content.resize(static_cast<size_t>(zip_fread(file, content.data(), content.size())));
  zip_fclose(file);
  CHECK(zip_get_num_entries(opened, 0) == 1);
  zip_close(opened);
  return content;
}

}  // namespace

TEST_CASE("A trace is started, stopped, read and removed", "[admin]") {
  QuietNode node(admin::add_trace_routes);
  const Json made = node.json("POST", "/trace",
                              {{"name", "one"}, {"type", "clientid"}, {"clientid", "alice"}, {"formatter", "json"}});
  CHECK(made.at("status") == "running");
  CHECK(made.at("clientid") == "alice");
  CHECK(made.at("payload_encode") == "text");
  CHECK(made.at("start_at") == "2023-11-14T22:13:20.000Z");
  CHECK(made.at("end_at") == "2023-11-14T22:23:20.000Z");
  CHECK(made.at("log_size").at("patchbay@test") == 0);
  CHECK(node.json("PUT", "/trace/one/stop") == Json{{"name", "one"}, {"enable", false}});
  CHECK(node.json("GET", "/trace").at(0).at("status") == "stopped");
  CHECK(node.call("DELETE", "/trace/one").status == 204);
  CHECK(node.json("GET", "/trace").empty());
  for (const char* path : {"/trace/one/stop", "/trace/one/download", "/trace/one/log", "/trace/one/log_detail"}) {
    const std::string method = std::string(path).ends_with("stop") ? "PUT" : "GET";
    CHECK(code_of(node.call(method, path)) == "NOT_FOUND");
  }
  CHECK(node.call("DELETE", "/trace/one").status == 404);
}

TEST_CASE("The file is downloaded whole, or read in parts", "[admin]") {
  QuietNode node(admin::add_trace_routes);
  std::filesystem::create_directories(node.folder / "trace");
  std::ofstream(node.folder / "trace/trace_one.log") << "0123456789\nabcdefghij\n";
  node.json("POST", "/trace", {{"name", "one"}, {"type", "topic"}, {"topic", "a/#"}});
  const auto zipped = node.call("GET", "/trace/one/download");
  CHECK(zipped.status == 200);
  CHECK(zipped.content_type == "application/zip");
  CHECK(zipped.headers.at(0).second == "attachment; filename=\"one.zip\"");
  CHECK(unzipped(zipped.body, "trace_one.log") == "0123456789\nabcdefghij\n");
  CHECK(node.call("GET", "/trace/one/download", nullptr, {{"format", "text"}}).body == "0123456789\nabcdefghij\n");
  node.accept = "text/plain";
  const auto download = node.call("GET", "/trace/one/download");
  CHECK(download.status == 200);
  CHECK(download.content_type.starts_with("text/plain"));
  CHECK(download.body == "0123456789\nabcdefghij\n");
  REQUIRE(download.headers.size() == 1);
  CHECK(download.headers[0].second == "attachment; filename=\"one.log\"");
  CHECK(node.json("GET", "/trace/one/log_detail") == Json{{{"node", "patchbay@test"}, {"size", 22}}});
  const Json first = node.json("GET", "/trace/one/log", nullptr, {{"bytes", "15"}});
  CHECK(first.at("items") == "0123456789\nabcd");
  CHECK(first.at("meta") == Json{{"bytes", 15}, {"position", 15}});
  const Json rest = node.json("GET", "/trace/one/log", nullptr, {{"position", "15"}});
  CHECK(rest.at("items") == "efghij\n");
  CHECK(rest.at("meta").at("position") == 22);
  CHECK(node.json("GET", "/trace/one/log", nullptr, {{"position", "99"}}).at("items") == "");
  CHECK(node.call("DELETE", "/trace").status == 204);
  CHECK_FALSE(std::filesystem::exists(node.folder / "trace/trace_one.log"));
}

TEST_CASE("Bad traces change nothing and say what is wrong", "[admin]") {
  QuietNode node(admin::add_trace_routes);
  node.json("POST", "/trace", {{"name", "one"}, {"type", "clientid"}, {"clientid", "alice"}});
  CHECK(node.call("POST", "/trace", {{"name", "one"}, {"type", "clientid"}, {"clientid", "x"}}).status == 409);
  const Json good = {{"name", "two"}, {"type", "clientid"}, {"clientid", "alice"}};
  const std::pair<const char*, Json> changes[] = {{"name", "../../etc/passwd"},
                                                  {"name", "a.b"},
                                                  {"type", "ruleid"},
                                                  {"clientid", ""},
                                                  {"start_at", "soon"},
                                                  {"end_at", 5},
                                                  {"end_at", "never"},
                                                  {"payload_encode", "base64"},
                                                  {"formatter", "xml"},
                                                  {"unknown", 1},
                                                  {"type", "topic"},
                                                  {"type", "ip_address"},
                                                  {"start_at", -5},
                                                  {"end_at", 99'999'999'999}};
  for (const auto& [member, value] : changes) {
    Json body = good;
    body[member] = value;
    INFO(body);
    CHECK(node.call("POST", "/trace", body).status == 400);
  }
  CHECK(node.json("GET", "/trace").size() == 1);
  for (size_t i = 1; i < operations::Traces::kTracesMax; ++i) {
    Json body = good;
    body["name"] = "t" + std::to_string(i);
    node.json("POST", "/trace", body);
  }
  CHECK(code_of(node.call("POST", "/trace", good)) == "EXCEED_LIMIT");
}

TEST_CASE("A trace may wait for its time", "[admin]") {
  QuietNode node(admin::add_trace_routes);
  const Json made = node.json("POST", "/trace",
                              {{"name", "later"},
                               {"type", "ip_address"},
                               {"ip_address", "::ffff:10.0.0.1"},
                               {"start_at", 1'700'000'060},
                               {"end_at", "2023-11-14T22:20:00Z"}});
  CHECK(made.at("status") == "waiting");
  CHECK(made.at("ip_address") == "10.0.0.1");
  node.clock.advance_ms(61'000);
  CHECK(node.json("GET", "/trace").at(0).at("status") == "running");
}

}  // namespace patchbay::test
