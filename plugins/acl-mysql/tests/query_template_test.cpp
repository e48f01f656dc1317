#include "query_template.h"

#include <catch2/catch.hpp>

using namespace patchbay::acl_mysql;  // NOLINT: test
using Use = QueryTemplate::Use;

namespace {

std::string sql_of(const std::string& text, Use use = Use::authorization) {
  std::string reason;
  const auto made = QueryTemplate::parse(text, use, reason);
  INFO(reason);
  REQUIRE(made.has_value());
  return made->sql();
}

std::string refusal_of(const std::string& text, Use use = Use::authorization) {
  std::string reason;
  CHECK_FALSE(QueryTemplate::parse(text, use, reason).has_value());
  return reason;
}

}  // namespace

TEST_CASE("acl-mysql: placeholders become parameters, in their order") {
  std::string reason;
  const auto made = QueryTemplate::parse(
      "SELECT topic FROM t WHERE u = ${username} AND c = ${clientid} AND ip = ${peerhost} AND a = ${client_attrs.site}",
      Use::authorization, reason);
  REQUIRE(made.has_value());
  CHECK(made->sql() == "SELECT topic FROM t WHERE u = ? AND c = ? AND ip = ? AND a = ?");
  REQUIRE(made->parameters().size() == 4);
  CHECK(made->parameters()[0].what == Placeholder::username);
  CHECK(made->parameters()[1].what == Placeholder::client_id);
  CHECK(made->parameters()[2].what == Placeholder::peer_host);
  CHECK(made->parameters()[3].what == Placeholder::attribute);
  CHECK(made->parameters()[3].name == "site");
  CHECK_FALSE(made->about_one_question());
}

TEST_CASE("acl-mysql: quotes right around a placeholder are taken off, as users of EMQX write them") {
  CHECK(sql_of("SELECT 1 FROM t WHERE u = '${username}' AND c = \"${clientid}\"") ==
        "SELECT 1 FROM t WHERE u = ? AND c = ?");
}

TEST_CASE("acl-mysql: what only looks like a parameter stays text") {
  CHECK(sql_of("SELECT '?', 'it''s', \"a?b\", 'back\\'slash ?' FROM `od?d`") ==
        "SELECT '?', 'it''s', \"a?b\", 'back\\'slash ?' FROM `od?d`");
  CHECK(sql_of("SELECT 1 -- why? 'because\nFROM t /* ' */ WHERE u = ${username}") ==
        "SELECT 1 -- why? 'because\nFROM t /* ' */ WHERE u = ?");
  CHECK(sql_of("SELECT 5 - -1") == "SELECT 5 - -1");
}

TEST_CASE("acl-mysql: templates that could not mean what they say are refused with a reason") {
  CHECK_THAT(refusal_of("SELECT 1 WHERE u = ?"), Catch::Contains("placeholder"));
  CHECK_THAT(refusal_of("SELECT 1 WHERE u = 'dev-${username}'"), Catch::Contains("CONCAT"));
  CHECK_THAT(refusal_of("SELECT 1 FROM `${username}`"), Catch::Contains("quotes"));
  CHECK_THAT(refusal_of("SELECT 1 WHERE u = ${user}"), Catch::Contains("${user}"));
  CHECK_THAT(refusal_of("SELECT 1 WHERE u = ${username"), Catch::Contains("without }"));
  CHECK_THAT(refusal_of("SELECT 'x"), Catch::Contains("without end"));
  CHECK_THAT(refusal_of("   "), Catch::Contains("empty"));
  CHECK_THAT(refusal_of("SELECT 1 WHERE a = ${client_attrs.}"), Catch::Contains("client_attrs."));
}

TEST_CASE("acl-mysql: a log-in has no topic, and a password never goes to the database") {
  CHECK_THAT(refusal_of("SELECT 1 WHERE t = ${topic}", Use::authentication), Catch::Contains("${topic}"));
  CHECK_THAT(refusal_of("SELECT 1 WHERE p = ${password}", Use::authentication), Catch::Contains("${password}"));
  CHECK_THAT(refusal_of("SELECT 1 WHERE t = ${topic}", Use::superuser), Catch::Contains("${topic}"));
}

TEST_CASE("acl-mysql: a query about the topic is about one question") {
  std::string reason;
  for (const char* name : {"${topic}", "${action}", "${qos}", "${retain}"}) {
    const auto made = QueryTemplate::parse(std::string("SELECT 1 WHERE x = ") + name, Use::authorization, reason);
    REQUIRE(made.has_value());
    CHECK(made->about_one_question());
  }
}
