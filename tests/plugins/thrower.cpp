// Lets an exception out of start(), which the ABI forbids.
#include <patchbay/patchbay.h>

#include <stdexcept>

namespace {

PATCHBAY_MANIFEST_SECTION const char manifest[] = R"({"id":"org.example.thrower","version":"1.0.0"})";

patchbay_plugin plugin{};

patchbay_status configure(void*, patchbay_str, patchbay_writer*) {
  return PATCHBAY_OK;
}

patchbay_status start(void*, patchbay_writer*) {
  throw std::runtime_error("no bread left");
}

void nothing(void*) {}

const patchbay_plugin* create(const patchbay_host*, patchbay_str) {
  plugin.size = sizeof(plugin);
  plugin.configure = configure;
  plugin.start = start;
  plugin.stop = nothing;
  plugin.destroy = nothing;
  return &plugin;
}

}  // namespace

const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC,
                                              sizeof(patchbay_entry),
                                              PATCHBAY_ABI_MAJOR,
                                              PATCHBAY_ABI_MINOR,
                                              0,
                                              0,
                                              "test",
                                              manifest,
                                              create};
