#include "user_file.h"

#include <catch2/catch.hpp>

#include "support/password_hash.h"

using namespace patchbay::auth_file;

namespace {

// mosquitto_passwd -b, both of its kinds; the password is "secret".
constexpr const char* kMosquitto =
    "ann:$7$101$8EUehrZYP7KiGwBK$xoKLKnZrCRsaWNj/0+QhvCgZurM2ZUGCFjNjJGFmXXQbJdCjSmlLx2qUUFbnUyijJnI/"
    "e9R4g8B7HrFBn6vMEA==\n"
    "bob:$6$P+lJE2maczIf4yWR$jZRokN0GIXrMIHnWC5zXNGQ1IHa5P8tO0irkpNf3SXw4YrmdWHCsOl/"
    "ymqO5YQs8aQjWugesRxXRW+QyEAnMzQ==\n";
constexpr const char* kHash = "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

std::string problem_of(const std::string& text) {
  std::string problem;
  CHECK_FALSE(parse_user_file(text, problem).has_value());
  return problem;
}

UserTable table_of(const std::string& text) {
  std::string problem;
  auto table = parse_user_file(text, problem);
  INFO(problem);
  REQUIRE(table.has_value());
  return *table;
}

}  // namespace

TEST_CASE("a password file of Mosquitto's is read as it is") {
  const UserTable table = table_of(kMosquitto);
  REQUIRE(table.users().size() == 2);
  for (const char* name : {"ann", "bob"}) {
    CHECK(patchbay::support::verify_encoded_password("secret", table.find(name)->password_hash));
    CHECK_FALSE(table.find(name)->is_superuser);
    CHECK_FALSE(table.find(name)->scram_sha256.has_value());
  }
  CHECK(table.find("carol") == nullptr);
}

TEST_CASE("what is written is read back, with its secret") {
  UserTable table = table_of(kMosquitto);
  User user;
  user.user_id = "q\"\\\xc3\xbc:{,";
  user.password_hash = kHash;
  user.is_superuser = true;
  user.scram_sha256 = make_scram_credential(ScramHash::sha256, "x", 4096);
  user.scram_sha512 = make_scram_credential(ScramHash::sha512, "x", 4096);
  table.put(user);
  const UserTable again = table_of(user_file_text(table));
  CHECK(again.secret == table.secret);
  CHECK(again.users().size() == 3);
  const User* read = again.find(user.user_id);
  REQUIRE(read != nullptr);
  CHECK(read->is_superuser);
  CHECK(read->password_hash == kHash);
  CHECK(read->scram_sha256->stored_key == user.scram_sha256->stored_key);
  CHECK(read->scram_sha512->salt == user.scram_sha512->salt);
  CHECK(user_file_text(again) == user_file_text(table));
}

TEST_CASE("an empty file has a secret, another each time") {
  CHECK(table_of("").secret.size() == kSecretBytes);
  CHECK(table_of("# nothing\n\n").secret != table_of("").secret);
}

TEST_CASE("mistakes are named with their line, and without showing a hash") {
  const std::string good = "ann:" + std::string(kHash) + "\n";
  CHECK(problem_of(good + "nonsense\n").starts_with("line 2: "));
  CHECK(problem_of("ann:plain-text-password\n") == "line 1: the password hash has an unknown form");
  CHECK(problem_of(good + good) == "line 2: the second of this name");
  CHECK(problem_of(":" + std::string(kHash)).starts_with("line 1: "));
  CHECK(problem_of("a\tb:" + std::string(kHash)).starts_with("line 1: "));
  CHECK(problem_of("{\"user_id\": \"a\"}").find("password_hash") != std::string::npos);
  CHECK(problem_of("{\"user_id\": \"a\"").starts_with("line 1: JSON"));
  CHECK(problem_of("{\"user_id\": \"a\", \"passwort\": 1}").find("unknown: passwort") != std::string::npos);
  CHECK(problem_of("{\"user_id\": 1, \"password_hash\": \"x\"}").find("user_id") != std::string::npos);
  CHECK(problem_of("{\"secret\": \"AAAA\"}").find("secret") != std::string::npos);
  CHECK(problem_of("{\"user_id\": \"a\", \"password_hash\": \"" + std::string(kHash) +
                   "\", \"scram_sha256\": \"SCRAM-SHA-256$\"}")
            .find("RFC 5803") != std::string::npos);
}

TEST_CASE("a user that doesn't exist is compared with some other user's hash, always the same") {
  UserTable table = table_of(kMosquitto);
  table.choose_decoys();
  const std::string first = table.decoy("nobody");
  CHECK(first.starts_with("$"));
  CHECK(table.decoy("nobody") == first);
}
