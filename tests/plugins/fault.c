/* A plugin with one fault, chosen by FAULT: what the host must refuse, name or outlive. */
#include <patchbay/patchbay.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAULT_NONE 0
#define FAULT_MAGIC 1
#define FAULT_MAJOR 2
#define FAULT_BAD_START 3
#define FAULT_HANG_START 4
#define FAULT_SLOW_STOP 5
#define FAULT_THREAD 6
#define FAULT_LEAK 7
#define FAULT_TWICE 8
#define FAULT_HANG_HOOK 9
#define FAULT_CRASH 10
#define FAULT_DOWN 11
#define FAULT_DEFER 12
#define FAULT_UNRESOLVED 13
#define FAULT_NEEDS 14
#define FAULT_MANIFEST_DIFFERS 15
#define FAULT_BACK_END 16
#define FAULT_LATE 17
#define FAULT_CRASH_AT_LOAD 18
#define FAULT_BIG_MANIFEST 19
#define FAULT_BAD_ANSWER 20

#if FAULT == FAULT_NEEDS
#define NEEDS "\"needs\":[\"patchbay.teleport/1\"],"
#else
#define NEEDS ""
#endif

#if FAULT == FAULT_MAJOR
#define SDK "\"sdk\":{\"major\":7},"
#else
#define SDK ""
#endif

#if FAULT == FAULT_BIG_MANIFEST
#define MANIFEST_SIZE 1100000 /* the rest is zero */
#else
#define MANIFEST_SIZE
#endif

PATCHBAY_MANIFEST_SECTION static const char manifest[MANIFEST_SIZE] =
    "{\"id\":\"org.example.fault\",\"version\":\"2.0.0\"," NEEDS SDK
    "\"instances\":\"many\",\"hooks\":{\"publish.accept\":{}}}";

#if FAULT == FAULT_UNRESOLVED
void nobody_defines_this(void);
#endif

struct faulty {
  patchbay_plugin plugin;
  const patchbay_host* host;
  const patchbay_message* kept;
  patchbay_token open;
  atomic_int hung;
};

#if FAULT == FAULT_CRASH_AT_LOAD || FAULT == FAULT_CRASH
static int* volatile nowhere; /* a compiler must not see that it is null */
#endif

#if FAULT == FAULT_CRASH_AT_LOAD
__attribute__((constructor)) static void crash(void) {
  *nowhere = 1;
}
#endif

static patchbay_status configure(void* self, patchbay_str settings_json, patchbay_writer* errors) {
  (void)self, (void)settings_json, (void)errors;
  return PATCHBAY_OK;
}

#if FAULT == FAULT_THREAD
static void* wander(void* unused) {
  for (;;) sleep(1);
  return unused;
}
#endif

static patchbay_verdict accept(void* self, const void* event, patchbay_token token) {
  struct faulty* faulty = self;
  const patchbay_publish_accept_event* asked = event;
  patchbay_verdict verdict = {PATCHBAY_CONTINUE, 0, 0, 0, 0};
  (void)faulty, (void)asked, (void)token;
#if FAULT == FAULT_LEAK
  if (faulty->kept == NULL) faulty->kept = faulty->host->message_ref(faulty->host, asked->message);
#elif FAULT == FAULT_TWICE
  faulty->host->complete(faulty->host, token, &verdict);
  faulty->host->complete(faulty->host, token, &verdict);
  verdict.kind = PATCHBAY_DEFER;
#elif FAULT == FAULT_DEFER
  verdict.kind = PATCHBAY_DEFER;
#elif FAULT == FAULT_LATE
  /* Answers the question before this one, whose deadline has passed. */
  if (faulty->open.id != 0) faulty->host->complete(faulty->host, faulty->open, &verdict);
  faulty->open = token;
  verdict.kind = PATCHBAY_DEFER;
#elif FAULT == FAULT_BACK_END
  verdict.kind = PATCHBAY_DENY;
  verdict.flags = PATCHBAY_VERDICT_FAILED;
#elif FAULT == FAULT_HANG_HOOK
  if (!atomic_exchange(&faulty->hung, 1)) sleep(10);
#elif FAULT == FAULT_CRASH
  *nowhere = 1;
#elif FAULT == FAULT_BAD_ANSWER
  verdict.kind = PATCHBAY_REPLACE; /* the point takes no such answer */
#endif
  return verdict;
}

static patchbay_status start(void* self, patchbay_writer* errors) {
  struct faulty* faulty = self;
  patchbay_hook hook;
#if FAULT == FAULT_BAD_START
  static const char text[] = "the licence has run out";
  errors->write(errors, text, sizeof(text) - 1);
  return PATCHBAY_FAILED;
#elif FAULT == FAULT_HANG_START
  sleep(3600);
#elif FAULT == FAULT_THREAD
  pthread_t thread;
  if (pthread_create(&thread, NULL, wander, NULL) == 0) pthread_detach(thread);
#elif FAULT == FAULT_UNRESOLVED
  nobody_defines_this();
#endif
  (void)errors;
  memset(&hook, 0, sizeof(hook));
  hook.size = sizeof(hook);
  hook.hook = PATCHBAY_HOOK_publish_accept;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.deadline_ms = 300;
  hook.fallback = PATCHBAY_FALLBACK_ALLOW;
  hook.self = faulty;
  hook.fn = accept;
  return faulty->host->add_hook(faulty->host, &hook);
}

static void stop(void* self) {
  (void)self;
#if FAULT == FAULT_SLOW_STOP
  sleep(3600);
#endif
}

static void destroy(void* self) {
  free(self);
}

static patchbay_status health(void* self, patchbay_writer* text) {
  static const char words[] = "the database is gone";
  (void)self;
#if FAULT == FAULT_DOWN
  text->write(text, words, sizeof(words) - 1);
  return PATCHBAY_FAILED;
#else
  (void)text, (void)words;
  return PATCHBAY_OK;
#endif
}

static const patchbay_plugin* create(const patchbay_host* host, patchbay_str name) {
  struct faulty* faulty = calloc(1, sizeof(*faulty));
  (void)name;
  if (faulty == NULL) return NULL;
  faulty->host = host;
  faulty->plugin.size = sizeof(faulty->plugin);
  faulty->plugin.self = faulty;
  faulty->plugin.configure = configure;
  faulty->plugin.start = start;
  faulty->plugin.stop = stop;
  faulty->plugin.destroy = destroy;
  faulty->plugin.health = health;
  return &faulty->plugin;
}

#if FAULT == FAULT_MAGIC
#define MAGIC 0xBADC0DEu
#else
#define MAGIC PATCHBAY_ENTRY_MAGIC
#endif
#if FAULT == FAULT_MANIFEST_DIFFERS
#define ENTRY_MANIFEST "{\"id\":\"org.example.fault\",\"version\":\"3.0.0\"}"
#else
#define ENTRY_MANIFEST manifest
#endif

PATCHBAY_EXPORT const patchbay_entry patchbay_plugin_entry = {
    MAGIC, sizeof(patchbay_entry), PATCHBAY_ABI_MAJOR, PATCHBAY_ABI_MINOR, 0, 0, "test", ENTRY_MANIFEST, create};
