/* Has the entry and the text, but no section. */
#include "patchbay/patchbay.h"

#undef PATCHBAY_MANIFEST_SECTION
#define PATCHBAY_MANIFEST_SECTION
#include "plugin_entry.h"

TEST_MANIFEST("{\"id\":\"com.example.no-manifest\",\"version\":\"1.0.0\"}");
TEST_ENTRY();
