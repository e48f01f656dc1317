/* Three mistakes in one manifest. */
#include "plugin_entry.h"

TEST_MANIFEST("{\"id\":\"nodots\",\"version\":\"1.0\",\"licence\":\"MIT\"}");
TEST_ENTRY();
