/* What bench_hooks loads: the least that a plugin can do. The instance's name says where it listens: "routed..."
 * observes publish.routed, "accept..." decides at publish.accept, "filter..." does so for another topic only. */
#include <patchbay/patchbay.h>
#include <stdlib.h>
#include <string.h>

typedef struct instance {
  patchbay_plugin table;
  const patchbay_host* host;
  char kind;
  uint64_t seen;
} instance;

static patchbay_verdict on_routed(void* self, const void* event, patchbay_token token) {
  patchbay_verdict none = {0, 0, 0, 0, 0};
  (void)token;
  ((instance*)self)->seen += ((const patchbay_publish_routed_event*)event)->receivers;
  return none;
}

static patchbay_verdict on_accept(void* self, const void* event, patchbay_token token) {
  patchbay_verdict none = {0, 0, 0, 0, 0};
  (void)token;
  ((instance*)self)->seen += ((const patchbay_publish_accept_event*)event)->qos + 1U;
  return none;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  instance* of = self;
  patchbay_hook hook = {0};
  patchbay_filter filter = {0};
  const patchbay_str elsewhere = {"plant/+/alarms/#", 16};
  (void)errors;
  hook.size = sizeof hook;
  hook.hook = of->kind == 'r' ? PATCHBAY_HOOK_publish_routed : PATCHBAY_HOOK_publish_accept;
  hook.phase = of->kind == 'r' ? PATCHBAY_PHASE_OBSERVE : PATCHBAY_PHASE_DECIDE;
  hook.flags = PATCHBAY_HOOK_INLINE;
  hook.self = of;
  hook.fn = of->kind == 'r' ? on_routed : on_accept;
  filter.size = sizeof filter;
  filter.topic_filters = &elsewhere;
  filter.topic_filter_count = 1;
  if (of->kind == 'f') hook.filter = &filter;
  return of->host->add_hook(of->host, &hook);
}

static void stop(void* self) {
  (void)self;
}

static void destroy(void* self) {
  free(self);
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  instance* made = calloc(1, sizeof *made);
  if (made == NULL || name.len == 0) return NULL;
  made->host = host;
  made->kind = name.ptr[0];
  made->table.size = sizeof made->table;
  made->table.self = made;
  made->table.start = start;
  made->table.stop = stop;
  made->table.destroy = destroy;
  return &made->table;
}

const patchbay_entry patchbay_plugin_entry = {
    PATCHBAY_ENTRY_MAGIC, sizeof(patchbay_entry), PATCHBAY_ABI_MAJOR, PATCHBAY_ABI_MINOR, 0, 0, "C11", "", create};
