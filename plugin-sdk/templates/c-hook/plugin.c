/* Refuses whatever is published below internal/. */
#include <patchbay/patchbay.h>
#include <stdlib.h>
#include <string.h>

typedef struct instance {
  patchbay_plugin table;
  const patchbay_host* host;
} instance;

static patchbay_verdict on_publish(void* self, const void* shown, patchbay_token token) {
  static const char prefix[] = "internal/";
  const patchbay_publish_accept_event* event = shown;
  patchbay_verdict verdict = {PATCHBAY_CONTINUE, 0, 0, 0, 0};
  (void)self;
  (void)token;
  if (event->topic.len >= sizeof prefix - 1 && memcmp(event->topic.ptr, prefix, sizeof prefix - 1) == 0) {
    verdict.kind = PATCHBAY_DENY;
    verdict.reason = 0x87; /* not authorized */
  }
  return verdict;
}

static patchbay_status configure(void* self, patchbay_str json, patchbay_writer* errors) {
  (void)self;
  (void)json;
  (void)errors;
  return PATCHBAY_OK;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  instance* of = self;
  patchbay_hook hook;
  (void)errors;
  memset(&hook, 0, sizeof hook);
  hook.size = sizeof hook;
  hook.hook = PATCHBAY_HOOK_publish_accept;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.self = of;
  hook.fn = on_publish;
  return of->host->add_hook(of->host, &hook);
}

static void stop(void* self) {
  (void)self;
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  instance* made = calloc(1, sizeof *made);
  (void)name;
  if (made == NULL) return NULL;
  made->host = host;
  made->table.size = sizeof made->table;
  made->table.self = made;
  made->table.configure = configure;
  made->table.start = start;
  made->table.stop = stop;
  made->table.destroy = free;
  return &made->table;
}

PATCHBAY_MANIFEST_SECTION static const char manifest[] = PATCHBAY_MANIFEST;
const patchbay_entry patchbay_plugin_entry = {
    PATCHBAY_ENTRY_MAGIC, sizeof(patchbay_entry), PATCHBAY_ABI_MAJOR, PATCHBAY_ABI_MINOR, 0, 0, "C", manifest, create};
