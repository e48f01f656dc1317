#include "access/placeholders.h"

#include <catch2/catch.hpp>

using namespace patchbay::access;

namespace {

const ClientAttributes kAttributes = {{"tenant", "t7"}, {"bad", "a/b"}};

Substituted with(std::string_view filter, std::string_view client_id = "c1", std::string_view username = "alice") {
  return substitute(filter, {client_id, username, &kAttributes});
}

}  // namespace

TEST_CASE("placeholders stand for client id, user name and attributes, also inside a level") {
  CHECK(with("plain/+/#").topic_filter == "plain/+/#");
  CHECK(with("dev/${clientid}/#").topic_filter == "dev/c1/#");
  CHECK(with("${username}/${clientid}").topic_filter == "alice/c1");
  CHECK(with("t/pre-${clientid}-post/${attr.tenant}").topic_filter == "t/pre-c1-post/t7");
  CHECK(with("dev/${clientid}/#").safe);
  CHECK(with("$dollar/{x}/$").topic_filter == "$dollar/{x}/$");
}

TEST_CASE("a value never brings a wildcard, a level or a NUL into a filter") {
  for (const std::string_view value : {std::string_view("+"), std::string_view("#"), std::string_view("a/b"),
                                       std::string_view("a+"), std::string_view("x\0y", 3), std::string_view("")}) {
    const Substituted result = with("dev/${clientid}/state", value);
    CHECK_FALSE(result.safe);
    CHECK(result.topic_filter == "dev/#");
  }
  CHECK_FALSE(with("${attr.bad}/x").safe);
}

TEST_CASE("what an unusable rule could have meant is everything below its fixed levels") {
  CHECK(with("a/b/pre-${username}/c", "c1", "").topic_filter == "a/b/#");
  CHECK(with("${username}/c", "c1", "#").topic_filter == "#");
  CHECK(with("x/${clientid}/${username}/c", "c1", "+").topic_filter == "x/c1/#");
}

TEST_CASE("unknown and unfinished placeholders are unusable") {
  CHECK_FALSE(with("a/${nobody}").safe);
  CHECK_FALSE(with("a/${attr.unknown}").safe);
  CHECK_FALSE(with("a/${clientid").safe);
  CHECK_FALSE(substitute("a/${attr.tenant}", {"c", "u", nullptr}).safe);
}

TEST_CASE("a value is not looked through for placeholders, and gets no part of $SYS") {
  CHECK(with("a/${clientid}", "${username}").topic_filter == "a/${username}");
  CHECK_FALSE(with("${clientid}/#", "$SYS").safe);
  CHECK(with("a/${clientid}", "$SYS").topic_filter == "a/$SYS");
}
