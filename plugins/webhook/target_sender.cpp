#include "target_sender.h"

#include <algorithm>
#include <utility>

#include "signature.h"

namespace patchbay::webhook {

namespace {

std::string describe(const support::HttpResponse& response) {
  if (response.error == support::HttpError::none) return "status " + std::to_string(response.status);
  return std::string(support::http_error_name(response.error)) + ": " + response.error_text;
}

}  // namespace

TargetSender::TargetSender(RequestOptions request, const SenderOptions& options, EventQueue& queue,
                           support::HttpTransport& transport, SenderObserver& observer, Clock clock, Random random)
    : request_(std::move(request)),
      options_(options),
      queue_(queue),
      transport_(transport),
      observer_(observer),
      clock_(std::move(clock)),
      random_(std::move(random)),
      breaker_(options.breaker),
      slots_(std::max<size_t>(options.in_flight_max, 1)) {}

TargetSender::~TargetSender() {
  for (const Slot& slot : slots_) {
    if (slot.sending) transport_.cancel(slot.request);
  }
}

support::HttpRequest TargetSender::request_of(const RequestOptions& options,
                                              const std::vector<const QueuedEvent*>& events, uint64_t unix_ms) {
  std::vector<const std::string*> bodies;
  bodies.reserve(events.size());
  for (const QueuedEvent* each : events) bodies.push_back(&each->body);
  const auto route = options.routes.find(events.front()->route);
  const bool own = route == options.routes.end();
  support::HttpRequest out{options.method,
                           own ? options.url : route->second.url,
                           {},
                           options.format.joined(bodies, options.single),
                           options.http};
  const std::string id(events.front()->id.view());
  const uint64_t unix_s = unix_ms / 1000;
  out.headers = {"Content-Type: " + options.format.content_type(options.single), "webhook-id: " + id,
                 "webhook-timestamp: " + std::to_string(unix_s)};
  if (!options.signing_key.empty())
    out.headers.push_back("webhook-signature: " + signature_of(options.signing_key, id, unix_s, out.body));
  const std::vector<std::string>& more = own ? options.headers : route->second.headers;
  out.headers.insert(out.headers.end(), more.begin(), more.end());
  return out;
}

void TargetSender::pump() {
  const Now now = clock_();
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot].sending && breaker_.allows(now.ms)) serve(slot, now);
  }
}

void TargetSender::serve(size_t number, const Now& now) {
  Slot& slot = slots_[number];
  if (!slot.batch.empty() && now.ms < slot.retry_at_ms && breaker_.closed()) return;
  do {
    if (slot.batch.empty()) slot.batch = queue_.take(number, now.ms);
    if (slot.batch.empty()) return;
    drop_expired(slot, now);
  } while (slot.batch.empty());
  send(number, now);
}

void TargetSender::drop_expired(Slot& slot, const Now& now) {
  if (options_.retry.max_age_ms == 0) return;
  const auto is_expired = [&](const HeldEvent& each) {
    return each.event.at_unix_ms + options_.retry.max_age_ms < now.unix_ms;
  };
  const auto old = std::stable_partition(slot.batch.begin(), slot.batch.end(), std::not_fn(is_expired));
  const Batch expired(std::make_move_iterator(old), std::make_move_iterator(slot.batch.end()));
  slot.batch.erase(old, slot.batch.end());
  expired_ += expired.size();
  queue_.done(expired);
  if (slot.batch.empty()) release(slot);
}

void TargetSender::send(size_t number, const Now& now) {
  Slot& slot = slots_[number];
  std::vector<const QueuedEvent*> events;
  for (const HeldEvent& each : slot.batch) events.push_back(&each.event);
  breaker_.probing();
  if (slot.attempts++ > 0) observer_.request_retried();
  slot.sending = true;
  slot.request =
      transport_.send(request_of(request_, events, now.unix_ms),
                      [this, number](const support::HttpResponse& response) { on_response(number, response); });
}

void TargetSender::on_response(size_t number, const support::HttpResponse& response) {
  Slot& slot = slots_[number];
  slot.sending = false;
  last_status_ = response.status;
  const Delivery delivery = delivery_of(response);
  if (delivery == Delivery::retry) return on_failure(slot, response, clock_());
  if (delivery == Delivery::arrived) {
    observer_.sent(slot.batch.size());
    last_error_.clear();
  } else {
    observer_.request_failed();
    rejected_ += slot.batch.size();
    last_error_ = describe(response);
  }
  queue_.done(slot.batch);
  release(slot);
  queue_.memory_will_do();
  if (breaker_.succeeded()) observer_.up();  // also one that rejects is there
}

void TargetSender::on_failure(Slot& slot, const support::HttpResponse& response, const Now& now) {
  observer_.request_failed();
  last_error_ = describe(response);
  // Not when it counts as down only: seconds of events would be written at once then.
  if (breaker_.closed()) queue_.prefer_disk();
  // What a target asks for is believed up to an hour: RFC 9110, 10.2.3.
  const auto asked = std::min(response.retry_after.value_or(std::chrono::seconds(0)), std::chrono::seconds(3600));
  const uint64_t asked_ms = static_cast<uint64_t>(asked.count()) * 1000;
  slot.retry_at_ms = now.ms + std::max(backoff_ms(options_.retry, slot.attempts, random_()), asked_ms);
  if (!breaker_.failed(now.ms, asked_ms)) return;
  observer_.down(last_error_);
  secure();
}

/// While a target is down, what is in memory only would be lost with the process.
void TargetSender::secure() {
  std::vector<const Batch*> taken;
  for (const Slot& slot : slots_) taken.push_back(&slot.batch);
  if (!queue_.put_on_disk(taken)) return;
  for (Slot& slot : slots_) {
    if (slot.sending) transport_.cancel(slot.request);
    slot = {};
  }
}

void TargetSender::release(Slot& slot) {
  slot = {};
}

void TargetSender::stop() {
  for (Slot& slot : slots_) {
    if (std::exchange(slot.sending, false)) transport_.cancel(slot.request);
  }
  secure();
}

std::optional<uint64_t> TargetSender::next_due_ms() const {
  std::optional<uint64_t> out;
  for (size_t number = 0; number < slots_.size(); ++number) {
    const Slot& slot = slots_[number];
    if (slot.sending) continue;
    std::optional<uint64_t> due = queue_.due_ms(number);
    if (!slot.batch.empty()) due = breaker_.closed() ? slot.retry_at_ms : 0;
    if (due && (!out || *due < *out)) out = due;
  }
  if (!out || breaker_.closed()) return out;
  if (breaker_.is_probing()) return {};
  return std::max(*out, breaker_.retry_at_ms());
}

uint64_t TargetSender::oldest_unix_ms() const {
  uint64_t out = queue_.oldest_unix_ms();
  for (const Slot& slot : slots_) {
    for (const HeldEvent& each : slot.batch) {
      if (out == 0 || each.event.at_unix_ms < out) out = each.event.at_unix_ms;
    }
  }
  return out;
}

}  // namespace patchbay::webhook
