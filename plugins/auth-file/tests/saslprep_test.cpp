#include "saslprep.h"

#include <catch2/catch.hpp>

#include "scram_hash.h"
#include "scram_server.h"

using namespace patchbay::auth_file;  // NOLINT: test

namespace {

std::optional<std::string> prepared(std::string_view text) {
  return saslprep(text, SaslprepUse::stored);
}

}  // namespace

TEST_CASE("SASLprep: the examples of RFC 4013, section 3") {
  CHECK(prepared("I\u00ADX") == "IX");  // SOFT HYPHEN is mapped to nothing
  CHECK(prepared("user") == "user");
  CHECK(prepared("USER") == "USER");                  // case is preserved
  CHECK(prepared("\u00AA") == "a");                   // output is NFKC
  CHECK(prepared("\u2168") == "IX");                  // the same as the first
  CHECK_FALSE(prepared("\u0007").has_value());        // prohibited character
  CHECK_FALSE(prepared("\u0627\u0031").has_value());  // bidirectional check
}

TEST_CASE("SASLprep: spaces, what is left, and what is no text") {
  CHECK(prepared("a\u00A0b") == "a b");  // RFC 4013, section 2.1: other spaces are spaces
  CHECK(prepared("p,=\"\\ ~") == "p,=\"\\ ~");
  CHECK_FALSE(prepared("").has_value());
  CHECK_FALSE(prepared("\u00AD").has_value());
  CHECK_FALSE(prepared("a\x7F").has_value());
  CHECK_FALSE(prepared("\xFF\xFE").has_value());
  CHECK_FALSE(prepared("a\xC3").has_value());
  CHECK_FALSE(prepared(std::string_view("\xC3\xA9\0x", 4)).has_value());
  // What Unicode 3.2 hasn't assigned may be asked for, but not be kept. (RFC 4013, section 2.5)
  CHECK_FALSE(saslprep("\u0221", SaslprepUse::stored).has_value());
  CHECK(saslprep("\u0221", SaslprepUse::query).has_value());
}

TEST_CASE("SCRAM: a password counts in its prepared form, and one that has none makes no credential") {
  const auto credential = make_scram_credential(ScramHash::sha256, "\u2168\u00AD", 4096);
  REQUIRE(credential.has_value());
  const std::string salted = scram_hi(ScramHash::sha256, "IX", credential->salt, 4096);
  CHECK(scram_h(ScramHash::sha256, scram_hmac(ScramHash::sha256, salted, "Client Key")) == credential->stored_key);
  CHECK_FALSE(make_scram_credential(ScramHash::sha256, "a\u0007b", 4096).has_value());
}

TEST_CASE("SCRAM: the user's name is prepared, and one that can't be ends the exchange") {
  CHECK(parse_client_first("n,,n=\u2168,r=abc")->user == "IX");
  CHECK(parse_client_first("n,,n=a=2Cb,r=abc")->user == "a,b");
  CHECK(parse_client_first("n,a=\u2168,n=\u2168,r=abc").has_value());
  CHECK_FALSE(parse_client_first("n,a=IX,n=\u2168,r=abc").has_value());
  CHECK_FALSE(parse_client_first("n,,n=a\u0007,r=abc").has_value());
  CHECK_FALSE(parse_client_first("n,,n=\xFF,r=abc").has_value());
}
