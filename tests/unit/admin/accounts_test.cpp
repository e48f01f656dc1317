#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "admin/error_codes.h"
#include "admin/json.h"
#include "unit/admin/temporary_accounts.h"

using namespace patchbay::admin;
using namespace patchbay::test;
using patchbay::base::ManualClock;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool private_file(const std::filesystem::path& file) {
  using std::filesystem::perms;
  return (std::filesystem::status(file).permissions() & perms::all) == (perms::owner_read | perms::owner_write);
}

std::string code_of(const ApiResponse& response) {
  return Json::parse(response.body)["code"].get<std::string>();
}

struct Open {
  explicit Open(const AccountFolder& folder, std::string password = "secret-1")
      : accounts(account_options(folder, password), clock), first(*accounts.open()) {}

  ManualClock clock;
  Accounts accounts;
  std::string first;  ///< the password that was made
};

}  // namespace

TEST_CASE("the first start makes an administrator with a password of 128 bits at least, who has to set another") {
  const AccountFolder folder;
  Open open(folder, "");
  REQUIRE(open.first.size() >= 22);
  CHECK(text_of(folder.path / "initial-admin") == open.first + "\n");
  CHECK(private_file(folder.path / "initial-admin"));
  CHECK(private_file(folder.path / "admin" / "users.json"));
  CHECK(text_of(folder.path / "admin" / "users.json").find(open.first) == std::string::npos);

  const auto token = open.accounts.log_in("admin", open.first, "127.0.0.1");
  REQUIRE(token);
  const auto caller = open.accounts.authenticate("Bearer " + *token, "127.0.0.1");
  REQUIRE(caller);
  CHECK(caller->role == Role::administrator);
  CHECK(open.accounts.must_change_password(*caller));

  CHECK_FALSE(open.accounts.change_password("admin", open.first, "better-2-say", "127.0.0.1"));
  CHECK_FALSE(std::filesystem::exists(folder.path / "initial-admin"));
  CHECK(code_of(open.accounts.authenticate("Bearer " + *token, "127.0.0.1").error()) == "BAD_TOKEN");
  const auto again = open.accounts.log_in("admin", "better-2-say", "127.0.0.1");
  REQUIRE(again);
  CHECK_FALSE(open.accounts.must_change_password(*open.accounts.authenticate("Bearer " + *again, "127.0.0.1")));
}

TEST_CASE("a second start makes nobody") {
  const AccountFolder folder;
  const Open first(folder);
  Open second(folder, "");
  CHECK(second.first.empty());
  CHECK(second.accounts.log_in("admin", "secret-1", "127.0.0.1"));
}

TEST_CASE("a password that the operator gives counts, when it is one") {
  const AccountFolder folder;
  ManualClock clock;
  Accounts weak(account_options(folder, "short"), clock);
  const auto refused = weak.open();
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Catch::Contains("api.admin_password"));
  CHECK(refused.error().find("short") == std::string::npos);
  Open given(folder);
  CHECK(given.first.empty());
  const auto token = given.accounts.log_in("admin", "secret-1", "127.0.0.1");
  CHECK_FALSE(given.accounts.must_change_password(*given.accounts.authenticate("Bearer " + *token, "")));
}

TEST_CASE("a damaged file of users lets nobody in, and is left alone") {
  const AccountFolder folder;
  std::filesystem::create_directories(folder.path / "admin");
  for (const char* text : {"", "{}", "{\"users\":[{}]}", "{\"users\":[{\"username\":\"a\"}]}", "not JSON"}) {
    INFO(text);
    std::ofstream(folder.path / "admin" / "users.json") << text;
    ManualClock clock;
    Accounts accounts(account_options(folder), clock);
    CHECK_FALSE(accounts.open());
    CHECK(text_of(folder.path / "admin" / "users.json") == text);
  }
}

TEST_CASE("wrong passwords and unknown users get the same answer, and are locked out") {
  const AccountFolder folder;
  Open open(folder);
  for (const char* user : {"admin", "nobody"}) {
    INFO(user);
    for (int count = 0; count < 5; ++count) {
      const auto refused = open.accounts.log_in(user, "wrong", "10.0.0.1");
      REQUIRE_FALSE(refused);
      CHECK(refused.error().status == 401);
      CHECK(code_of(refused.error()) == "BAD_USERNAME_OR_PWD");
    }
    const auto locked = open.accounts.log_in(user, "secret-1", "10.0.0.1");
    REQUIRE_FALSE(locked);
    CHECK(locked.error().status == 429);
  }
  CHECK(open.accounts.log_in("admin", "secret-1", "10.0.0.2"));
  open.clock.advance_ms(600'000);
  CHECK(open.accounts.log_in("admin", "secret-1", "10.0.0.1"));
}

TEST_CASE("headers that are no Authorization") {
  const AccountFolder folder;
  Open open(folder);
  for (const char* header : {"", "Bearer", "Digest a", "bearertoken", "Basic"}) {
    INFO(header);
    const auto refused = open.accounts.authenticate(header, "x");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().status == 401);
    CHECK(code_of(refused.error()) == "AUTHORIZATION_HEADER_ERROR");
  }
  CHECK(code_of(open.accounts.authenticate("Bearer nonsense", "x").error()) == "BAD_TOKEN");
  CHECK(code_of(open.accounts.authenticate("Basic ????", "x").error()) == "BAD_API_KEY_OR_SECRET");
  CHECK(code_of(open.accounts.authenticate("Basic YTpi", "x").error()) == "BAD_API_KEY_OR_SECRET");
}

TEST_CASE("a token expires, a role counts as it is now, and who is gone is out") {
  const AccountFolder folder;
  Open open(folder);
  REQUIRE(open.accounts.users().add({"ann", "", Role::administrator, *open.accounts.hash("secret-2"), false}) ==
          UserStore::Change::done);
  const std::string header = "Bearer " + *open.accounts.log_in("ann", "secret-2", "x");
  CHECK(open.accounts.authenticate(header, "x")->role == Role::administrator);
  REQUIRE(open.accounts.users().update("ann", Role::viewer, "") == UserStore::Change::done);
  CHECK(open.accounts.authenticate(header, "x")->role == Role::viewer);
  open.clock.advance_ms(3'600'000);
  CHECK(code_of(open.accounts.authenticate(header, "x").error()) == "TOKEN_TIME_OUT");
  const std::string fresh = "Bearer " + *open.accounts.log_in("ann", "secret-2", "x");
  REQUIRE(open.accounts.users().remove("ann") == UserStore::Change::done);
  CHECK(code_of(open.accounts.authenticate(fresh, "x").error()) == "BAD_TOKEN");
}

TEST_CASE("the file for the command line has the address and a token of this start") {
  const AccountFolder folder;
  Open open(folder);
  CHECK_FALSE(open.accounts.authenticate("Bearer ", "x"));
  REQUIRE(open.accounts.write_local_token("http://127.0.0.1:18083"));
  CHECK(private_file(folder.path / "ctl-token"));
  std::stringstream text(text_of(folder.path / "ctl-token"));
  std::string url;
  std::string token;
  std::getline(text, url);
  std::getline(text, token);
  CHECK(url == "http://127.0.0.1:18083");
  const auto caller = open.accounts.authenticate("Bearer " + token, "127.0.0.1");
  REQUIRE(caller);
  CHECK(caller->by == Caller::By::local);
  Open next(folder);
  CHECK_FALSE(next.accounts.authenticate("Bearer " + token, "127.0.0.1"));
}
