/* A plugin as somebody wrote it for release 1.0, with the headers of that release: it is built against them for ever,
 * and loaded into today's host. It uses what most plugins use: settings, four hooks, a timer, publishing, a metric, a
 * deferred answer. Never edit it. */
#include <patchbay/patchbay.h>
#include <stdlib.h>
#include <string.h>

typedef struct sample {
  patchbay_plugin table;
  const patchbay_host* host;
  const patchbay_publish* publish;
  const patchbay_timer* timer;
  const patchbay_metrics* metrics;
  const patchbay_answers* answers;
  patchbay_token waiting;
  uint64_t timer_id;
  uint32_t metric;
  char refused[64];
  size_t refused_len;
} sample;

static int same(patchbay_str a, const char* b, size_t len) {
  return a.len == len && memcmp(a.ptr, b, len) == 0;
}

static patchbay_verdict verdict_of(uint8_t kind, uint16_t flags, uint64_t arg) {
  patchbay_verdict out = {0, 0, 0, 0, 0};
  out.kind = kind;
  out.flags = flags;
  out.arg = arg;
  return out;
}

/* A handle of 0 is one that the host could not make. */
static patchbay_verdict carrying(uint8_t kind, uint64_t handle) {
  if (handle == 0) return verdict_of(PATCHBAY_DENY, PATCHBAY_VERDICT_FAILED, 0);
  return verdict_of(kind, PATCHBAY_VERDICT_ARG, handle);
}

/* "later" is answered by the timer, the setting's name is refused, everybody else gets an identity. */
static patchbay_verdict on_authenticate(void* self, const void* shown, patchbay_token token) {
  sample* of = self;
  const patchbay_authenticate_event* event = shown;
  patchbay_grant grant;
  if (same(event->username, "later", 5)) {
    of->waiting = token;
    return verdict_of(PATCHBAY_DEFER, 0, 0);
  }
  if (same(event->username, of->refused, of->refused_len)) return verdict_of(PATCHBAY_DENY, 0, 0);
  memset(&grant, 0, sizeof grant);
  grant.size = sizeof grant;
  grant.identity = event->username;
  return carrying(PATCHBAY_ALLOW, of->answers->grant(of->host, &grant));
}

static patchbay_verdict on_publish(void* self, const void* shown, patchbay_token token) {
  sample* of = self;
  const patchbay_publish_accept_event* event = shown;
  patchbay_message_fields fields;
  const patchbay_message* changed;
  (void)token;
  if (!same(event->topic, "change", 6)) return verdict_of(PATCHBAY_CONTINUE, 0, 0);
  memset(&fields, 0, sizeof fields);
  fields.size = sizeof fields;
  fields.present = PATCHBAY_FIELD_PAYLOAD;
  fields.payload.ptr = (const uint8_t*)"changed";
  fields.payload.len = 7;
  changed = of->host->message_create(of->host, event->message, &fields);
  if (changed == NULL) return verdict_of(PATCHBAY_DENY, PATCHBAY_VERDICT_FAILED, 0);
  return carrying(PATCHBAY_REPLACE, of->answers->message(of->host, changed));
}

static patchbay_verdict on_routed(void* self, const void* shown, patchbay_token token) {
  sample* of = self;
  (void)shown;
  (void)token;
  of->metrics->add(of->host, of->metric, 1);
  return verdict_of(PATCHBAY_CONTINUE, 0, 0);
}

static void on_connected(void* self, const patchbay_record* records, size_t count) {
  sample* of = self;
  for (size_t i = 0; i < count; ++i) {
    const patchbay_client_event* event = records[i].event;
    patchbay_client_view view;
    patchbay_message_fields fields;
    const patchbay_message* made;
    memset(&view, 0, sizeof view);
    view.size = sizeof view;
    of->host->client_view(of->host, event->client, &view);
    memset(&fields, 0, sizeof fields);
    fields.size = sizeof fields;
    fields.present = PATCHBAY_FIELD_TOPIC | PATCHBAY_FIELD_PAYLOAD;
    fields.topic.ptr = "sample/connected";
    fields.topic.len = 16;
    fields.payload.ptr = (const uint8_t*)view.client_id.ptr;
    fields.payload.len = view.client_id.len;
    made = of->host->message_create(of->host, NULL, &fields);
    if (made != NULL) of->publish->publish(of->host, made);
  }
}

static void on_time(void* self, uint64_t timer) {
  sample* of = self;
  const patchbay_verdict allowed = verdict_of(PATCHBAY_ALLOW, 0, 0);
  (void)timer;
  if (of->waiting.id != 0) of->host->complete(of->host, of->waiting, &allowed);
  of->waiting.id = 0;
}

static patchbay_status configure(void* self, patchbay_str json, patchbay_writer* errors) {
  static const char key[] = "\"refused\":\"";
  sample* of = self;
  of->refused_len = 0;
  for (size_t i = 0; i + sizeof key - 1 < json.len; ++i) {
    if (memcmp(json.ptr + i, key, sizeof key - 1) != 0) continue;
    for (i += sizeof key - 1; i < json.len && json.ptr[i] != '"' && of->refused_len < sizeof of->refused; ++i) {
      of->refused[of->refused_len++] = json.ptr[i];
    }
    return PATCHBAY_OK;
  }
  errors->write(errors, "/refused: is missing\n", 21);
  return PATCHBAY_INVALID;
}

static patchbay_status add(sample* of, uint32_t number, uint32_t phase, patchbay_hook_fn fn, patchbay_batch_fn batch) {
  patchbay_hook hook;
  memset(&hook, 0, sizeof hook);
  hook.size = sizeof hook;
  hook.hook = number;
  hook.phase = phase;
  hook.self = of;
  hook.fn = fn;
  hook.batch = batch;
  return of->host->add_hook(of->host, &hook);
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  sample* of = self;
  patchbay_status status;
  patchbay_str name = {"routed", 6}, help = {"Messages that were seen.", 24};
  (void)errors;
  status = of->metrics->declare(of->host, name, PATCHBAY_METRIC_COUNTER, help, NULL, 0, &of->metric);
  if (status == PATCHBAY_OK)
    status = add(of, PATCHBAY_HOOK_auth_authenticate, PATCHBAY_PHASE_DECIDE, on_authenticate, NULL);
  if (status == PATCHBAY_OK) status = add(of, PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_TRANSFORM, on_publish, NULL);
  if (status == PATCHBAY_OK) status = add(of, PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_OBSERVE, on_routed, NULL);
  if (status == PATCHBAY_OK)
    status = add(of, PATCHBAY_HOOK_client_connected, PATCHBAY_PHASE_OBSERVE, NULL, on_connected);
  if (status == PATCHBAY_OK) status = of->timer->set(of->host, 100, 100, on_time, of, &of->timer_id);
  return status;
}

static void stop(void* self) {
  sample* of = self;
  of->timer->cancel(of->host, of->timer_id);
}

static void destroy(void* self) {
  free(self);
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  sample* of = calloc(1, sizeof *of);
  (void)name;
  if (of == NULL) return NULL;
  of->host = host;
  of->publish = host->get(host, PATCHBAY_PUBLISH_1);
  of->timer = host->get(host, PATCHBAY_TIMER_1);
  of->metrics = host->get(host, PATCHBAY_METRICS_1);
  of->answers = host->get(host, PATCHBAY_ANSWERS_1);
  of->table.size = sizeof of->table;
  of->table.self = of;
  of->table.configure = configure;
  of->table.start = start;
  of->table.stop = stop;
  of->table.destroy = destroy;
  if (of->publish != NULL && of->timer != NULL && of->metrics != NULL && of->answers != NULL) return &of->table;
  free(of);
  return NULL;
}

#define MANIFEST                                                                                                       \
  "{\"id\": \"org.patchbay.compat-1-0\", \"version\": \"1.0.0\", \"sdk\": {\"major\": 1, \"minor_min\": 0},"           \
  " \"title\": \"Sample of release 1.0\","                                                                             \
  " \"needs\": [\"patchbay.publish/1\", \"patchbay.timer/1\", \"patchbay.metrics/1\", \"patchbay.answers/1\"],"        \
  " \"permissions\": [\"publish\"], \"instances\": \"many\","                                                          \
  " \"hooks\": {\"auth.authenticate\": {}, \"publish.accept\": {}, \"publish.routed\": {}, \"client.connected\": {}}," \
  " \"metrics\": [{\"name\": \"routed\", \"type\": \"counter\", \"help\": \"Messages that were seen.\"}],"             \
  " \"config\": {\"type\": \"object\", \"required\": [\"refused\"], \"properties\": {"                                 \
  "\"refused\": {\"type\": \"string\", \"title\": \"Refused user\", \"maxLength\": 63}}}}"

PATCHBAY_MANIFEST_SECTION static const char manifest[] = MANIFEST;
const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC,
                                              sizeof(patchbay_entry),
                                              PATCHBAY_ABI_MAJOR,
                                              PATCHBAY_ABI_MINOR,
                                              0,
                                              0,
                                              "C, SDK 1.0",
                                              manifest,
                                              create};
