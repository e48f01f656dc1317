/* What all test plugins share: the entry, the create function, and a manifest in its section. The declaration of the
 * entry in the SDK's header carries its visibility. */
#pragma once

#include "patchbay/patchbay.h"

#define TEST_MANIFEST(text) PATCHBAY_MANIFEST_SECTION static const char manifest_text[] = text

#define TEST_ENTRY()                                                                   \
  static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) { \
    (void)host;                                                                        \
    (void)name;                                                                        \
    return 0;                                                                          \
  }                                                                                    \
  const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC,                  \
                                                sizeof(patchbay_entry),                \
                                                PATCHBAY_ABI_MAJOR,                    \
                                                PATCHBAY_ABI_MINOR,                    \
                                                0,                                     \
                                                0,                                     \
                                                "test",                                \
                                                manifest_text,                         \
                                                create}
