#include "package/sha256.h"

#include <catch2/catch.hpp>

using namespace patchbay::package;  // NOLINT: test

TEST_CASE("the hashes of FIPS 180-2") {
  Sha256 empty;
  CHECK(empty.finish() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 abc;
  abc.add("ab", 2);
  abc.add("c", 1);
  CHECK(abc.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("what looks like a hash") {
  CHECK(is_sha256_text(std::string(64, 'a')));
  CHECK(is_sha256_text(std::string(32, 'A') + std::string(32, '0')));
  CHECK_FALSE(is_sha256_text(std::string(63, 'a')));
  CHECK_FALSE(is_sha256_text(std::string(64, 'g')));
  CHECK_FALSE(is_sha256_text(""));
}

TEST_CASE("a text in one piece has the hash of its pieces, whatever was hashed before") {
  for (const size_t size : {0u, 3u, 55u, 56u, 64u, 1000u}) {
    const std::string text(size, 'q');
    Sha256 pieces;
    pieces.add(text.data(), size / 2);
    const std::string whole = sha256_text(text);  // while another hash is under way
    pieces.add(text.data() + size / 2, size - size / 2);
    CHECK(whole == pieces.finish());
    CHECK(whole == sha256_text(text));
  }
}
