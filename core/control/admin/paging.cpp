#include "admin/paging.h"

#include <limits>

#include "admin/schema.h"

namespace patchbay::admin {

uint64_t Page::offset() const {
  const uint64_t before = page - 1;
  if (before != 0 && limit > std::numeric_limits<uint64_t>::max() / before) return std::numeric_limits<uint64_t>::max();
  return before * limit;
}

Page page_of(const ApiRequest& request) {
  Page page;
  page.page = request.query_number("page").value_or(1);
  page.limit = request.query_number("limit").value_or(kPageLimitDefault);
  return page;
}

std::vector<QueryParameter> paging_parameters(std::vector<QueryParameter> others) {
  std::vector<QueryParameter> parameters = {
      {"page", schema::with_default(schema::integer(1, std::numeric_limits<uint32_t>::max()), 1),
       "The number of the page, from 1."},
      {"limit", schema::with_default(schema::integer(1, kPageLimitMax), kPageLimitDefault), "Elements on a page."}};
  for (QueryParameter& other : others) parameters.push_back(std::move(other));
  return parameters;
}

bool is_paging_parameter(const QueryParameter& parameter) {
  return parameter.name == "page" || parameter.name == "limit";
}

ApiResponse paged(Json data, const Page& page, std::optional<uint64_t> count, bool hasnext) {
  Json meta = {{"page", page.page}, {"limit", page.limit}, {"hasnext", hasnext}};
  if (count) meta["count"] = *count;
  return ApiResponse::json({{"data", std::move(data)}, {"meta", std::move(meta)}});
}

Json paged_schema(Json item) {
  return schema::object({{"data", schema::array(std::move(item), kPageLimitMax)},
                         {"meta", schema::object({{"page", schema::integer(1, std::numeric_limits<uint32_t>::max())},
                                                  {"limit", schema::integer(1, kPageLimitMax)},
                                                  {"count", schema::integer(0, std::numeric_limits<uint64_t>::max())},
                                                  {"hasnext", schema::boolean()}})}});
}

}  // namespace patchbay::admin
