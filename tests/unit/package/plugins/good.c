/* A plugin without fault, as add_patchbay_plugin() would build it. */
#include "plugin_entry.h"

TEST_MANIFEST(
    "{\"id\":\"com.example.good\",\"version\":\"1.2.3\",\"title\":\"Good\",\"license\":\"MIT\","
    "\"sdk\":{\"major\":1,\"minor_min\":0},\"needs\":[\"patchbay.publish/1\"],\"permissions\":[\"publish\"],"
    "\"hooks\":{\"auth.authenticate\":{\"deadline\":\"3s\",\"fallback\":\"deny\",\"after\":[\"role:blocklist\"]}},"
    "\"config\":{\"type\":\"object\",\"properties\":{\"token\":{\"type\":\"string\",\"x-secret\":true}}}}");
TEST_ENTRY();
