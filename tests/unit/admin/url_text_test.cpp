#include <catch2/catch.hpp>

#include "admin/url_text.h"

using namespace patchbay::admin;

TEST_CASE("escapes are decoded, RFC 3986 2.1") {
  CHECK(percent_decode("a%20b%2f%C3%A4") == "a b/\xC3\xA4");
  CHECK(percent_decode("a+b") == "a+b");
  CHECK(percent_decode("a+b", true) == "a b");
  CHECK(percent_decode("") == "");
}

TEST_CASE("what is no text is refused rather than guessed") {
  for (const char* text : {"%", "%2", "%g0", "%0g", "%00", "a%00b", "%FF", "%C3", "%ED%A0%80", "%C0%AF"}) {
    INFO(text);
    CHECK_FALSE(percent_decode(text));
  }
}

TEST_CASE("encoding and decoding are each other's opposite") {
  std::string all;
  for (int byte = 1; byte < 128; ++byte) all += static_cast<char>(byte);
  all += "\xE2\x82\xAC";
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_encode("a/b ?") == "a%2Fb%20%3F");
}

TEST_CASE("queries keep their order and repetitions") {
  CHECK(parse_query("a=1&b=x+y&a=%26&c&=d") == QueryPairs{{"a", "1"}, {"b", "x y"}, {"a", "&"}, {"c", ""}, {"", "d"}});
  CHECK(parse_query("")->empty());
  CHECK(parse_query("&&")->empty());
  CHECK_FALSE(parse_query("a=%"));
  CHECK_FALSE(parse_query("%=1"));
}

TEST_CASE("the parts of a path") {
  using Parts = std::vector<std::string_view>;
  CHECK(path_parts("/").empty());
  CHECK(path_parts("/a/b") == Parts{"a", "b"});
  CHECK(path_parts("/a/") == Parts{"a", ""});
  CHECK(path_parts("//a") == Parts{"", "a"});
}
