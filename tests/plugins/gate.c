/* Decides who may connect and stamps messages: what the tests of the plugin host load, exchange and unload under
 * traffic. Compiled as versions 1.0.0, 2.0.0 and, with settings of a newer form, 3.0.0. */
#include <patchbay/patchbay.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PATCHBAY_MANIFEST_SECTION static const char manifest[] =
    "{\"id\":\"org.example.gate\",\"version\":\"" GATE_VERSION
    "\",\"instances\":\"many\",\"needs\":[\"patchbay.answers/1\"],"
    "\"hooks\":{\"auth.authenticate\":{},\"publish.accept\":{}},"
    "\"config_version\":" GATE_CONFIG_VERSION
    ","
    "\"config\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"deny\":{\"type\":\"string\",\"default\":\"mallory\"},"
    "\"secret\":{\"type\":\"string\",\"default\":\"\",\"x-secret\":true},"
    "\"mark\":{\"type\":\"string\",\"default\":\"\",\"x-restart\":true},"
    "\"refuse\":{\"type\":\"boolean\",\"default\":false}}}}";

struct gate {
  patchbay_plugin plugin;
  const patchbay_host* host;
  const patchbay_answers* answers;
  char deny[64];
  char mark[32];
  atomic_uint_fast64_t stamped;
};

/* The text behind "key":" in compact JSON; enough for settings that the host has checked. */
static void setting(patchbay_str json, const char* key, char* out, size_t size) {
  char wanted[40];
  snprintf(wanted, sizeof(wanted), "\"%s\":\"", key);
  const size_t wanted_len = strlen(wanted);
  out[0] = '\0';
  for (size_t i = 0; i + wanted_len <= json.len; ++i) {
    if (memcmp(json.ptr + i, wanted, wanted_len) != 0) continue;
    size_t n = 0;
    for (i += wanted_len; i < json.len && json.ptr[i] != '"' && n + 1 < size; ++i) out[n++] = json.ptr[i];
    out[n] = '\0';
    return;
  }
}

static int refused(patchbay_str json) {
  static const char wanted[] = "\"refuse\":true";
  for (size_t i = 0; i + sizeof(wanted) - 1 <= json.len; ++i) {
    if (memcmp(json.ptr + i, wanted, sizeof(wanted) - 1) == 0) return 1;
  }
  return 0;
}

static patchbay_status check(void* self, patchbay_str settings_json, patchbay_writer* errors) {
  static const char text[] = "/refuse: found true; allowed: false\n";
  (void)self;
  if (!refused(settings_json)) return PATCHBAY_OK;
  errors->write(errors, text, sizeof(text) - 1);
  return PATCHBAY_INVALID;
}

static patchbay_status configure(void* self, patchbay_str settings_json, patchbay_writer* errors) {
  struct gate* gate = self;
  (void)errors;
  setting(settings_json, "deny", gate->deny, sizeof(gate->deny));
  setting(settings_json, "mark", gate->mark, sizeof(gate->mark));
  return PATCHBAY_OK;
}

static patchbay_verdict authenticate(void* self, const void* event, patchbay_token token) {
  const struct gate* gate = self;
  const patchbay_authenticate_event* asked = event;
  patchbay_verdict verdict = {PATCHBAY_ALLOW, 0, 0, 0, 0};
  (void)token;
  if (asked->username.len == strlen(gate->deny) && memcmp(asked->username.ptr, gate->deny, asked->username.len) == 0) {
    verdict.kind = PATCHBAY_DENY;
    verdict.reason = 0x87; /* Not authorized */
  }
  return verdict;
}

static patchbay_verdict stamp(void* self, const void* event, patchbay_token token) {
  struct gate* gate = self;
  const patchbay_publish_accept_event* asked = event;
  patchbay_verdict verdict = {PATCHBAY_CONTINUE, 0, 0, 0, 0};
  patchbay_message_view view;
  patchbay_message_fields fields;
  char payload[512];
  (void)token;
  memset(&view, 0, sizeof(view));
  view.size = sizeof(view);
  gate->host->message_view(gate->host, asked->message, &view);
  const uint64_t number = atomic_fetch_add(&gate->stamped, 1) + 1;
  const int head =
      snprintf(payload, sizeof(payload), "%c%s:%llu:", GATE_VERSION[0], gate->mark, (unsigned long long)number);
  if (head < 0 || (size_t)head + view.payload.len > sizeof(payload)) return verdict;
  if (view.payload.len != 0) memcpy(payload + head, view.payload.ptr, view.payload.len);
  memset(&fields, 0, sizeof(fields));
  fields.size = sizeof(fields);
  fields.present = PATCHBAY_FIELD_PAYLOAD;
  fields.payload.ptr = (const uint8_t*)payload;
  fields.payload.len = (size_t)head + view.payload.len;
  const patchbay_message* stamped = gate->host->message_create(gate->host, asked->message, &fields);
  if (stamped == NULL) return verdict;
  verdict.kind = PATCHBAY_REPLACE;
  verdict.flags = PATCHBAY_VERDICT_ARG;
  verdict.arg = gate->answers->message(gate->host, stamped);
  return verdict;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  struct gate* gate = self;
  static const char topic[] = "stamp/#";
  const patchbay_str filters[] = {{topic, sizeof(topic) - 1}};
  patchbay_filter filter = {sizeof(filter), 0, filters, 1, NULL, 0, NULL, 0};
  patchbay_hook hook;
  (void)errors;
  gate->answers = gate->host->get(gate->host, PATCHBAY_ANSWERS_1);
  if (gate->answers == NULL) return PATCHBAY_UNSUPPORTED;
  memset(&hook, 0, sizeof(hook));
  hook.size = sizeof(hook);
  hook.hook = PATCHBAY_HOOK_auth_authenticate;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.self = gate;
  hook.fn = authenticate;
  if (gate->host->add_hook(gate->host, &hook) != PATCHBAY_OK) return PATCHBAY_FAILED;
  hook.hook = PATCHBAY_HOOK_publish_accept;
  hook.phase = PATCHBAY_PHASE_TRANSFORM;
  hook.filter = &filter;
  hook.fn = stamp;
  return gate->host->add_hook(gate->host, &hook);
}

static void stop(void* self) {
  (void)self;
}

static void destroy(void* self) {
  free(self);
}

static patchbay_status export_state(void* self, patchbay_writer* state) {
  struct gate* gate = self;
  const uint64_t stamped = atomic_load(&gate->stamped);
  return state->write(state, &stamped, sizeof(stamped));
}

static patchbay_status import_state(void* self, patchbay_bytes state) {
  struct gate* gate = self;
  uint64_t stamped = 0;
  if (state.len != sizeof(stamped)) return PATCHBAY_UNSUPPORTED;
  memcpy(&stamped, state.ptr, sizeof(stamped));
  atomic_store(&gate->stamped, stamped);
  return PATCHBAY_OK;
}

/* Version 1 of the settings had no mark. */
static patchbay_status migrate(void* self, uint32_t from_version, patchbay_str settings_json, patchbay_writer* out,
                               patchbay_writer* errors) {
  char deny[64];
  char text[160];
  (void)self, (void)errors;
  if (from_version != 1) return PATCHBAY_INVALID;
  setting(settings_json, "deny", deny, sizeof(deny));
  const int len = snprintf(text, sizeof(text), "{\"deny\":\"%s\",\"mark\":\"-migrated\"}", deny);
  return out->write(out, text, (size_t)len);
}

static const void* get(void* self, const char* interface_id) {
  static const patchbay_state state = {sizeof(state), 0, export_state, import_state};
  static const patchbay_migrate migration = {sizeof(migration), 0, migrate};
  (void)self;
  if (strcmp(interface_id, PATCHBAY_STATE_1) == 0) return &state;
  return strcmp(interface_id, PATCHBAY_MIGRATE_1) == 0 ? &migration : NULL;
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  struct gate* gate = calloc(1, sizeof(*gate));
  (void)name;
  if (gate == NULL) return NULL;
  gate->host = host;
  gate->plugin.size = sizeof(gate->plugin);
  gate->plugin.self = gate;
  gate->plugin.get = get;
  gate->plugin.check = check;
  gate->plugin.configure = configure;
  gate->plugin.start = start;
  gate->plugin.stop = stop;
  gate->plugin.destroy = destroy;
  return &gate->plugin;
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
