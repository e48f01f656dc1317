#include "settings.h"

#include "support/address_guard.h"
#include "support/http_url.h"

namespace patchbay::auth_http {

namespace {

/// The part of the URL up to the path, which no client may have a say in.
std::string_view authority_of(std::string_view url) {
  const size_t begin = url.find("//");
  if (begin == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", begin + 2));
}

void check_template(const std::string& text, bool authorization, const std::string& pointer,
                    patchbay::error_list& errors) {
  std::string reason;
  if (!TextTemplate::parse(text, authorization, reason)) errors.add(pointer, reason);
}

void check_endpoint(const EndpointSettings& endpoint, bool authorization, const support::AddressGuard& guard,
                    patchbay::error_list& errors) {
  const std::string pointer = authorization ? "/authorization" : "/authentication";
  if (endpoint.url.empty()) return;
  if (authority_of(endpoint.url).find("${") != std::string_view::npos) {
    errors.add(pointer + "/url", "has a placeholder in front of the path");
  } else if (!support::is_http_url(endpoint.url)) {
    errors.add(pointer + "/url", "is no http or https URL with a host and without user information");
  } else if (!guard.allows_host(support::host_of_url(endpoint.url))) {
    errors.add(pointer + "/url", "the host is not among allowed_hosts");
  }
  check_template(endpoint.url, authorization, pointer + "/url", errors);
  for (const auto& [name, value] : endpoint.headers) {
    const bool broken = value.find_first_of("\r\n") != std::string::npos;
    if (broken || name.empty() || name.find_first_of(": \t\r\n") != std::string::npos)
      errors.add(pointer + "/headers", "\"" + name + "\" is no header field");
    check_template(value, authorization, pointer + "/headers/" + name, errors);
  }
  for (const auto& [name, value] : endpoint.body)
    check_template(value, authorization, pointer + "/body/" + name, errors);
  if (endpoint.authorization.find_first_of("\r\n") != std::string::npos)
    errors.add(pointer + "/authorization", "has more than one line");
}

}  // namespace

void check_settings(const Settings& settings, patchbay::error_list& errors) {
  std::string reason;
  const auto guard = support::AddressGuard::make(settings.allowed_hosts, settings.allowed_networks, reason);
  if (!guard) return errors.add("/allowed_networks", reason);
  check_endpoint(settings.authentication, false, *guard, errors);
  check_endpoint(settings.authorization, true, *guard, errors);
  if (settings.connect_timeout.count() == 0) errors.add("/connect_timeout", "must be above 0");
  if (settings.request_timeout.count() == 0) errors.add("/request_timeout", "must be above 0");
}

}  // namespace patchbay::auth_http
