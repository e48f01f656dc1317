/* Any library: has a manifest, but no entry. */
#include "plugin_entry.h"

TEST_MANIFEST("{\"id\":\"com.example.no-entry\",\"version\":\"1.0.0\"}");
