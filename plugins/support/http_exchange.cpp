#include "support/http_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace patchbay::support {

namespace {

HttpError error_of(CURLcode code, bool guard_refused, bool too_large) {
  if (guard_refused) return HttpError::refused_by_guard;
  if (too_large) return HttpError::response_too_large;
  switch (code) {
    case CURLE_OK:
      return HttpError::none;
    case CURLE_COULDNT_RESOLVE_HOST:
      return HttpError::resolve;
    case CURLE_COULDNT_CONNECT:
      return HttpError::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpError::timeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return HttpError::tls;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return HttpError::invalid;
    default:
      return HttpError::closed;
  }
}

}  // namespace

std::string_view http_error_name(HttpError error) {
  constexpr std::string_view names[] = {"none",   "refused_by_guard",   "resolve",   "connect", "timeout", "tls",
                                        "closed", "response_too_large", "cancelled", "invalid"};
  return names[static_cast<size_t>(error)];
}

HttpExchange::~HttpExchange() {
  ::curl_slist_free_all(headers);
  if (easy != nullptr) ::curl_easy_cleanup(easy);
}

size_t HttpExchange::on_body(char* data, size_t size, size_t count, void* self) {
  auto& to = *static_cast<HttpExchange*>(self);
  const size_t bytes = size * count;
  const size_t room = to.request.options->response_bytes_max - to.response.body.size();
  to.response.body.append(data, std::min(bytes, room));
  to.too_large = bytes > room;
  return to.too_large ? 0 : bytes;  // less than `bytes` ends the transfer
}

curl_socket_t HttpExchange::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& to = *static_cast<HttpExchange*>(self);
  if (!to.request.options->guard.allows_address(address->addr)) {
    to.guard_refused = true;
    return CURL_SOCKET_BAD;
  }
  to.guard_refused = false;  // another address of the same name may be allowed
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool HttpExchange::prepare() {
  if (easy == nullptr) easy = ::curl_easy_init();
  if (easy == nullptr || !set_headers()) return false;
  if (!is_ready() && !set_all()) return false;
  ::curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (request.method != "GET") set_body();
  return true;
}

bool HttpExchange::is_ready() const {
  return ready_options_ == request.options && ready_method_ == request.method;
}

bool HttpExchange::set_all() {
  ready_options_.reset();  // not ready for anything, should one of these fail
  ::curl_easy_reset(easy);
  set_request();
  set_limits();
  if (!set_tls()) return false;
  ready_options_ = request.options;
  ready_method_ = request.method;
  return true;
}

bool HttpExchange::set_headers() {
  for (const auto& each : request.headers) {
    curl_slist* longer = ::curl_slist_append(headers, each.c_str());
    if (longer == nullptr) return false;
    headers = longer;
  }
  if (curl_slist* longer = ::curl_slist_append(headers, "Expect:")) headers = longer;  // no wait for 100 Continue
  return true;
}

void HttpExchange::set_body() const {
  ::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());  // not copied: the exchange keeps it
}

void HttpExchange::recycle() {
  ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  if (request.method != "GET") ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);  // it would make it a POST
  ::curl_slist_free_all(std::exchange(headers, nullptr));
  request = {};
  response = {};
  done = nullptr;
  guard_refused = too_large = false;
  error_text[0] = '\0';
}

void HttpExchange::set_request() const {
  if (request.method == "GET") {
    ::curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    ::curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (request.method != "POST") ::curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text);
  ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
}

void HttpExchange::set_limits() const {
  const HttpOptions& options = *request.options;
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(easy, CURLOPT_PROXY, "");  // a proxy would connect to what the guard forbids
  ::curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &on_socket);
  ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
}

bool HttpExchange::set_tls() const {
  const HttpOptions& options = *request.options;
  ::curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  ::curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options.verify ? 1L : 0L);
  ::curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options.verify ? 2L : 0L);
  const auto set = [this](CURLoption option, const std::string& value) {
    return value.empty() || ::curl_easy_setopt(easy, option, value.c_str()) == CURLE_OK;
  };
  return set(CURLOPT_CAINFO, options.ca_file) && set(CURLOPT_SSLCERT, options.certificate_file) &&
         set(CURLOPT_SSLKEY, options.key_file) && set(CURLOPT_KEYPASSWD, options.key_password);
}

void HttpExchange::harvest(CURLcode code) {
  long status = 0;
  ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<uint32_t>(status);
  response.error = error_of(code, code != CURLE_OK && guard_refused, too_large);
  const char* type = nullptr;
  if (::curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type != nullptr)
    response.content_type = type;
  curl_off_t retry_after = 0;
  if (::curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK && retry_after > 0)
    response.retry_after = std::chrono::seconds(retry_after);
  if (response.error == HttpError::none) return;
  response.error_text = guard_refused && code != CURLE_OK ? "the address is not allowed"
                        : error_text[0] != '\0'           ? error_text
                                                          : ::curl_easy_strerror(code);
}

}  // namespace patchbay::support
