#include <catch2/catch.hpp>

#include "admin/multipart.h"

using namespace patchbay::admin;

namespace {

constexpr const char* kType = "multipart/form-data; boundary=xx";

bool refused(const std::string& body, const char* type = kType) {
  return !parse_multipart(type, body).has_value();
}

}  // namespace

TEST_CASE("a form is taken apart, RFC 7578") {
  const std::string body(
      "--xx\r\nContent-Disposition: form-data; name=\"plugin\"; filename=\"a;\\\"b.so\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\nE\r\n--xyL\r\n"
      "--xx\r\ncontent-disposition: form-data; name=note\r\n\r\n\r\n--xx--\r\n");
  const auto whole = parse_multipart(kType, body);
  REQUIRE(whole);
  REQUIRE(whole->size() == 2);
  CHECK((*whole)[0].name == "plugin");
  CHECK((*whole)[0].file_name == "a;\"b.so");
  CHECK((*whole)[0].content_type == "application/octet-stream");
  CHECK((*whole)[0].content == "E\r\n--xyL");
  CHECK((*whole)[1].name == "note");
  CHECK((*whole)[1].content.empty());
}

TEST_CASE("what is no form is refused") {
  const std::string part = "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
  CHECK_FALSE(refused(part + "--xx--"));
  CHECK(refused(part));
  CHECK(refused(part + "--xx"));
  CHECK(refused(part + "--xxjunk"));
  CHECK(refused("junk" + part + "--xx--"));
  CHECK(refused("--xx\r\nContent-Disposition: form-data\r\n\r\nb\r\n--xx--"));
  CHECK(refused("--xx\r\nno header\r\n\r\nb\r\n--xx--"));
  CHECK(refused("--xx\r\n" + std::string(9'000, 'a') + ": b\r\n\r\nb\r\n--xx--"));
  CHECK(refused(part + "--xx--", "multipart/form-data"));
  CHECK(refused(""));
  std::string many;
  for (int count = 0; count < 17; ++count) many += part;
  CHECK(refused(many + "--xx--"));
}

TEST_CASE("a form may have no parts") {
  CHECK(parse_multipart(kType, "--xx--")->empty());
}

TEST_CASE("parameters of headers") {
  CHECK(header_parameter("a; b=c; D = \"e;f\"", "d") == "e;f");
  CHECK(header_parameter("a; b=c", "d").empty());
  CHECK(header_parameter("a", "a").empty());
}
