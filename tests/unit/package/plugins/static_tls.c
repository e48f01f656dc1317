/* Thread-local storage of the initial-exec model. */
#include "plugin_entry.h"

TEST_MANIFEST("{\"id\":\"com.example.static-tls\",\"version\":\"1.0.0\"}");
static __thread int calls __attribute__((tls_model("initial-exec")));
static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  (void)host;
  (void)name;
  ++calls;
  return 0;
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
