#include <sqlite3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "plugin_services/kv_store.h"

using namespace patchbay::plugin_services;

namespace {

/// A folder of its own for each test, gone with it.
struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("patchbay_kv_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::unique_ptr<KvStore> open(const Folder& folder, uint64_t maximum_bytes = KvStore::kDefaultMaximumBytes) {
  std::string error;
  auto store = KvStore::open(folder.path / "a.sqlite", maximum_bytes, error);
  INFO(error);
  REQUIRE(store != nullptr);
  return store;
}

std::vector<std::string> keys(KvStore& store, std::string_view prefix) {
  std::vector<std::string> found;
  CHECK(store.scan(prefix, [&](std::string_view key, std::string_view) {
    found.emplace_back(key);
    return true;
  }) == KvStatus::ok);
  return found;
}

}  // namespace

TEST_CASE("what was put is there, also after the store was opened again") {
  const Folder folder;
  const std::string binary("\0\xff zero and more", 16);
  {
    auto store = open(folder);
    CHECK(store->put("a", "1") == KvStatus::ok);
    CHECK(store->put(std::string_view("b\0c", 3), binary) == KvStatus::ok);
    CHECK(store->put("a", "2") == KvStatus::ok);
    CHECK(store->put("empty", "") == KvStatus::ok);
  }
  auto store = open(folder);
  std::string value = "before";
  CHECK(store->get("a", value) == KvStatus::ok);
  CHECK(value == "2");
  CHECK(store->get(std::string_view("b\0c", 3), value) == KvStatus::ok);
  CHECK(value == binary);
  CHECK(store->get("empty", value) == KvStatus::ok);
  CHECK(value.empty());
  CHECK(store->get("b", value) == KvStatus::not_found);
  CHECK(store->bytes() == (1 + 1) + (3 + binary.size()) + 5);
}

TEST_CASE("what was removed is gone, and what was not there is told") {
  const Folder folder;
  auto store = open(folder);
  CHECK(store->remove("a") == KvStatus::not_found);
  CHECK(store->put("a", "1") == KvStatus::ok);
  CHECK(store->remove("a") == KvStatus::ok);
  CHECK(store->remove("a") == KvStatus::not_found);
  CHECK(store->bytes() == 0);
}

TEST_CASE("keys and values have limits, and so has the whole store") {
  const Folder folder;
  auto store = open(folder, 100'000);
  CHECK(store->put("", "x") == KvStatus::too_large);
  CHECK(store->put(std::string(KvStore::kMaximumKey + 1, 'k'), "x") == KvStatus::too_large);
  CHECK(store->put(std::string(KvStore::kMaximumKey, 'k'), "x") == KvStatus::ok);
  CHECK(store->remove(std::string(KvStore::kMaximumKey, 'k')) == KvStatus::ok);
  CHECK(store->put("v", std::string(KvStore::kMaximumValue + 1, 'v')) == KvStatus::too_large);
  CHECK(store->put("v", std::string(KvStore::kMaximumValue, 'v')) == KvStatus::ok);
  CHECK(store->put("w", std::string(KvStore::kMaximumValue, 'w')) == KvStatus::full);
  // A value in the place of another counts once.
  CHECK(store->put("v", std::string(KvStore::kMaximumValue, 'x')) == KvStatus::ok);
  CHECK(store->bytes() == KvStore::kMaximumValue + 1);
}

TEST_CASE("a scan visits the keys of a prefix in the order of their bytes, beyond one page") {
  const Folder folder;
  auto store = open(folder);
  std::vector<std::string> expected;
  for (int i = 100; i < 250; ++i) {
    expected.push_back("k" + std::to_string(i));
    REQUIRE(store->put(expected.back(), "v") == KvStatus::ok);
  }
  REQUIRE(store->put("j", "v") == KvStatus::ok);
  REQUIRE(store->put("l", "v") == KvStatus::ok);
  REQUIRE(store->put("\xff", "v") == KvStatus::ok);
  CHECK(keys(*store, "k") == expected);
  CHECK(keys(*store, "").size() == 153);
  CHECK(keys(*store, "\xff") == std::vector<std::string>{"\xff"});
  CHECK(keys(*store, "z").empty());
}

TEST_CASE("a visit may end the scan, and may change the store") {
  const Folder folder;
  auto store = open(folder);
  for (const char* key : {"a", "b", "c"}) REQUIRE(store->put(key, key) == KvStatus::ok);
  int visits = 0;
  CHECK(store->scan("", [&](std::string_view key, std::string_view value) {
    CHECK(key == value);
    CHECK(store->remove(key) == KvStatus::ok);
    return ++visits < 2;
  }) == KvStatus::ok);
  CHECK(keys(*store, "") == std::vector<std::string>{"c"});
}

TEST_CASE("each call is on the disk when it returns: another reader sees it while the store is open") {
  const Folder folder;
  auto store = open(folder);
  CHECK(store->put("a", "1") == KvStatus::ok);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open_v2((folder.path / "a.sqlite").c_str(), &other, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  sqlite3_stmt* mode = nullptr;
  sqlite3_prepare_v2(other, "SELECT COUNT(*) FROM kv", -1, &mode, nullptr);
  CHECK(sqlite3_step(mode) == SQLITE_ROW);
  CHECK(sqlite3_column_int(mode, 0) == 1);
  sqlite3_finalize(mode);
  sqlite3_close(other);
}

TEST_CASE("a file that is no store is refused with the reason") {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "a.sqlite");
  std::string error;
  CHECK(KvStore::open(folder.path / "a.sqlite", 1000, error) == nullptr);
  CHECK_FALSE(error.empty());
}

TEST_CASE("two versions of one instance share its store; other instances have their own") {
  const Folder folder;
  KvDirectory directory(folder.path / "deeper", 1000);
  const auto old_version = directory.open("a");
  const auto new_version = directory.open("a");
  REQUIRE(old_version != nullptr);
  CHECK(old_version == new_version);
  const auto other = directory.open("b");
  CHECK(other != old_version);
  CHECK(old_version->put("k", "v") == KvStatus::ok);
  std::string value;
  CHECK(other->get("k", value) == KvStatus::not_found);
}

TEST_CASE("a folder that can't be made leaves the instance without a store") {
  const Folder folder;
  std::string error;
  REQUIRE(KvStore::open(folder.path / "file", 1000, error) != nullptr);
  KvDirectory directory(folder.path / "file" / "below", 1000);
  CHECK(directory.open("a") == nullptr);
}
