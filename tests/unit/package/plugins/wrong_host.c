/* Wants what no host of this release has. */
#include "plugin_entry.h"

TEST_MANIFEST(
    "{\"id\":\"com.example.wrong-host\",\"version\":\"1.0.0\",\"sdk\":{\"major\":2},"
    "\"needs\":[\"patchbay.publish/9\"],\"provides\":[\"patchbay.draft.cluster/1\"]}");
TEST_ENTRY();
