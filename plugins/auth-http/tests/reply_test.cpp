#include "reply.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace patchbay::auth_http;  // NOLINT: test
using nlohmann::json;

namespace {

Reply reply_of(uint32_t status, const std::string& body, const std::string& type = "application/json",
               bool authorization = false) {
  patchbay::support::HttpResponse response;
  response.status = status;
  response.body = body;
  response.content_type = type;
  return read_reply(response, authorization);
}

Reply with_acl(const std::string& acl) {
  return reply_of(200, R"({"result":"allow","acl":)" + acl + "}");
}

}  // namespace

TEST_CASE("reply: 200 says it in its body, 204 allows, everything else is a failure") {
  CHECK(reply_of(200, R"({"result":"allow"})").answer == Answer::allow);
  CHECK(reply_of(200, R"({"result":"deny"})").answer == Answer::deny);
  CHECK(reply_of(200, R"({"result":"ignore"})").answer == Answer::ignore);
  CHECK(reply_of(204, "").answer == Answer::allow);
  for (const uint32_t status : {201, 301, 400, 401, 403, 404, 500, 503})
    CHECK(reply_of(status, R"({"result":"allow"})").answer == Answer::failed);
  for (const char* body : {"", "allow", "[]", "{}", R"({"result":"yes"})", R"({"result":true})", R"({"result":"allow")",
                           R"({"result":null})"})
    CHECK(reply_of(200, body).answer == Answer::failed);
}

TEST_CASE("reply: no response is a failure with a sentence") {
  patchbay::support::HttpResponse response;
  response.error = patchbay::support::HttpError::timeout;
  response.error_text = "too slow";
  CHECK(read_reply(response, false).trouble == "timeout: too slow");
  response.error = patchbay::support::HttpError::response_too_large;
  response.status = 200;
  response.body = R"({"result":"allow"})";
  CHECK(read_reply(response, false).answer == Answer::failed);
}

TEST_CASE("reply: a form is as good as JSON") {
  const Reply reply = reply_of(200, "result=allow&is_superuser=true&x=%41+b", "application/x-www-form-urlencoded");
  CHECK(reply.answer == Answer::allow);
  CHECK(reply.is_superuser);
  CHECK(reply_of(200, "result=den%79", "application/x-www-form-urlencoded; charset=utf-8").answer == Answer::deny);
  CHECK(reply_of(200, "", "application/x-www-form-urlencoded").answer == Answer::failed);
}

TEST_CASE("reply: superuser, attributes, expiry") {
  const Reply reply = reply_of(
      200,
      R"({"result":"allow","is_superuser":"1","client_attrs":{"a":"x","n":7,"b":true,"o":{}},"expire_at":1800000000})");
  REQUIRE(reply.answer == Answer::allow);
  CHECK(reply.is_superuser);
  CHECK(reply.attributes == std::vector<std::pair<std::string, std::string>>{{"a", "x"}, {"b", "true"}, {"n", "7"}});
  CHECK(reply.expires_at_unix_ms == 1'800'000'000'000);
  for (const char* more : {R"("is_superuser":"maybe")", R"("client_attrs":[])", R"("expire_at":"soon")",
                           R"("expire_at":-1)", R"("expire_at":1e30)", R"("acl":7)"})
    CHECK(reply_of(200, std::string(R"({"result":"allow",)") + more + "}").answer == Answer::failed);
  CHECK_FALSE(reply_of(200, R"({"result":"allow","is_superuser":true})", "application/json", true).is_superuser);
}

TEST_CASE("reply: rules, in their order") {
  const Reply reply = with_acl(R"([
    {"permission":"allow","action":"publish","topic":"a/${clientid}","qos":[0,"1"],"retain":false},
    {"permission":"deny","action":"all","topics":["b/#","eq c"]},
    {"permission":"allow","action":"subscribe","topic":"t/${client_attrs.tenant}/#"}])");
  REQUIRE(reply.has_acl);
  REQUIRE(reply.acl.size() == 4);
  CHECK(reply.acl[0].topic_filter == "a/${clientid}");
  CHECK(reply.acl[0].actions == 1);
  CHECK(reply.acl[0].qos_mask == 3);
  CHECK(reply.acl[0].retain == 2);
  CHECK_FALSE(reply.acl[1].allow);
  CHECK(reply.acl[1].actions == 3);
  CHECK(reply.acl[2].topic_filter == "c");
  CHECK(reply.acl[3].topic_filter == "t/${attr.tenant}/#");
  CHECK(reply.acl[3].actions == 2);
}

TEST_CASE("reply: lists, where what matches none is denied") {
  const Reply reply = with_acl(R"({"pub":["a"],"sub":["b/#"],"all":["c"]})");
  REQUIRE(reply.acl.size() == 4);
  CHECK_FALSE(reply.acl.back().allow);
  CHECK(reply.acl.back().topic_filter.empty());
  CHECK(with_acl("{}").acl.size() == 1);
}

TEST_CASE("reply: a rule that can't be understood might be the one that denies") {
  for (const char* acl : {R"([{"permission":"allow","action":"publish"}])", R"([{"permission":"allow","topic":"a"}])",
                          R"([{"permission":"yes","action":"all","topic":"a"}])",
                          R"([{"permission":"allow","action":"read","topic":"a"}])",
                          R"([{"permission":"allow","action":"all","topic":"a/#/b"}])",
                          R"([{"permission":"allow","action":"all","topic":"a","qos":3}])",
                          R"([{"permission":"allow","action":"all","topic":"a","who":"x"}])",
                          R"([{"permission":"allow","action":"all","topic":"eq a/#"}])",
                          R"([{"permission":"allow","action":"all","topic":"${nobody}"}])", R"({"read":["a"]})",
                          R"({"pub":"a/#/b"})", R"("all")"})
    CHECK(with_acl(acl).answer == Answer::failed);
}
