/* Writes into the log what the hook points of the control plane tell, forbids what is called forbidden, and every
 * reload while its setting "frozen" is true. */
#include <patchbay/patchbay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PATCHBAY_MANIFEST_SECTION static const char manifest[] =
    "{\"id\":\"org.example.watcher\",\"version\":\"1.0.0\",\"instances\":\"many\",\"hooks\":{\"plugin.state\":{},"
    "\"cluster.event\":{},\"alarm."
    "raised\":{},\"alarm."
    "cleared\":{},"
    "\"config.changed\":{},\"listener.state\":{},\"node.state\":{},\"shutdown.begin\":{},\"admin.before\":{},\"admin."
    "audit\":{}},"
    "\"config\":{\"type\":\"object\",\"properties\":{\"frozen\":{\"type\":\"boolean\",\"default\":false}}}}";

static const uint32_t observed[] = {
    PATCHBAY_HOOK_cluster_event, PATCHBAY_HOOK_plugin_state,   PATCHBAY_HOOK_alarm_raised,
    PATCHBAY_HOOK_alarm_cleared, PATCHBAY_HOOK_config_changed, PATCHBAY_HOOK_listener_state,
    PATCHBAY_HOOK_node_state,    PATCHBAY_HOOK_shutdown_begin, PATCHBAY_HOOK_admin_audit};

struct watcher {
  patchbay_plugin plugin;
  const patchbay_host* host;
  int frozen; /* both are touched on the control thread only */
};

static patchbay_verdict watch(void* self, const void* event, patchbay_token token) {
  struct watcher* watcher = self;
  const patchbay_control_event* told = event;
  const patchbay_verdict verdict = {PATCHBAY_CONTINUE, 0, 0, 0, 0};
  char text[512];
  (void)token;
  const int len =
      snprintf(text, sizeof(text), "saw hook %u: %.*s: %.*s -> %.*s", told->hook, (int)told->object.len,
               told->object.ptr, (int)told->before.len, told->before.ptr, (int)told->after.len, told->after.ptr);
  const patchbay_str line = {text, len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1};
  watcher->host->log(watcher->host, PATCHBAY_LOG_NOTICE, line);
  return verdict;
}

static patchbay_verdict admin(void* self, const void* event, patchbay_token token) {
  static const char word[] = "forbidden";
  const patchbay_admin_event* asked = event;
  patchbay_verdict verdict = {PATCHBAY_CONTINUE, 0, 0, 0, 0};
  (void)token;
  if (((struct watcher*)self)->frozen && asked->action.len == 6 && memcmp(asked->action.ptr, "RELOAD", 6) == 0)
    verdict.kind = PATCHBAY_DENY;
  if (asked->object.len == sizeof(word) - 1 && memcmp(asked->object.ptr, word, asked->object.len) == 0)
    verdict.kind = PATCHBAY_DENY;
  return verdict;
}

static patchbay_status configure(void* self, patchbay_str settings_json, patchbay_writer* errors) {
  static const char frozen[] = "\"frozen\":true";
  (void)errors;
  ((struct watcher*)self)->frozen = 0;
  for (size_t i = 0; i + sizeof(frozen) - 1 <= settings_json.len; ++i) {
    if (memcmp(settings_json.ptr + i, frozen, sizeof(frozen) - 1) == 0) ((struct watcher*)self)->frozen = 1;
  }
  return PATCHBAY_OK;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  struct watcher* watcher = self;
  patchbay_hook hook;
  (void)errors;
  memset(&hook, 0, sizeof(hook));
  hook.size = sizeof(hook);
  hook.phase = PATCHBAY_PHASE_OBSERVE;
  hook.flags = PATCHBAY_HOOK_INLINE;
  hook.self = watcher;
  hook.fn = watch;
  for (size_t i = 0; i < sizeof(observed) / sizeof(observed[0]); ++i) {
    hook.hook = observed[i];
    const patchbay_status status = watcher->host->add_hook(watcher->host, &hook);
    if (status != PATCHBAY_OK) return status;
  }
  hook.hook = PATCHBAY_HOOK_admin_before;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.flags = 0;
  hook.fn = admin;
  return watcher->host->add_hook(watcher->host, &hook);
}

static void stop(void* self) {
  (void)self;
}

static void destroy(void* self) {
  free(self);
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  struct watcher* watcher = calloc(1, sizeof(*watcher));
  (void)name;
  if (watcher == NULL) return NULL;
  watcher->host = host;
  watcher->plugin.size = sizeof(watcher->plugin);
  watcher->plugin.self = watcher;
  watcher->plugin.configure = configure;
  watcher->plugin.start = start;
  watcher->plugin.stop = stop;
  watcher->plugin.destroy = destroy;
  return &watcher->plugin;
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
