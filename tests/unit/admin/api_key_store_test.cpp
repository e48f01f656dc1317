#include <catch2/catch.hpp>
#include <fstream>

#include "unit/admin/temporary_accounts.h"

using namespace patchbay::admin;
using namespace patchbay::test;
using patchbay::base::ManualClock;
using Change = ApiKeyStore::Change;

namespace {

struct Keys {
  AccountFolder folder;
  ManualClock clock;
  ApiKeyStore store{folder.path / "api-keys.json", clock};

  ApiKey add(const std::string& name, std::string& secret) {
    ApiKey key;
    key.name = name;
    REQUIRE(store.add(key, secret) == Change::done);
    return key;
  }
};

}  // namespace

TEST_CASE("a key is known by its secret, which is kept as a hash") {
  Keys keys;
  std::string secret;
  const ApiKey key = keys.add("exporter", secret);
  CHECK(secret.size() >= 43);
  CHECK(keys.store.check(key.api_key, secret)->name == "exporter");
  CHECK_FALSE(keys.store.check(key.api_key, secret + "x"));
  CHECK_FALSE(keys.store.check(key.api_key, ""));
  CHECK_FALSE(keys.store.check("other", secret));
  std::ifstream file(keys.folder.path / "api-keys.json");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  CHECK(text.find(secret) == std::string::npos);

  ApiKeyStore again(keys.folder.path / "api-keys.json", keys.clock);
  REQUIRE(again.load());
  CHECK(again.check(key.api_key, secret));
}

TEST_CASE("a key that is off, expired or removed is none") {
  Keys keys;
  std::string secret;
  ApiKey key = keys.add("a", secret);
  key.enable = false;
  REQUIRE(keys.store.update(key) == Change::done);
  CHECK_FALSE(keys.store.check(key.api_key, secret));
  key.enable = true;
  key.expires_unix_ms = keys.clock.unix_ms() + 1'000;
  REQUIRE(keys.store.update(key) == Change::done);
  CHECK(keys.store.check(key.api_key, secret));
  keys.clock.advance_ms(1'000);
  CHECK_FALSE(keys.store.check(key.api_key, secret));
  CHECK(keys.store.find("a")->expired(keys.clock.unix_ms()));
  REQUIRE(keys.store.remove("a") == Change::done);
  CHECK(keys.store.remove("a") == Change::unknown);
  CHECK(keys.store.update(key) == Change::unknown);
}

TEST_CASE("names are unique, and a hundred keys are enough") {
  Keys keys;
  std::string secret;
  ApiKey key = keys.add("a", secret);
  CHECK(keys.store.add(key, secret) == Change::exists);
  for (size_t count = 1; count < ApiKeyStore::kKeysMax; ++count) keys.add("k" + std::to_string(count), secret);
  key.name = "one more";
  CHECK(keys.store.add(key, secret) == Change::too_many);
  CHECK(keys.store.list().size() == ApiKeyStore::kKeysMax);
}

TEST_CASE("keys of a bootstrap file are taken once") {
  Keys keys;
  const auto file = keys.folder.path / "bootstrap";
  std::ofstream(file) << "# keys\nexporter:long-secret:viewer\n\nsensor:other-secret:publisher\r\nops:third-secret\n";
  CHECK(*keys.store.take_bootstrap(file) == 3);
  CHECK(*keys.store.take_bootstrap(file) == 0);
  CHECK(keys.store.check("exporter", "long-secret")->role == Role::viewer);
  CHECK(keys.store.check("sensor", "other-secret")->role == Role::publisher);
  CHECK(keys.store.check("ops", "third-secret")->role == Role::administrator);
}

TEST_CASE("a bad line of a bootstrap file is named, and its secret is not") {
  Keys keys;
  const auto file = keys.folder.path / "bootstrap";
  for (const char* line : {"nosecret", "key:short", ":long-secret", "key:long-secret:king", "a:long-secret:viewer:x"}) {
    INFO(line);
    std::ofstream(file, std::ios::trunc) << "# one\n" << line << "\n";
    const auto refused = keys.store.take_bootstrap(file);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error(), Catch::Contains("line 2"));
    CHECK(refused.error().find("long-secret") == std::string::npos);
  }
  CHECK_FALSE(keys.store.take_bootstrap(keys.folder.path / "missing"));
}

TEST_CASE("a damaged file of keys is an error") {
  Keys keys;
  std::ofstream(keys.folder.path / "api-keys.json") << "{\"api_keys\":[{\"name\":\"a\"}]}";
  CHECK_FALSE(keys.store.load());
}
