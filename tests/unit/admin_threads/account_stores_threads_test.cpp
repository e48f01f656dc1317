// The stores of keys, users and tokens while several requests use and change them at once, for the thread sanitizer.
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "admin/api_key_store.h"
#include "admin/token_store.h"
#include "admin/user_store.h"
#include "unit/admin/temporary_accounts.h"

using namespace patchbay::admin;  // NOLINT: test
using patchbay::base::ManualClock;
using patchbay::test::AccountFolder;

namespace {

constexpr int kThreads = 4;
constexpr int kChanges = 12;  // of each thread; each writes the file anew

/// The same by several threads at once, each told which one it is; no assertions within.
void at_once(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

std::string name_of(int thread, int number) {
  return "n" + std::to_string(thread) + "-" + std::to_string(number);
}

}  // namespace

TEST_CASE("keys that are made, changed, checked and removed at once are all as they were left") {
  const AccountFolder folder;
  ManualClock clock;
  ApiKeyStore store{folder.path / "api-keys.json", clock};
  std::atomic<int> wrong{0};
  at_once([&](int thread) {
    for (int number = 0; number < kChanges; ++number) {
      ApiKey key;
      key.name = name_of(thread, number);
      std::string secret;
      if (store.add(key, secret) != ApiKeyStore::Change::done) ++wrong;
      const auto known = store.check(key.api_key, secret);
      if (!known || known->name != key.name) ++wrong;
      key.enable = false;
      if (store.update(key) != ApiKeyStore::Change::done) ++wrong;
      if (store.check(key.api_key, secret)) ++wrong;
      if (store.list().empty() || !store.find(key.name)) ++wrong;
      if (number % 2 == 1 && store.remove(key.name) != ApiKeyStore::Change::done) ++wrong;
    }
  });
  CHECK(wrong == 0);
  CHECK(store.list().size() == kThreads * kChanges / 2);
  ApiKeyStore again{folder.path / "api-keys.json", clock};
  REQUIRE(again.load());
  CHECK(again.list().size() == kThreads * kChanges / 2);
}

TEST_CASE("the limit of keys holds when several are made at once") {
  const AccountFolder folder;
  ManualClock clock;
  ApiKeyStore store{folder.path / "api-keys.json", clock};
  std::atomic<size_t> made{0};
  std::atomic<int> refused{0};
  at_once([&](int thread) {
    for (size_t number = 0; number < ApiKeyStore::kKeysMax / kThreads + 5; ++number) {
      ApiKey key;
      key.name = name_of(thread, static_cast<int>(number));
      std::string secret;
      const auto change = store.add(key, secret);
      if (change == ApiKeyStore::Change::done) ++made;
      if (change == ApiKeyStore::Change::too_many) ++refused;
    }
  });
  CHECK(made == ApiKeyStore::kKeysMax);
  CHECK(refused == 5 * kThreads);
  CHECK(store.list().size() == ApiKeyStore::kKeysMax);
}

TEST_CASE("users that are made, changed and removed at once are all as they were left") {
  const AccountFolder folder;
  UserStore store{folder.path / "users.json"};
  std::atomic<int> wrong{0};
  std::atomic<int> firsts{0};
  at_once([&](int thread) {
    // One name that all want: one of them gets it.
    if (store.add({"shared", "", Role::viewer, "hash", false}) == UserStore::Change::done) ++firsts;
    for (int number = 0; number < kChanges; ++number) {
      const std::string name = name_of(thread, number);
      if (store.add({name, "", Role::viewer, "hash", false}) != UserStore::Change::done) ++wrong;
      if (store.set_password(name, "other") != UserStore::Change::done) ++wrong;
      if (store.update(name, Role::administrator, "text") != UserStore::Change::done) ++wrong;
      const auto user = store.find(name);
      if (!user || user->password_hash != "other" || user->role != Role::administrator) ++wrong;
      if (store.list().empty()) ++wrong;
      if (number % 2 == 1 && store.remove(name) != UserStore::Change::done) ++wrong;
    }
  });
  CHECK(wrong == 0);
  CHECK(firsts == 1);
  UserStore again{folder.path / "users.json"};
  REQUIRE(again.load());
  CHECK(again.list().size() == kThreads * kChanges / 2 + 1);
}

TEST_CASE("tokens that are issued, used and revoked at once are each their user's") {
  ManualClock clock;
  TokenStore store{clock, 60'000};
  std::atomic<int> wrong{0};
  at_once([&](int thread) {
    const std::string user = "user-" + std::to_string(thread);
    for (int number = 0; number < 200; ++number) {
      const std::string token = store.issue(user);
      std::string found;
      if (store.use(token, found) != TokenStore::Found::valid || found != user) ++wrong;
      if (number % 2 == 0) store.revoke(token);
      if (number % 2 == 0 && store.use(token, found) != TokenStore::Found::unknown) ++wrong;
    }
    if (thread % 2 == 0) store.revoke_all(user);
  });
  CHECK(wrong == 0);
  CHECK(store.size() == kThreads / 2 * 100);
}
