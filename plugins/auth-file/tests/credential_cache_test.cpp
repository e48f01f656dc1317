#include "credential_cache.h"

#include <catch2/catch.hpp>

using namespace patchbay::auth_file;

namespace {

CredentialCache::Key key(const std::string& user, const std::string& password = "p", const std::string& hash = "h") {
  return credential_key("secret", user, password, hash);
}

}  // namespace

TEST_CASE("cache: keys differ by user, password, stored hash and secret, and not by where they are cut") {
  CHECK(key("ann") == key("ann"));
  CHECK(key("ann") != key("bob"));
  CHECK(key("ann", "p") != key("ann", "q"));
  CHECK(key("ann", "p", "h") != key("ann", "p", "i"));
  CHECK(key("ann", "xp") != key("annx", "p"));
  CHECK(key("ann", "p", "qh") != key("ann", "pq", "h"));
  CHECK(credential_key("other", "ann", "p", "h") != key("ann"));
}

TEST_CASE("cache: for a time, and for so many") {
  CredentialCache cache;
  cache.keep(key("ann"), 1000, 500, 2);
  CHECK(cache.holds(key("ann"), 1499));
  CHECK_FALSE(cache.holds(key("ann"), 1500));
  CHECK_FALSE(cache.holds(key("bob"), 1000));
  cache.keep(key("ann"), 1400, 500, 2);
  CHECK(cache.holds(key("ann"), 1899));
  cache.keep(key("bob"), 1400, 500, 2);
  cache.keep(key("carol"), 1400, 500, 2);
  CHECK(cache.size() == 2);
  CHECK_FALSE(cache.holds(key("ann"), 1400));
  CHECK(cache.holds(key("bob"), 1400));
  CHECK(cache.holds(key("carol"), 1400));
}

TEST_CASE("cache: a limit of nothing keeps nothing") {
  CredentialCache cache;
  cache.keep(key("ann"), 1000, 0, 10);
  cache.keep(key("ann"), 1000, 500, 0);
  CHECK(cache.size() == 0);
}
