/* Calls a function that it expects of the host. */
#include "plugin_entry.h"

TEST_MANIFEST("{\"id\":\"com.example.undefined\",\"version\":\"1.0.0\"}");
const patchbay_plugin* broker_make_plugin(const patchbay_host* host);
static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  (void)name;
  return broker_make_plugin(host);
}
PATCHBAY_EXPORT const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC,
                                                              sizeof(patchbay_entry),
                                                              PATCHBAY_ABI_MAJOR,
                                                              PATCHBAY_ABI_MINOR,
                                                              0,
                                                              0,
                                                              "test",
                                                              manifest_text,
                                                              create};
