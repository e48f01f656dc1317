#include "support/password_hash.h"

#include <catch2/catch.hpp>
#include <string>

#include "support/base64.h"

using namespace patchbay::support;

namespace {

PasswordHash kind_of(HashAlgorithm algorithm, SaltPosition position = SaltPosition::disable) {
  PasswordHash kind;
  kind.algorithm = algorithm;
  kind.salt_position = position;
  return kind;
}

// Made by others: Python's hashlib and crypt, the argon2 command, mosquitto_passwd, passlib's form.
constexpr std::string_view kMd5 = "d42a0f742ffc1be4e1cc0845c2429c97";
constexpr std::string_view kSha = "8152bc582f58c854f580cb101d3182813dec4afe";
constexpr std::string_view kSha256 = "bede90386d450cea8b77b822f8887065e4e5abf132c2f9dccfcc7fbd4cba5e35";
constexpr std::string_view kSha512 =
    "bd2b1aaf7ef4f09be9f52ce2d8d599674d81aa9d6a4421696dc4d93dd0619d68"
    "2ce56b4d64a9ef097761ced99e0f67265b5f76085e5b0ee7ca4696b2ad6fe2b2";
constexpr std::string_view kBcrypt = "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
constexpr std::string_view kArgon2id =
    "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$OHc9SRN0/XEiuUUihEOCXBYjZ7cbpwHqG3uM3/Rhr/w";
constexpr std::string_view kMosquitto7 =
    "$7$101$8EUehrZYP7KiGwBK$xoKLKnZrCRsaWNj/0+QhvCgZurM2ZUGCFjNjJGFmXXQbJdCjSmlLx2qUUFbnUyijJnI/e9R4g8B7HrFBn6vMEA==";
constexpr std::string_view kMosquitto6 =
    "$6$P+lJE2maczIf4yWR$jZRokN0GIXrMIHnWC5zXNGQ1IHa5P8tO0irkpNf3SXw4YrmdWHCsOl/ymqO5YQs8aQjWugesRxXRW+QyEAnMzQ==";
constexpr std::string_view kPasslib256 =
    "$pbkdf2-sha256$6400$AAECAwQFBgcICQoLDA0ODw$35MkONrZD6WYra7kCu68R9nMMXI6K2H2d9nifSMca9w";
constexpr std::string_view kPasslib512 =
    "$pbkdf2-sha512$6400$AAECAwQFBgcICQoLDA0ODw$"
    "CU.u.ROgIXozEruzLfOBRxFHxHTXTMLrSEefg5SO7rjdX4GKMjFqMgp/4XK/yq22DMKFQSr0suSi1lt6I62ZGg";
constexpr std::string_view kPasslib1 = "$pbkdf2$6400$AAECAwQFBgcICQoLDA0ODw$CK/iK7sH2bkdDwQtWjdjlZX11CQ";

}  // namespace

TEST_CASE("hashes in hexadecimal, with the salt where it belongs") {
  using enum HashAlgorithm;
  using enum SaltPosition;
  CHECK(verify_password(kind_of(plain), "secret", "secret", ""));
  CHECK(verify_password(kind_of(plain, suffix), "secret", "secretsalt", "salt"));
  CHECK_FALSE(verify_password(kind_of(plain), "Secret", "secret", ""));
  CHECK(verify_password(kind_of(md5, prefix), "secret", kMd5, "salt"));
  CHECK(verify_password(kind_of(sha, suffix), "secret", kSha, "salt"));
  CHECK(verify_password(kind_of(sha256, prefix), "secret", kSha256, "salt"));
  CHECK(verify_password(kind_of(sha512, disable), "secret", kSha512, "salt"));
  CHECK_FALSE(verify_password(kind_of(sha256, suffix), "secret", kSha256, "salt"));
  CHECK_FALSE(verify_password(kind_of(sha256, prefix), "secret", kSha256, "Salt"));
  CHECK_FALSE(verify_password(kind_of(sha256, prefix), "secre", kSha256, "salt"));
  CHECK_FALSE(verify_password(kind_of(sha512, disable), "secret", kSha512.substr(2), ""));
}

TEST_CASE("upper case hexadecimal is the same hash; a plain password keeps its case") {
  CHECK(verify_password(kind_of(HashAlgorithm::md5, SaltPosition::prefix), "secret", "D42A0F742FFC1BE4E1CC0845C2429C97",
                        "salt"));
  CHECK_FALSE(verify_password(kind_of(HashAlgorithm::plain), "secret", "SECRET", ""));
}

TEST_CASE("an empty hash is nobody's password") {
  for (const HashAlgorithm algorithm : {HashAlgorithm::plain, HashAlgorithm::sha256, HashAlgorithm::pbkdf2,
                                        HashAlgorithm::bcrypt, HashAlgorithm::argon2id}) {
    CHECK_FALSE(verify_password(kind_of(algorithm), "", "", ""));
  }
}

TEST_CASE("pbkdf2 by function, iterations and length") {
  PasswordHash kind = kind_of(HashAlgorithm::pbkdf2);
  kind.iterations = 1000;
  CHECK(verify_password(kind, "secret", "a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad", "salt"));
  kind.dk_length = 20;
  CHECK(verify_password(kind, "secret", "a8df899f3c4f204d967e0ad63c092987c10055eb", "salt"));
  CHECK_FALSE(verify_password(kind, "secret", "a8df899f3c4f204d967e0ad63c092987c10055eb", "pepper"));
  kind.dk_length = 0;
  kind.mac_fun = MacFunction::ripemd160;
  CHECK(verify_password(kind, "secret", "d20c29182821a23425487c6b6aaf3b8bd3aec798", "salt"));
  kind.mac_fun = MacFunction::sha;
  CHECK(verify_password(kind, "secret", "fa7bab9eff3a06a5271ccfb9b6d8728d0c7a334d", "salt"));
  kind.iterations = 999;
  CHECK_FALSE(verify_password(kind, "secret", "fa7bab9eff3a06a5271ccfb9b6d8728d0c7a334d", "salt"));
  kind.iterations = 0;
  CHECK_FALSE(verify_password(kind, "secret", "fa7bab9eff3a06a5271ccfb9b6d8728d0c7a334d", "salt"));
  kind.iterations = kMaximumPbkdf2Iterations + 1;
  CHECK_FALSE(verify_password(kind, "secret", "fa7bab9eff3a06a5271ccfb9b6d8728d0c7a334d", "salt"));
}

TEST_CASE("hashes that say how they were made") {
  for (const std::string_view encoded :
       {kBcrypt, kArgon2id, kMosquitto7, kMosquitto6, kPasslib256, kPasslib512, kPasslib1}) {
    INFO(encoded);
    CHECK(is_encoded_password(encoded));
    CHECK(verify_encoded_password("secret", encoded));
    CHECK_FALSE(verify_encoded_password("secret ", encoded));
    CHECK_FALSE(verify_encoded_password("", encoded));
    CHECK_FALSE(verify_encoded_password(std::string_view("secret\0x", 8), encoded));
    CHECK_FALSE(verify_encoded_password("secret", std::string(encoded.substr(0, encoded.size() - 3)) + "AAA"));
    CHECK_FALSE(verify_encoded_password("secret", encoded.substr(0, encoded.size() / 2)));
  }
  CHECK(verify_password(kind_of(HashAlgorithm::bcrypt), "secret", kBcrypt, "ignored"));
  CHECK(verify_password(kind_of(HashAlgorithm::argon2id), "secret", kArgon2id, ""));
  CHECK_FALSE(verify_password(kind_of(HashAlgorithm::bcrypt), "secret", kArgon2id, ""));
  CHECK_FALSE(verify_password(kind_of(HashAlgorithm::argon2id), "secret", kBcrypt, ""));
}

TEST_CASE("a hash may not ask for more work or memory than is bearable") {
  std::string greedy(kArgon2id);
  greedy.replace(greedy.find("m=1024"), 6, "m=4294967295");
  CHECK_FALSE(is_encoded_password(greedy));
  CHECK_FALSE(verify_encoded_password("secret", greedy));
  std::string slow(kBcrypt);
  slow.replace(4, 2, "31");
  CHECK_FALSE(is_encoded_password(slow));
  CHECK_FALSE(verify_encoded_password("secret", slow));
  CHECK_FALSE(is_encoded_password("$pbkdf2-sha256$4000000000$AAECAwQFBgcICQoLDA0ODw$CK/iK7sH2bkdDwQtWjdjlZX11CQ"));
  CHECK_FALSE(is_encoded_password("$7$101$8EUehrZYP7KiGwBK$"));
  CHECK_FALSE(is_encoded_password("$7$101$$"));
  CHECK_FALSE(is_encoded_password("$1$abc$def"));
  CHECK_FALSE(is_encoded_password("secret"));
  CHECK_FALSE(is_encoded_password(""));
}

TEST_CASE("new hashes are verified by what made them, each with a salt of its own") {
  HashCost cost;
  cost.argon2_memory_kib = 64;
  cost.argon2_passes = 1;
  cost.bcrypt_rounds = 4;
  cost.iterations = 10;
  for (const HashAlgorithm algorithm : {HashAlgorithm::argon2id, HashAlgorithm::bcrypt, HashAlgorithm::pbkdf2}) {
    cost.algorithm = algorithm;
    const auto first = hash_password(cost, "p\xc3\xa4ss");
    const auto second = hash_password(cost, "p\xc3\xa4ss");
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(*first != *second);
    CHECK(verify_encoded_password("p\xc3\xa4ss", *first));
    CHECK_FALSE(verify_encoded_password("pass", *first));
  }
  for (const MacFunction function : {MacFunction::sha, MacFunction::sha256, MacFunction::sha512}) {
    cost.mac_fun = function;
    CHECK(verify_encoded_password("x", hash_password(cost, "x").value_or("")));
  }
}

TEST_CASE("what can't be hashed as a whole is not hashed") {
  HashCost cost;
  cost.algorithm = HashAlgorithm::bcrypt;
  cost.bcrypt_rounds = 4;
  CHECK(hash_password(cost, std::string(72, 'a')).has_value());
  CHECK_FALSE(hash_password(cost, std::string(73, 'a')).has_value());
  CHECK_FALSE(hash_password(cost, std::string_view("a\0b", 3)).has_value());
  cost.bcrypt_rounds = 3;
  CHECK_FALSE(hash_password(cost, "a").has_value());
  for (const HashAlgorithm quick : {HashAlgorithm::plain, HashAlgorithm::md5, HashAlgorithm::sha512}) {
    cost.algorithm = quick;
    CHECK_FALSE(hash_password(cost, "a").has_value());
  }
  cost.algorithm = HashAlgorithm::pbkdf2;
  cost.mac_fun = MacFunction::md5;
  CHECK_FALSE(hash_password(cost, "a").has_value());
}

TEST_CASE("names of settings") {
  CHECK(hash_algorithm_from("pbkdf2") == HashAlgorithm::pbkdf2);
  CHECK(hash_algorithm_from("argon2id") == HashAlgorithm::argon2id);
  CHECK_FALSE(hash_algorithm_from("SHA256").has_value());
  CHECK(salt_position_from("suffix") == SaltPosition::suffix);
  CHECK_FALSE(salt_position_from("").has_value());
  CHECK(mac_function_from("sha384") == MacFunction::sha384);
  CHECK_FALSE(mac_function_from("md4").has_value());
}

TEST_CASE("base64 takes back exactly what it gives") {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("abc"),
                                   std::string("\0\xff\x80", 3), std::string(200, '\x7f')}) {
    CHECK(from_base64(base64(bytes)) == bytes);
  }
  CHECK(base64("foobar") == "Zm9vYmFy");
  for (const std::string_view wrong : {"Zg", "Zg=", "Zh==", "Z g=", "Zg==\n", "====", "Zg==Zg==", "-_-_", "Zm9=vYmF"}) {
    INFO(wrong);
    CHECK_FALSE(from_base64(wrong).has_value());
  }
}
