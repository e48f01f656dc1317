#include "settings.h"

#include <catch2/catch.hpp>
#include <patchbay/testing/fake_host.hpp>

using namespace patchbay::webhook;  // NOLINT: test

namespace {

/// The errors, one for each line; "": none.
std::string errors_of(const std::string& json) {
  patchbay::testing::text_writer out;
  patchbay::error_list errors(&out.raw);
  Settings settings;
  patchbay::detail::bind_json(json, settings, errors);
  if (errors.empty()) check_settings(settings, errors);
  return out.value;
}

std::string with_target(const std::string& more, const std::string& outside = "") {
  return R"({"targets":[{"name":"a","url":"http://127.0.0.1:1/x","events":[{"event":"message.publish"}])" + more +
         "}]" + outside + "}";
}

bool names(const std::string& errors, const std::string& pointer) {
  INFO(errors);
  return errors.find(pointer + ":") != std::string::npos;
}

}  // namespace

TEST_CASE("settings: what is enough") {
  CHECK(errors_of(with_target("")).empty());
  CHECK(errors_of(with_target(R"(,"spool":"always")", R"(,"spool_directory":"/tmp/x")")).empty());
  CHECK(errors_of(with_target("", R"(,"allowed_hosts":["127.0.0.1"],"allowed_networks":["127.0.0.0/8"])")).empty());
}

TEST_CASE("settings: what is wrong is named by its place") {
  CHECK(names(errors_of("{}"), "/targets"));
  CHECK(names(errors_of(R"({"targets":[{"name":"a","url":"ftp://x","events":[{"event":"message.publish"}]}]})"),
              "/targets/0/url"));
  CHECK(names(errors_of(with_target("", R"(,"allowed_hosts":["example.com"])")), "/targets/0/url"));
  CHECK(names(errors_of(with_target("", R"(,"allowed_networks":["nowhere"])")), "/allowed_networks"));
  CHECK(names(errors_of(with_target(R"(,"spool":"always")")), "/targets/0/spool"));
  CHECK(names(errors_of(with_target(R"(,"headers":{"X:":"1"})")), "/targets/0/headers"));
  CHECK(names(errors_of(with_target(R"(,"headers":{"X":"1\r\nY: 2"})")), "/targets/0/headers"));
  CHECK(names(errors_of(with_target(R"(,"authorization":"a\nb")")), "/targets/0/authorization"));
  CHECK(names(errors_of(with_target(R"(,"request_timeout":0)")), "/targets/0/request_timeout"));
  CHECK(names(errors_of(with_target(R"(,"retry":{"initial":"2s","maximum":"1s"})")), "/targets/0/retry/initial"));
}

TEST_CASE("settings: events, filters and templates") {
  const auto with_event = [](const std::string& event) {
    return errors_of(R"({"targets":[{"name":"a","url":"http://h/","events":[)" + event + "]}]}");
  };
  CHECK(with_event(R"({"event":"message.publish","topics":["a/+/#"],"body":"${topic}"})").empty());
  CHECK(names(with_event(R"({"event":"message.sent"})"), "/targets/0/events/0/event"));
  CHECK(names(with_event(R"({"event":"message.publish","topics":["a/#/b"]})"), "/targets/0/events/0/topics/0"));
  CHECK(names(with_event(R"({"event":"client.connected","topics":["a"]})"), "/targets/0/events/0/topics"));
  CHECK(names(with_event(R"({"event":"message.publish","body":"${nothing}"})"), "/targets/0/events/0/body"));
}

TEST_CASE("settings: an event's URL is on the target's server, its header fields are some") {
  const auto with_event = [](const std::string& more) {
    return errors_of(
        R"({"targets":[{"name":"a","url":"https://h.example:8443/in?x=1","events":[{"event":"message.publish",)" +
        more + "}]}]}");
  };
  for (const char* good : {R"("url":"/other?y=2")", R"("url":"https://h.example:8443/other")", R"("url":"")",
                           R"("headers":{"X-Own":"1"})"}) {
    CHECK(with_event(good).empty());
  }
  for (const char* bad : {R"("url":"https://h.example/other")", R"("url":"http://h.example:8443/other")",
                          R"("url":"//elsewhere.example/x")", R"("url":"other")", R"("url":"/with space")",
                          R"("url":"https://h.example:8443@elsewhere.example/")"}) {
    CHECK(names(with_event(bad), "/targets/0/events/0/url"));
  }
  CHECK(names(with_event(R"("headers":{"X":"1\nY: 2"})"), "/targets/0/events/0/headers"));
}

TEST_CASE("settings: names are unique, for they are folders") {
  CHECK(names(
      errors_of(
          R"({"targets":[{"name":"a","url":"http://h/","events":[]},{"name":"a","url":"http://h/","events":[]}]})"),
      "/targets/1/name"));
}
