/* A manifest one byte above the limit. */
#include "plugin_entry.h"

PATCHBAY_MANIFEST_SECTION static const char manifest_text[1048577] = {' '};
TEST_ENTRY();
