#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/json.h"
#include "admin/route.h"

namespace patchbay::admin {

/// The OpenAPI 3.0 document of the routes: made of the same objects that serve requests and check them. [any-thread]
/// `more`: what others serve under the same root, plugins for one.
[[nodiscard]] Json openapi_document(const RouteTable& routes, const std::string& version,
                                    const std::vector<Route>& more = {});

/// GET /api-spec.json and /api-docs/swagger.json, for who is logged in, and the page /api-docs that shows it. The
/// routes of `api` are read when the document is asked for, and `more` is called; `api` outlives them. [control]
void add_document_pages(RouteTable& pages, const RouteTable& api, const std::string& version,
                        std::function<std::vector<Route>()> more = {});

}  // namespace patchbay::admin
