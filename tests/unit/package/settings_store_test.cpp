#include "package/settings_store.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;
using Kind = SettingsStoreError::Kind;

namespace {

struct Fixture {
  TemporaryFolder folder;
  patchbay::base::ManualClock clock;
  SettingsStore store{folder.path(), clock, {4, 1000}};

  uint64_t put(const std::string& settings, std::optional<uint64_t> expected = std::nullopt) {
    const auto number = store.put("auth", {settings, "ada", "why", 1, expected});
    if (!number) FAIL(number.error().sentence);
    return *number;
  }
  [[nodiscard]] std::filesystem::path file(uint64_t number) const {
    return folder.path() / "plugins/auth" / ("config-" + std::to_string(number) + ".json");
  }
};

}  // namespace

TEST_CASE("versions are counted from 1 and come back as they were written") {
  Fixture fixture;
  CHECK(fixture.put(R"({"a":1})") == 1);
  fixture.clock.advance_ms(5000);
  CHECK(fixture.put(R"({"a":2})") == 2);
  const auto first = fixture.store.get("auth", 1);
  REQUIRE(first.has_value());
  CHECK(json::parse(first->settings) == json{{"a", 1}});
  const auto current = fixture.store.current("auth");
  REQUIRE(current.has_value());
  CHECK(current->number == 2);
  CHECK(current->author == "ada");
  CHECK(current->note == "why");
  CHECK(current->unix_ms == first->unix_ms + 5000);
  CHECK(json::parse(current->settings) == json{{"a", 2}});
}

TEST_CASE("the list is newest first and shows no settings") {
  Fixture fixture;
  fixture.put(R"({"password":"hunter2"})");
  fixture.put("{}");
  const auto list = fixture.store.list("auth");
  REQUIRE(list.has_value());
  REQUIRE(list->size() == 2);
  CHECK(list->front().number == 2);
  CHECK(list->back().number == 1);
  CHECK(list->back().settings.empty());
  CHECK(fixture.store.list("other")->empty());
}

TEST_CASE("If-Match: a change against another version than expected is a conflict") {
  Fixture fixture;
  CHECK(fixture.put("{}", 0) == 1);
  CHECK(fixture.put("{}", 1) == 2);
  const auto conflict = fixture.store.put("auth", {"{}", "bob", "", 1, 1});
  REQUIRE_FALSE(conflict.has_value());
  CHECK(conflict.error().kind == Kind::conflict);
  CHECK(conflict.error().sentence ==
        "somebody else changed these settings: expected version 1, but version 2 is in force");
  CHECK(contains(fixture.store.put("new", {"{}", "bob", "", 1, 3}).error().sentence, "there is no version yet"));
  CHECK(fixture.store.current("auth")->number == 2);
}

TEST_CASE("rolling back writes a new version with the old settings") {
  Fixture fixture;
  fixture.put(R"({"a":1})");
  fixture.put(R"({"a":2})");
  const auto number = fixture.store.roll_back("auth", 1, "ada", 2);
  REQUIRE(number.has_value());
  CHECK(*number == 3);
  const auto current = fixture.store.current("auth");
  CHECK(json::parse(current->settings) == json{{"a", 1}});
  CHECK(current->note == "rolled back to version 1");
  CHECK(fixture.store.roll_back("auth", 1, "ada", 2).error().kind == Kind::conflict);
  CHECK(fixture.store.roll_back("auth", 9, "ada").error().kind == Kind::not_found);
}

TEST_CASE("only the last versions are kept, and numbers go on") {
  Fixture fixture;
  for (int round = 0; round < 7; ++round) fixture.put("{}");
  const auto list = fixture.store.list("auth");
  REQUIRE(list->size() == 4);
  CHECK(list->back().number == 4);
  CHECK(fixture.store.get("auth", 3).error().sentence == "no version 3 of the settings of \"auth\": kept are 4 to 7");
  CHECK(fixture.put("{}") == 8);
}

TEST_CASE("settings are for the broker's eyes only") {
  Fixture fixture;
  fixture.put("{}");
  struct stat status {};
  REQUIRE(::stat(fixture.file(1).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat(fixture.file(1).parent_path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0077) == 0);
}

TEST_CASE("nothing of a write is left beside the version") {
  Fixture fixture;
  fixture.put("{}");
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture.file(1).parent_path())) {
    CAPTURE(entry.path());
    ++files;
  }
  CHECK(files == 1);
}

TEST_CASE("what a crash left behind is passed over") {
  Fixture fixture;
  fixture.put("{}");
  fixture.folder.write("plugins/auth/config-2.json.new", "{\"half");
  fixture.folder.write("plugins/auth/config-03.json", "{}");
  fixture.folder.write("plugins/auth/config-x.json", "{}");
  fixture.folder.write("plugins/auth/notes.txt", "{}");
  CHECK(fixture.store.current("auth")->number == 1);
  CHECK(fixture.put("{}") == 2);
}

TEST_CASE("a damaged version is named, and the older ones are still there") {
  Fixture fixture;
  fixture.put(R"({"a":1})");
  for (const char* content : {"", "{", "[]", R"({"version":3,"settings":{}})", R"({"version":2,"settings":[]})"}) {
    CAPTURE(content);
    fixture.folder.write("plugins/auth/config-2.json", content);
    const auto current = fixture.store.current("auth");
    REQUIRE_FALSE(current.has_value());
    CHECK(current.error().kind == Kind::io);
    CHECK(contains(current.error().sentence, "config-2.json: is damaged"));
  }
  CHECK(fixture.store.get("auth", 1).has_value());
  REQUIRE(fixture.store.roll_back("auth", 1, "ada").has_value());
  CHECK(json::parse(fixture.store.current("auth")->settings) == json{{"a", 1}});
}

TEST_CASE("what is no settings object is not stored") {
  Fixture fixture;
  for (const char* settings : {"", "5", "[]", "{", R"({"a":1,"a":2})"}) {
    CAPTURE(settings);
    const auto refused = fixture.store.put("auth", {settings, "ada", "", 1, std::nullopt});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Kind::invalid);
  }
  CHECK(fixture.store.list("auth")->empty());
}

TEST_CASE("too large settings, also those that grow when they are written") {
  Fixture fixture;
  const auto large =
      fixture.store.put("auth", {"{\"a\":\"" + std::string(1000, 'x') + "\"}", "a", "", 1, std::nullopt});
  CHECK(large.error().kind == Kind::invalid);
  std::string growing = "{\"a\":[1e9";
  for (int count = 0; count < 200; ++count) growing += ",1e9";
  growing += "]}";
  REQUIRE(growing.size() < 1000);
  CHECK(contains(fixture.store.put("auth", {growing, "a", "", 1, std::nullopt}).error().sentence, "at most 1000"));
  const auto note = fixture.store.put("auth", {"{}", "a", std::string(5000, 'x'), 1, std::nullopt});
  CHECK(contains(note.error().sentence, "author and note have 5001 bytes"));
}

TEST_CASE("a name that could leave the folder is no name") {
  Fixture fixture;
  for (const char* name : {"", ".", "..", "../x", "a/b", ".hidden", "-x", "a b", "ä"}) {
    CAPTURE(name);
    CHECK_FALSE(is_instance_name(name));
    CHECK(fixture.store.put(name, {"{}", "a", "", 1, std::nullopt}).error().kind == Kind::invalid);
    CHECK(fixture.store.remove(name).error().kind == Kind::invalid);
  }
  CHECK(is_instance_name("auth-1.b_C"));
  CHECK(is_instance_name(std::string(64, 'a')));
  CHECK_FALSE(is_instance_name(std::string(65, 'a')));
}

TEST_CASE("removing an instance removes its versions, and only them") {
  Fixture fixture;
  fixture.put("{}");
  fixture.put("{}");
  fixture.folder.write("plugins/auth/data.db", "kept");
  CHECK(*fixture.store.remove("auth") == 2);
  CHECK(fixture.store.current("auth").error().kind == Kind::not_found);
  CHECK(file_content(fixture.folder.path() / "plugins/auth/data.db") == "kept");
  CHECK(*fixture.store.remove("auth") == 0);
}

TEST_CASE("a folder that cannot be made is an error, not a crash") {
  const TemporaryFolder folder;
  const patchbay::base::ManualClock clock;
  folder.write("plugins", "a file");
  SettingsStore store(folder.path(), clock);
  CHECK(store.put("auth", {"{}", "a", "", 1, std::nullopt}).error().kind == Kind::io);
}
