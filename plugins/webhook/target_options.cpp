#include "signature.h"
#include "target.h"

namespace patchbay::webhook {

namespace {

uint64_t ms(std::chrono::milliseconds value) {
  return static_cast<uint64_t>(value.count());
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

RequestOptions request_options_of(const Settings& all, const TargetSettings& settings) {
  RequestOptions out;
  out.url = settings.url;
  out.method = settings.method;
  for (const auto& [name, value] : settings.headers) out.headers.push_back(name + ": " + value);
  if (!settings.authorization.empty()) out.headers.push_back("Authorization: " + settings.authorization);
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
