#pragma once

namespace patchbay::admin {

/// The page /api-docs with npm's swagger-ui-dist, which shows the document and tries operations out: markup, and the
/// script that lets its reader log in and starts it. Nothing is loaded from anywhere else.
extern const char* const kSwaggerHtml;
extern const char* const kSwaggerScript;

}  // namespace patchbay::admin
