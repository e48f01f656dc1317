#include "webhook.h"

#include <algorithm>
#include <random>
#include <set>

#include <patchbay/hook_options.hpp>

#include "event_reader.h"
#include "json_text.h"

namespace patchbay::webhook {

namespace {

constexpr std::chrono::milliseconds kIdle{500};      // gauges are renewed at least so often
constexpr std::chrono::milliseconds kFlush{2'000};   // at the end, for what can still be sent
constexpr std::chrono::milliseconds kBatchWait{20};  // of the host's queue; our own batches wait by their settings
constexpr uint32_t kBatchMax = 500;
constexpr uint32_t kQueueMax = 50'000;

support::HttpLimits limits_of(const Settings& settings) {
  size_t sum = 0;
  for (const auto& each : settings.targets) sum += each.max_in_flight;
  return {sum + 2, sum + 4};  // test events may come on top
}

bool is_decision(uint32_t hook) {
  return hook == PATCHBAY_HOOK_auth_connect_rewrite || hook == PATCHBAY_HOOK_subscribe_rewrite ||
         hook == PATCHBAY_HOOK_unsubscribe_rewrite;
}

bool shows_topic(uint32_t hook) {
  return hook == PATCHBAY_HOOK_publish_routed || hook == PATCHBAY_HOOK_deliver_sent ||
         hook == PATCHBAY_HOOK_deliver_acked || hook == PATCHBAY_HOOK_deliver_dropped ||
         hook == PATCHBAY_HOOK_deliver_expired;
}

template <uint32_t Hook>
patchbay_verdict watch(void* self, const void* event, patchbay_token) noexcept {
  static_cast<Webhook*>(self)->on_shard(Hook, event);
  return {};  // CONTINUE
}

patchbay_hook_fn watcher_of(uint32_t hook) {
  if (hook == PATCHBAY_HOOK_auth_connect_rewrite) return &watch<PATCHBAY_HOOK_auth_connect_rewrite>;
  if (hook == PATCHBAY_HOOK_subscribe_rewrite) return &watch<PATCHBAY_HOOK_subscribe_rewrite>;
  return &watch<PATCHBAY_HOOK_unsubscribe_rewrite>;
}

std::string_view hook_name(uint32_t hook) {
  switch (hook) {
#define PATCHBAY_HOOK(number, identifier, name, ...) \
  case number:                                       \
    return name;
#include <patchbay/hooks.def>
    default:
      return "";
  }
}

}  // namespace

Webhook::Webhook(patchbay::host host, const Settings& settings)
    : host_(host), settings_(settings), client_(limits_of(settings)) {
  const auto random = [engine = std::make_shared<std::minstd_rand>(std::random_device{}())] {
    return std::uniform_real_distribution<double>(0, 1)(*engine);
  };
  for (const TargetSettings& each : settings_.targets) {
    metrics_.push_back(std::make_unique<TargetMetrics>(host_, each.name));
    targets_.push_back(std::make_unique<Target>(
        settings_, each, client_, *metrics_.back(), [this] { return now(); }, random));
    for (const EventSettings& event : each.events) {
      for (const EventSource& source : event_sources()) {
        auto& kinds = kinds_[source.hook];
        if (row_of(source.kind).name == event.event &&
            std::find(kinds.begin(), kinds.end(), source.kind) == kinds.end())
          kinds.push_back(source.kind);
      }
    }
  }
}

Webhook::~Webhook() {
  stop();
}

Now Webhook::now() const {
  return {static_cast<uint64_t>(host_.now().count()), host_.now_unix_ms()};
}

std::vector<std::string> Webhook::topics_of(uint32_t hook) const {
  std::set<std::string> out;
  for (const TargetSettings& target : settings_.targets) {
    for (const EventSettings& event : target.events) {
      const auto kind = event_kind_of(event.event);
      if (!kind || std::find(kinds_[hook].begin(), kinds_[hook].end(), *kind) == kinds_[hook].end()) continue;
      if (event.topics.empty()) return {};
      out.insert(event.topics.begin(), event.topics.end());
    }
  }
  return {out.begin(), out.end()};
}

void Webhook::register_hook(uint32_t number) {
  patchbay::hook_options options(number, hook_name(number));
  patchbay_hook hook{};
  hook.self = this;
  if (is_decision(number)) {
    hook.phase = PATCHBAY_PHASE_TRANSFORM;
    hook.fn = watcher_of(number);
    options.priority = 1000;  // what others have made of it is not shown here, so that they may as well go first
  } else {
    hook.phase = PATCHBAY_PHASE_OBSERVE;
    hook.batch = [](void* self, const patchbay_record* records, size_t count) noexcept {
      static_cast<Webhook*>(self)->on_batch({records, count});
    };
    options.batch_max = kBatchMax;
    options.batch_wait = kBatchWait;
    options.queue_max = kQueueMax;
    if (shows_topic(number)) options.topic_filters = topics_of(number);
  }
  patchbay::require(options.add_to(host_.raw(), hook), hook_name(number));
}

void Webhook::start() {
  for (uint32_t hook = 0; hook < kHooks; ++hook) {
    if (!kinds_[hook].empty()) register_hook(hook);
  }
  thread_ = patchbay::thread(host_, "webhook", [this](const patchbay::thread::stop_flag&) { run(); });
}

void Webhook::stop() {
  stopping_ = true;
  client_.wake();
  thread_.join();
}

struct Webhook::Rendered {
  explicit Rendered(const patchbay_host* host, size_t targets) : reader(host), entries(targets) {}
  EventReader reader;
  TextBuffer text;
  std::vector<std::vector<Intake::Entry>> entries;  // by target
};

void Webhook::render(const patchbay_record& record, Rendered& out) {
  for (const EventKind kind : kinds_[record.hook]) {
    Event* const event = out.reader.read(record.hook, kind, record.event, record.at_unix_ms);
    if (event == nullptr) continue;
    event->id = ids_.next();
    for (size_t i = 0; i < targets_.size(); ++i) targets_[i]->render(*event, out.text, out.entries[i]);
  }
}

void Webhook::take(Rendered& rendered) {
  bool sender_waits = false;
  for (size_t i = 0; i < targets_.size(); ++i) sender_waits = targets_[i]->take(rendered.entries[i]) || sender_waits;
  if (sender_waits && !awake_.exchange(true)) client_.wake();
}

void Webhook::take_over(std::span<const patchbay_record> records) {
  Rendered rendered(host_.raw(), targets_.size());
  try {
    for (auto& each : rendered.entries) each.reserve(records.size());
    for (const auto& each : records) render(each, rendered);
  } catch (const std::exception& e) {  // what there is of them goes its way
    host_.log_error("events are lost: ", e.what());
  }
  take(rendered);
}

void Webhook::on_batch(std::span<const patchbay_record> records) {
  try {
    take_over(records);
  } catch (const std::exception& e) {
    host_.log_error("events are lost: ", e.what());
  }
}

void Webhook::on_shard(uint32_t hook, const void* event) {
  const patchbay_record record{sizeof(patchbay_record), hook, event, host_.now_unix_ms()};
  on_batch({&record, 1});
}

std::chrono::milliseconds Webhook::patience() {
  auto out = static_cast<uint64_t>(kIdle.count());
  for (const auto& target : targets_) out = target->patience_ms(out);
  return std::chrono::milliseconds(out);
}

void Webhook::work() {
  awake_ = false;
  for (size_t i = 0; i < targets_.size(); ++i) {
    targets_[i]->work();
    metrics_[i]->show(targets_[i]->levels());
  }
}

bool Webhook::flushed() const {
  return std::all_of(targets_.begin(), targets_.end(), [](const auto& target) {
    const TargetLevels levels = target->levels();
    return !levels.up || !levels.last_error.empty() || levels.buffered_events == 0;
  });
}

void Webhook::run() {
  while (!stopping_) {
    try {
      work();
      client_.run_once(patience());
    } catch (const std::exception& e) {  // no memory, say: events wait where they are
      host_.log_error("the sender: ", e.what());
      client_.run_once(kIdle);
    }
  }
  const auto end = std::chrono::steady_clock::now() + kFlush;
  for (const auto& target : targets_) target->finish_intake();
  for (work(); !flushed() && std::chrono::steady_clock::now() < end; work())
    client_.run_once(std::min(patience(), std::chrono::milliseconds(50)));
  for (size_t i = 0; i < targets_.size(); ++i) {
    targets_[i]->stop();
    const TargetLevels levels = targets_[i]->levels();
    metrics_[i]->show(levels);
    if (levels.buffered_events != 0)
      host_.log_warning("target ", targets_[i]->name(), ": ", levels.buffered_events, " events are lost at the end");
  }
}

bool Webhook::test(std::string_view name, support::HttpTransport::Done done) {
  const auto found =
      std::find_if(targets_.begin(), targets_.end(), [&](const auto& each) { return each->name() == name; });
  if (found == targets_.end()) return false;
  Event event;
  event.id = ids_.next();
  event.at_unix_ms = host_.now_unix_ms();
  event.fields.emplace_back("message", std::string_view("This is a test event of Patchbay's webhook."));
  event.fields.emplace_back("ts", static_cast<int64_t>(event.at_unix_ms));
  (*found)->send_test(event, std::move(done));
  return true;
}

std::vector<std::string> Webhook::down() const {
  std::vector<std::string> out;
  for (const auto& target : targets_) {
    const TargetLevels levels = target->levels();
    if (!levels.up) out.push_back(target->name() + " (" + levels.last_error + ")");
  }
  return out;
}

std::string Webhook::status_json() const {
  std::string out = "{\"targets\":[";
  for (const auto& target : targets_) {
    const TargetLevels levels = target->levels();
    if (out.back() == '}') out += ',';
    out += "{\"name\":";
    append_quoted(out, target->name());
    out += ",\"status\":";
    append_quoted(out, levels.up ? "up" : "down");
    out += ",\"last_status\":" + std::to_string(levels.last_status) + ",\"last_error\":";
    append_quoted(out, levels.last_error);
    out += ",\"lag_seconds\":" + std::to_string(levels.lag_s);
    out += ",\"buffered_events\":" + std::to_string(levels.buffered_events);
    out += ",\"buffer_bytes\":" + std::to_string(levels.buffer_bytes);
    out += ",\"spool_bytes\":" + std::to_string(levels.spool_bytes) + ",\"spool_trouble\":";
    append_quoted(out, levels.spool_trouble);
    out += '}';
  }
  return out + "]}";
}

}  // namespace patchbay::webhook
