#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "admin/api_request.h"
#include "admin/api_response.h"
#include "admin/route.h"

/// Pages of lists, as EMQX's API has them: ?page=1&limit=100 -> {"data": [...], "meta": {page, limit, count, hasnext}}.
/// [any-thread]
namespace patchbay::admin {

inline constexpr uint64_t kPageLimitMax = 10'000;
inline constexpr uint64_t kPageLimitDefault = 100;
/// What an answer to a bad page says; the dispatcher answers 400 INVALID_PARAMETER with it.
inline constexpr const char* kPageLimitInvalid = "page_limit_invalid";

struct Page {
  uint64_t page = 1;
  uint64_t limit = kPageLimitDefault;

  /// The number of elements before this page; saturates.
  [[nodiscard]] uint64_t offset() const;
};

/// `page` and `limit` of a request that has been checked.
[[nodiscard]] Page page_of(const ApiRequest& request);

/// The two parameters for a route's query, alone or before others.
[[nodiscard]] std::vector<QueryParameter> paging_parameters(std::vector<QueryParameter> others = {});
[[nodiscard]] bool is_paging_parameter(const QueryParameter& parameter);

/// `count` nothing: finding it would take a full scan.
[[nodiscard]] ApiResponse paged(Json data, const Page& page, std::optional<uint64_t> count, bool hasnext);
/// Schema of such an answer.
[[nodiscard]] Json paged_schema(Json item);

/// The page of a whole list that is at hand; `to_json` makes the element's JSON.
template <class List, class ToJson>
[[nodiscard]] ApiResponse page_of_list(const List& list, const Page& page, ToJson to_json) {
  const uint64_t count = list.size();
  const uint64_t first = std::min<uint64_t>(page.offset(), count);
  const uint64_t last = std::min<uint64_t>(first + page.limit, count);
  Json data = Json::array();
  auto element = list.begin();
  std::advance(element, static_cast<std::ptrdiff_t>(first));
  for (uint64_t index = first; index < last; ++index, ++element) data.push_back(to_json(*element));
  return paged(std::move(data), page, count, last < count);
}

}  // namespace patchbay::admin
