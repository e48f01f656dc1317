/* Exports a helper beside the entry. */
#include "plugin_entry.h"

TEST_MANIFEST("{\"id\":\"com.example.two-exports\",\"version\":\"1.0.0\"}");
PATCHBAY_EXPORT int helper_that_leaked(void);
int helper_that_leaked(void) {
  return 1;
}
TEST_ENTRY();
