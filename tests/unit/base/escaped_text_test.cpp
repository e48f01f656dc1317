#include "base/escaped_text.h"

#include <catch2/catch.hpp>

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  patchbay::base::append_escaped(out, text);
  return out;
}

}  // namespace

TEST_CASE("ordinary text of any script stays as it is") {
  CHECK(escaped("") == "");
  CHECK(escaped("a/b c'd") == "a/b c'd");
  CHECK(escaped("\xC3\xA4\xE6\xBC\xA2\xF0\x9F\x98\x80") == "\xC3\xA4\xE6\xBC\xA2\xF0\x9F\x98\x80");
}

TEST_CASE("quotes, backslashes and controls are escaped") {
  CHECK(escaped("a\"b\\c") == "a\\\"b\\\\c");
  CHECK(escaped(std::string_view("\0\t\n\r\x1b\x7f", 6)) == "\\u0000\\u0009\\n\\u000d\\u001b\\u007f");
  CHECK(escaped("\xC2\x85") == "\\u0085");
}

TEST_CASE("line separators and marks of direction are escaped") {
  CHECK(escaped("\xE2\x80\xA8\xE2\x80\xA9") == "\\u2028\\u2029");
  CHECK(escaped("\xE2\x80\xAE\xE2\x81\xA6\xEF\xBB\xBF") == "\\u202e\\u2066\\ufeff");
}

TEST_CASE("ill-formed UTF-8 becomes a replacement for each byte") {
  const std::string replacement = "\xEF\xBF\xBD";
  CHECK(escaped("\xFF") == replacement);
  CHECK(escaped("\x80") == replacement);
  CHECK(escaped("\xC3") == replacement);
  CHECK(escaped("\xC0\x80") == replacement + replacement);
  CHECK(escaped("\xE0\x80\x80") == replacement + replacement + replacement);
  CHECK(escaped("\xED\xA0\x80") == replacement + replacement + replacement);
  CHECK(escaped("\xF4\x90\x80\x80") == replacement + replacement + replacement + replacement);
  CHECK(escaped("a\xE2\x82z") == "a" + replacement + replacement + "z");
}

TEST_CASE("a JSON string has its quotes") {
  std::string out = "x";
  patchbay::base::append_json_string(out, "a\"b");
  CHECK(out == "x\"a\\\"b\"");
}
