#include <algorithm>
#include <map>

#include "signature.h"
#include "stable_hash.h"
#include "target.h"

namespace patchbay::webhook {

namespace {

uint64_t ms(std::chrono::milliseconds value) {
  return static_cast<uint64_t>(value.count());
}

bool is_same_name(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

/// The target's header fields, but those that the event has itself.
std::vector<std::string> header_lines(const TargetSettings& target, const EventSettings& event) {
  std::map<std::string, std::string> all = target.headers;
  if (!target.authorization.empty()) all["Authorization"] = target.authorization;
  std::vector<std::string> out;
  for (const auto& [name, value] : all) {
    const bool replaced = std::any_of(event.headers.begin(), event.headers.end(),
                                      [&](const auto& own) { return is_same_name(own.first, name); });
    if (!replaced) out.push_back(name + ": " + value);
  }
  for (const auto& [name, value] : event.headers) out.push_back(name + ": " + value);
  return out;
}

std::shared_ptr<const support::HttpOptions> http_options_of(const Settings& all, const TargetSettings& settings) {
  support::HttpOptions out;
  out.ca_file = settings.tls.ca_file;
  out.certificate_file = settings.tls.certificate_file;
  out.key_file = settings.tls.key_file;
  out.key_password = settings.tls.key_password;
  out.verify = settings.tls.verify;
  out.connect_timeout = settings.connect_timeout;
  out.timeout = settings.request_timeout;
  std::string ignored;  // the settings have been checked
  out.guard = support::AddressGuard::make(all.allowed_hosts, all.allowed_networks, ignored).value_or(out.guard);
  return std::make_shared<const support::HttpOptions>(std::move(out));
}

}  // namespace

// By what the rule is about and where it sends, not by its header fields: what waits on the disk gets those of today.
uint64_t route_of(const EventSettings& event) {
  if (event.url.empty() && event.headers.empty()) return 0;
  std::string named = event.event + '\n' + event.url;
  for (const std::string& each : event.topics) named.append("\n").append(each);
  return stable_hash(named);
}

RequestOptions request_options_of(const Settings& all, const TargetSettings& settings) {
  RequestOptions out;
  out.url = settings.url;
  out.method = settings.method;
  out.headers = header_lines(settings, {});
  for (const EventSettings& each : settings.events) {
    const uint64_t route = route_of(each);
    if (route != 0) out.routes[route] = {url_of_event(settings, each).value_or(out.url), header_lines(settings, each)};
  }
  out.signing_key = signing_key(settings.signing_secret);
  out.single = settings.batch.max_events == 1;
  out.format.style = settings.format == "cloudevents" ? FormatStyle::cloudevents : FormatStyle::emqx;
  out.format.encoding = payload_encoding_of(settings.payload_encoding).value_or(PayloadEncoding::plain);
  out.format.node = all.node;
  out.format.escape = settings.escape_json;
  out.http = http_options_of(all, settings);
  return out;
}

QueueOptions queue_options_of(const TargetSettings& settings) {
  QueueOptions out;
  out.memory_bytes_max = settings.buffer_bytes;
  out.overflow = settings.overflow == "drop_newest" ? Overflow::drop_newest : Overflow::drop_oldest;
  out.spool_always = settings.spool == "always";
  out.ordered = settings.order == "client";
  out.lanes = settings.max_in_flight;
  out.batch_events_max = settings.batch.max_events;
  out.batch_bytes_max = settings.batch.max_bytes;
  out.batch_wait_ms = settings.batch.max_events == 1 ? 0 : ms(settings.batch.max_wait);
  return out;
}

SenderOptions sender_options_of(const TargetSettings& settings) {
  SenderOptions out;
  out.in_flight_max = settings.max_in_flight;
  out.retry = {ms(settings.retry.initial), ms(settings.retry.maximum), ms(settings.retry.max_age)};
  out.breaker = {settings.breaker.failures, ms(settings.breaker.open), ms(settings.breaker.open_maximum)};
  return out;
}

}  // namespace patchbay::webhook
