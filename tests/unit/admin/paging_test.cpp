#include <catch2/catch.hpp>
#include <limits>

#include "admin/paging.h"

using namespace patchbay::admin;

namespace {

ApiRequest request(std::vector<std::pair<std::string, std::string>> query = {}) {
  ApiRequest request;
  request.query = std::move(query);
  return request;
}

Json numbers_page(uint64_t page, uint64_t limit) {
  const std::vector<int> numbers = {1, 2, 3, 4, 5};
  return Json::parse(page_of_list(numbers, {page, limit}, [](int number) { return Json(number); }).body);
}

}  // namespace

TEST_CASE("without parameters it is the first page of a hundred") {
  const Page page = page_of(request());
  CHECK(page.page == 1);
  CHECK(page.limit == 100);
  CHECK(page.offset() == 0);
}

TEST_CASE("pages of a list say what comes before and after") {
  CHECK(numbers_page(1, 2) == Json::parse(R"({"data":[1,2],"meta":{"page":1,"limit":2,"count":5,"hasnext":true}})"));
  CHECK(numbers_page(3, 2) == Json::parse(R"({"data":[5],"meta":{"page":3,"limit":2,"count":5,"hasnext":false}})"));
  CHECK(numbers_page(1, 5)["meta"]["hasnext"] == false);
  CHECK(numbers_page(4, 2)["data"].empty());
}

TEST_CASE("a page beyond all numbers is empty, and not the first one again") {
  const Page last{std::numeric_limits<uint64_t>::max(), 10'000};
  CHECK(last.offset() == std::numeric_limits<uint64_t>::max());
  CHECK(numbers_page(last.page, last.limit)["data"].empty());
}

TEST_CASE("a count that nobody took is left out") {
  const Json body = Json::parse(paged(Json::array(), {}, std::nullopt, true).body);
  CHECK_FALSE(body["meta"].contains("count"));
}

TEST_CASE("requests give their values by name") {
  const ApiRequest asked =
      request({{"clientid", "a"}, {"clientid", "b"}, {"limit", "7"}, {"flag", "true"}, {"bad", "7x"}});
  CHECK(asked.query_value("clientid") == "a");
  CHECK(asked.query_values("clientid") == std::vector<std::string>{"a", "b"});
  CHECK(asked.query_number("limit") == 7);
  CHECK_FALSE(asked.query_number("bad"));
  CHECK(asked.query_flag("flag", false));
  CHECK(asked.query_flag("other", true));
  CHECK(page_of(asked).limit == 7);
}
