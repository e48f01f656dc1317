#include "settings.h"

#include <set>

#include "body_template.h"
#include "event_kind.h"
#include "support/address_guard.h"
#include "support/http_url.h"
#include "support/topic_match.h"

namespace patchbay::webhook {

namespace {

using patchbay::error_list;

void check_headers(const std::map<std::string, std::string>& headers, const std::string& pointer, error_list& errors) {
  for (const auto& [name, value] : headers) {
    const bool broken = value.find_first_of("\r\n") != std::string::npos;
    if (name.empty() || name.find_first_of(": \t\r\n") != std::string::npos || broken)
      errors.add(pointer + "/headers", "\"" + name + "\" is no header field");
  }
}

void check_event(const TargetSettings& target, const EventSettings& event, const std::string& pointer,
                 error_list& errors) {
  const auto kind = event_kind_of(event.event);
  if (!kind) return errors.add(pointer + "/event", "\"" + event.event + "\" is no event");
  if (!event.topics.empty() && !row_of(*kind).has_topic)
    errors.add(pointer + "/topics", event.event + " has no topic that could be chosen by");
  for (size_t i = 0; i < event.topics.size(); ++i) {
    if (!support::is_valid_filter(event.topics[i]))
      errors.add(pointer + "/topics/" + std::to_string(i), "is no topic filter");
  }
  std::string reason;
  if (!event.body.empty() && !BodyTemplate::parse(event.body, reason)) errors.add(pointer + "/body", reason);
  if (!url_of_event(target, event))
    errors.add(pointer + "/url",
               "is neither a path nor a URL on the target's server: another server is another target");
  check_headers(event.headers, pointer, errors);
}

void check_target(const Settings& settings, size_t number, const support::AddressGuard& guard, error_list& errors) {
  const TargetSettings& target = settings.targets[number];
  const std::string pointer = "/targets/" + std::to_string(number);
  if (!support::is_http_url(target.url)) {
    errors.add(pointer + "/url", "is no http or https URL with a host and without user information");
  } else if (!guard.allows_host(support::host_of_url(target.url))) {
    errors.add(pointer + "/url", "the host is not among allowed_hosts");
  }
  check_headers(target.headers, pointer, errors);
  if (target.authorization.find_first_of("\r\n") != std::string::npos)
    errors.add(pointer + "/authorization", "has more than one line");
  for (size_t i = 0; i < target.events.size(); ++i)
    check_event(target, target.events[i], pointer + "/events/" + std::to_string(i), errors);
  if (target.spool == "always" && settings.spool_directory.empty())
    errors.add(pointer + "/spool", "\"always\" needs spool_directory");
  if (target.retry.initial > target.retry.maximum) errors.add(pointer + "/retry/initial", "is above maximum");
  if (target.connect_timeout.count() == 0) errors.add(pointer + "/connect_timeout", "must be above 0");
  if (target.request_timeout.count() == 0) errors.add(pointer + "/request_timeout", "must be above 0");
}

}  // namespace

std::optional<std::string> url_of_event(const TargetSettings& target, const EventSettings& event) {
  if (event.url.empty()) return target.url;
  const std::string_view server = support::origin_of_url(target.url);
  const bool path = event.url.starts_with('/') && !event.url.starts_with("//");
  std::string url = path ? std::string(server) + event.url : event.url;
  if (!support::is_http_url(url) || support::origin_of_url(url) != server) return {};
  return url;
}

void check_settings(const Settings& settings, error_list& errors) {
  std::string reason;
  const auto guard = support::AddressGuard::make(settings.allowed_hosts, settings.allowed_networks, reason);
  if (!guard) return errors.add("/allowed_networks", reason);
  std::set<std::string> names;
  for (size_t i = 0; i < settings.targets.size(); ++i) {
    if (!names.insert(settings.targets[i].name).second)
      errors.add("/targets/" + std::to_string(i) + "/name", "is there twice");
    check_target(settings, i, *guard, errors);
  }
}

}  // namespace patchbay::webhook
