#include "target.h"

#include <algorithm>
#include <set>

#include "stable_hash.h"
#include "support/topic_match.h"

namespace patchbay::webhook {

namespace {

constexpr uint64_t kSpoolBusyRetryMs = 100;       // the version before is stopping
constexpr uint64_t kSpoolTroubleRetryMs = 5'000;  // an operator must do something

}  // namespace

Target::Target(const Settings& all, const TargetSettings& settings, support::HttpTransport& transport,
               TargetObserver& observer, TargetSender::Clock clock, TargetSender::Random random)
    : settings_(settings),
      request_(request_options_of(all, settings)),
      transport_(transport),
      observer_(observer),
      clock_(clock),
      intake_(window_ms(all, settings)),
      queue_(queue_options_of(settings)),
      sender_(request_, sender_options_of(settings), queue_, transport, observer, clock, std::move(random)) {
  if (!all.spool_directory.empty() && settings.spool != "off")
    spool_folder_ = all.spool_directory + "/" + settings.name;
  for (const EventSettings& each : settings.events) {
    Rule rule{event_kind_of(each.event).value_or(EventKind::test), each.topics, {}, route_of(each)};
    std::string ignored;  // the settings have been checked
    if (!each.body.empty()) rule.body = BodyTemplate::parse(each.body, ignored);
    rules_.push_back(std::move(rule));
  }
}

/// The events of one hook point come in order by themselves: only where there are several must any be kept back.
uint64_t Target::window_ms(const Settings& all, const TargetSettings& settings) {
  if (settings.order != "client") return 0;
  std::set<uint32_t> hooks;
  for (const EventSettings& each : settings.events) {
    for (const EventSource& source : event_sources()) {
      if (row_of(source.kind).name == each.event) hooks.insert(source.hook);
    }
  }
  return hooks.size() > 1 ? static_cast<uint64_t>(all.order_window.count()) : 0;
}

const Target::Rule* Target::rule_for(const Event& event) const {
  for (const Rule& rule : rules_) {
    if (rule.kind != event.kind) continue;
    const auto matches = [&](const std::string& filter) { return support::filter_matches(filter, event.topic); };
    if (rule.topics.empty() || std::any_of(rule.topics.begin(), rule.topics.end(), matches)) return &rule;
  }
  return nullptr;
}

void Target::render(const Event& event, TextBuffer& text, std::vector<Intake::Entry>& to) const {
  const Rule* const rule = rule_for(event);
  if (rule == nullptr) return;
  text.clear();
  request_.format.put(text, event, rule->body);
  to.push_back(
      {{event.id, event.at_unix_ms, stable_hash(event.client_id), std::string(text.view()), rule->route}, event.kind});
}

bool Target::take(std::vector<Intake::Entry>& entries) {
  if (entries.empty()) return false;
  const Intake::Added added = intake_.add(entries);
  if (added.dropped != 0) observer_.dropped(DropReason::intake_full, added.dropped);
  return added.sender_waits;
}

void Target::send_test(const Event& event, support::HttpTransport::Done done) {
  TextBuffer text;
  request_.format.put(text, event, {});
  const QueuedEvent queued{event.id, event.at_unix_ms, 0, std::string(text.view())};
  transport_.send(TargetSender::request_of(request_, {&queued}, event.at_unix_ms), std::move(done));
}

void Target::open_spool(const Now& now) {
  if (spool_open_ || spool_folder_.empty() || now.ms < spool_retry_at_ms_) return;
  auto spool = Spool::open(spool_folder_, {settings_.spool_bytes, settings_.spool_sync}, spool_trouble_, spool_busy_);
  if (spool) {
    spool_open_ = true;
    spool_trouble_.clear();
    queue_.attach(std::move(spool));
  } else {
    spool_retry_at_ms_ = now.ms + (spool_busy_ ? kSpoolBusyRetryMs : kSpoolTroubleRetryMs);
  }
}

void Target::take_over(const Now& now) {
  intake_.hand_over(now.unix_ms, [&](QueuedEvent event) { queue_.push(std::move(event), now.ms); });
}

void Target::work() {
  const Now now = clock_();
  open_spool(now);
  take_over(now);
  queue_.sync();
  if (!spool_busy_) sender_.pump();  // else what the version before has on the disk is older
  report(now);
}

void Target::report(const Now& now) {
  EventQueue::Drops drops = queue_.take_drops();
  drops[static_cast<size_t>(DropReason::rejected)] += sender_.take_rejected();
  drops[static_cast<size_t>(DropReason::expired)] += sender_.take_expired();
  for (size_t i = 0; i < drops.size(); ++i) {
    if (drops[i] != 0) observer_.dropped(static_cast<DropReason>(i), drops[i]);
  }
  const uint64_t oldest = sender_.oldest_unix_ms();
  const std::lock_guard lock(mutex_);
  levels_.up = sender_.up();
  levels_.lag_s = oldest == 0 || oldest > now.unix_ms ? 0 : (now.unix_ms - oldest) / 1000;
  levels_.buffer_bytes = queue_.memory_bytes();
  levels_.buffered_events = queue_.memory_events();
  levels_.spool_bytes = queue_.spool_bytes();
  levels_.last_status = sender_.last_status();
  levels_.last_error = sender_.last_error();
  levels_.spool_trouble = spool_trouble_;
}

uint64_t Target::patience_ms(uint64_t at_most) {
  const Now now = clock_();
  uint64_t out = at_most;
  const auto no_longer_than = [&](uint64_t due, uint64_t at) { out = std::min(out, due > at ? due - at : 0); };
  if (const auto due = spool_busy_ ? std::nullopt : sender_.next_due_ms()) no_longer_than(*due, now.ms);
  if (const auto due = intake_.next_due_unix_ms()) no_longer_than(*due, now.unix_ms);
  if (!spool_open_ && !spool_folder_.empty()) no_longer_than(spool_retry_at_ms_, now.ms);
  return out;
}

void Target::finish_intake() {
  const Now now = clock_();
  open_spool(now);
  intake_.hand_over_all([&](QueuedEvent event) { queue_.push(std::move(event), now.ms); });
}

void Target::stop() {
  finish_intake();
  const Now now = clock_();
  sender_.stop();
  queue_.sync();
  report(now);
}

TargetLevels Target::levels() const {
  const std::lock_guard lock(mutex_);
  return levels_;
}

}  // namespace patchbay::webhook
