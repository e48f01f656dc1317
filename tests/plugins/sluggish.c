/* Puts off every message below "slow/" and never decides about it: the host's deadline and fallback do. */
#include <patchbay/patchbay.h>
#include <stdlib.h>
#include <string.h>

PATCHBAY_MANIFEST_SECTION static const char manifest[] =
    "{\"id\":\"org.example.sluggish\",\"version\":\"1.0.0\",\"instances\":\"many\",\"hooks\":{\"publish.accept\":{}}}";

struct sluggish {
  patchbay_plugin plugin;
  const patchbay_host* host;
};

static patchbay_status configure(void* self, patchbay_str settings_json, patchbay_writer* errors) {
  (void)self, (void)settings_json, (void)errors;
  return PATCHBAY_OK;
}

static patchbay_verdict accept(void* self, const void* event, patchbay_token token) {
  const patchbay_verdict later = {PATCHBAY_DEFER, 0, 0, 0, 0};
  (void)self, (void)event, (void)token;
  return later;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  static const char topic[] = "slow/#";
  const patchbay_str filters[] = {{topic, sizeof(topic) - 1}};
  const patchbay_filter filter = {sizeof(filter), 0, filters, 1, NULL, 0, NULL, 0};
  struct sluggish* sluggish = self;
  patchbay_hook hook;
  (void)errors;
  memset(&hook, 0, sizeof(hook));
  hook.size = sizeof(hook);
  hook.hook = PATCHBAY_HOOK_publish_accept;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.filter = &filter;
  hook.deadline_ms = 1000;
  hook.fallback = PATCHBAY_FALLBACK_DENY;
  hook.self = sluggish;
  hook.fn = accept;
  return sluggish->host->add_hook(sluggish->host, &hook);
}

static void stop(void* self) {
  (void)self;
}

static void destroy(void* self) {
  free(self);
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  struct sluggish* sluggish = calloc(1, sizeof(*sluggish));
  (void)name;
  if (sluggish == NULL) return NULL;
  sluggish->host = host;
  sluggish->plugin.size = sizeof(sluggish->plugin);
  sluggish->plugin.self = sluggish;
  sluggish->plugin.configure = configure;
  sluggish->plugin.start = start;
  sluggish->plugin.stop = stop;
  sluggish->plugin.destroy = destroy;
  return &sluggish->plugin;
}

PATCHBAY_EXPORT const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC,
                                                              sizeof(patchbay_entry),
                                                              PATCHBAY_ABI_MAJOR,
                                                              PATCHBAY_ABI_MINOR,
                                                              0,
                                                              0,
                                                              "test",
                                                              manifest,
                                                              create};
