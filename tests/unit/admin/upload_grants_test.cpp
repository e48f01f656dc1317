#include "admin/upload_grants.h"

#include <catch2/catch.hpp>

#include "base/clock.h"

namespace patchbay::admin {

TEST_CASE("a grant is for one name and one file, and used up by the first upload", "[admin][plugins]") {
  base::ManualClock clock;
  UploadGrants grants(clock);
  const std::string hash(64, 'a');
  CHECK_FALSE(grants.take("limit", hash));
  grants.allow("limit", std::string(64, 'A'), {"routes"});
  CHECK_FALSE(grants.take("limit", std::string(64, 'b')));
  CHECK_FALSE(grants.take("other", hash));
  const auto grant = grants.take("limit", hash);
  REQUIRE(grant);
  CHECK(grant->permissions == std::vector<std::string>{"routes"});
  CHECK_FALSE(grants.take("limit", hash));
}

TEST_CASE("a grant is forgotten after five minutes", "[admin][plugins]") {
  base::ManualClock clock;
  UploadGrants grants(clock);
  const std::string hash(64, 'a');
  grants.allow("limit", hash, {});
  clock.advance_ms(UploadGrants::kLifeMs - 1);
  grants.allow("late", hash, {});
  clock.advance_ms(1);
  CHECK_FALSE(grants.take("limit", hash));
  CHECK(grants.take("late", hash));
}

TEST_CASE("grants are bounded; the oldest goes", "[admin][plugins]") {
  base::ManualClock clock;
  UploadGrants grants(clock);
  const std::string hash(64, 'c');
  for (size_t number = 0; number <= UploadGrants::kMaximum; ++number)
    grants.allow("p" + std::to_string(number), hash, {});
  CHECK_FALSE(grants.take("p0", hash));
  CHECK(grants.take("p1", hash));
  CHECK(grants.take("p" + std::to_string(UploadGrants::kMaximum), hash));
}

}  // namespace patchbay::admin
