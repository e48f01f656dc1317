#include <catch2/catch.hpp>
#include <set>

#include "admin/secrets.h"

using namespace patchbay::admin;

TEST_CASE("random texts differ and fit into URLs") {
  std::set<std::string> seen;
  for (int count = 0; count < 100; ++count) seen.insert(random_text(22));
  CHECK(seen.size() == 100);
  for (const std::string& text : seen)
    CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
}

TEST_CASE("a password is kept as argon2id, with a salt of its own") {
  const std::string hash = hash_password("correct horse");
  CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(hash != hash_password("correct horse"));
  CHECK(password_matches(hash, "correct horse"));
  CHECK_FALSE(password_matches(hash, "correct hors"));
  CHECK_FALSE(password_matches(hash, ""));
  CHECK_FALSE(password_matches("no hash", "correct horse"));
}

TEST_CASE("secrets are compared whole") {
  CHECK(equal_secrets("abc", "abc"));
  CHECK_FALSE(equal_secrets("abc", "abd"));
  CHECK_FALSE(equal_secrets("abc", "ab"));
  CHECK(equal_secrets("", ""));
}

TEST_CASE("passwords have 8 to 64 characters of two kinds") {
  CHECK(password_problem("abcdefg1").empty());
  CHECK(password_problem("abcdefg!").empty());
  CHECK(password_problem("1234567!").empty());
  CHECK_FALSE(password_problem("abcdefgh").empty());
  CHECK_FALSE(password_problem("12345678").empty());
  CHECK_FALSE(password_problem("abcde1").empty());
  CHECK_FALSE(password_problem(std::string(64, 'a') + "1").empty());
  CHECK_FALSE(password_problem("abcdefg1\n").empty());
}

TEST_CASE("base64 of RFC 4648 4") {
  CHECK(base64_decode("a2V5OnNlY3JldA==") == "key:secret");
  CHECK(base64_decode("Zm9vYg==") == "foob");
  CHECK(base64_decode("Zm9v") == "foo");
  CHECK(base64_decode("").empty());
  CHECK(base64_decode("a b").empty());
  CHECK(base64_decode("%%%").empty());
}

TEST_CASE("a hash of what is random itself") {
  CHECK(sha256_text("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("base64: every length, and every byte that is none") {
  for (size_t size = 0; size < 9; ++size) {
    const std::string bytes = std::string("\x00\xFF\x80 z\x01\x7F\xFE?", 9).substr(0, size);
    CHECK(base64_decode(base64_encode(bytes)) == bytes);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const bool digit = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
                           .find(static_cast<char>(byte)) != std::string_view::npos;
    CHECK(base64_decode(std::string("AA") + static_cast<char>(byte) + "A").empty() != digit);
  }
}
