/* Closes connections from addresses that begin as a setting says. A plugin in C: no library, 32 bytes of state for each
 * prefix. */
#include <patchbay/patchbay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIXES_MAX 64
#define PREFIX_BYTES 32

typedef struct prefix_list {
  size_t count;
  char prefixes[PREFIXES_MAX][PREFIX_BYTES];
  struct prefix_list* older; /* shards may still read it: kept until destroy() */
} prefix_list;

typedef struct instance {
  patchbay_plugin table;
  const patchbay_host* host;
  prefix_list* _Atomic current;
} instance;

static patchbay_verdict on_accept(void* self, const void* shown, patchbay_token token) {
  const patchbay_conn_accept_event* event = shown;
  const prefix_list* list = ((instance*)self)->current;
  const uint8_t* ip = event->peer_address + 12; /* IPv4 is mapped into the last four bytes */
  char dotted[PREFIX_BYTES];
  patchbay_verdict verdict = {PATCHBAY_CONTINUE, 0, 0, 0, 0};
  (void)token;
  if (event->peer_address[10] != 0xFF || event->peer_address[11] != 0xFF) return verdict;
  snprintf(dotted, sizeof dotted, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
  for (size_t i = 0; list != NULL && i < list->count; ++i) {
    if (strncmp(dotted, list->prefixes[i], strlen(list->prefixes[i])) == 0) verdict.kind = PATCHBAY_DENY;
  }
  return verdict;
}

/* The host has checked the settings against the schema: every quoted text that begins with a digit is a prefix. */
static patchbay_status configure(void* self, patchbay_str json, patchbay_writer* errors) {
  instance* of = self;
  prefix_list* list = calloc(1, sizeof *list);
  (void)errors;
  if (list == NULL) return PATCHBAY_NOMEM;
  for (size_t i = 0; i < json.len && list->count < PREFIXES_MAX; ++i) {
    if (json.ptr[i] != '"') continue;
    size_t end = i + 1;
    while (end < json.len && json.ptr[end] != '"') ++end;
    const size_t len = end - i - 1;
    if (len > 0 && len < PREFIX_BYTES && json.ptr[i + 1] >= '0' && json.ptr[i + 1] <= '9') {
      memcpy(list->prefixes[list->count++], json.ptr + i + 1, len);
    }
    i = end;
  }
  list->older = of->current;
  of->current = list;
  return PATCHBAY_OK;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  instance* of = self;
  patchbay_hook hook = {0};
  (void)errors;
  hook.size = sizeof hook;
  hook.hook = PATCHBAY_HOOK_conn_accept;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.self = of;
  hook.fn = on_accept;
  return of->host->add_hook(of->host, &hook);
}

static void stop(void* self) {
  (void)self;
}

static void destroy(void* self) {
  instance* of = self;
  for (prefix_list* list = of->current; list != NULL;) {
    prefix_list* older = list->older;
    free(list);
    list = older;
  }
  free(of);
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
  made->table.destroy = destroy;
  return &made->table;
}

PATCHBAY_MANIFEST_SECTION static const char manifest[] = PATCHBAY_MANIFEST;
const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC,
                                              sizeof(patchbay_entry),
                                              PATCHBAY_ABI_MAJOR,
                                              PATCHBAY_ABI_MINOR,
                                              0,
                                              0,
                                              "C11",
                                              manifest,
                                              create};
