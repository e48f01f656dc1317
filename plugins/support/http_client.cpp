#include "support/http_client.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <stdexcept>

#include "support/http_exchange.h"
#include "support/http_url.h"

namespace patchbay::support {

namespace {

/// libcurl and what it brings along (TLS, name look-up) keep state of threads that outlives a plugin: like OpenSSL
/// they stay mapped, while the plugin itself leaves.
void keep_library() {
  static const bool done = [] {
    if (::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) == nullptr) {
      return ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;  // linked into the program: it stays anyhow
    }
    return ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }();
  if (!done) throw std::runtime_error("libcurl can't be initialised");
}

}  // namespace

HttpClient::HttpClient(const HttpLimits& limits) : spare_max_(limits.connections_max) {
  keep_library();
  multi_ = ::curl_multi_init();
  if (multi_ == nullptr) throw std::runtime_error("libcurl gives no multi handle");
  ::curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(limits.connections_per_host_max));
  ::curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(limits.connections_max));
  ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(limits.connections_max));
  ::curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
}

HttpClient::~HttpClient() {
  for (auto& [easy, exchange] : exchanges_) ::curl_multi_remove_handle(multi_, easy);
  exchanges_.clear();
  spare_.clear();
  ::curl_multi_cleanup(multi_);
}

uint64_t HttpClient::send(HttpRequest request, Done done) {
  uint64_t number = 0;
  bool own = false;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_number_;
    ++open_;
    waiting_.push_back({number, std::move(request), std::move(done)});
    own = thread_ == std::this_thread::get_id();
  }
  if (!own) wake();  // run_once() looks before it waits
  return number;
}

void HttpClient::cancel(uint64_t request) {
  {
    const std::lock_guard lock(mutex_);
    cancelled_.insert(request);
  }
  wake();
}

void HttpClient::wake() {
  ::curl_multi_wakeup(multi_);
}

size_t HttpClient::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

void HttpClient::run_once(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    thread_ = std::this_thread::get_id();
  }
  take_new();
  drop_cancelled();
  int running = 0;
  ::curl_multi_perform(multi_, &running);
  // Who has got an answer may have more to send as soon as this returns: then there is nothing to wait for.
  if (finish_ended()) patience = std::chrono::milliseconds(0);
  if (take_new()) {  // what the callbacks have sent, which nobody wakes us for
    patience = std::chrono::milliseconds(0);
    ::curl_multi_perform(multi_, &running);
    finish_ended();
  }
  int ready = 0;
  ::curl_multi_poll(multi_, nullptr, 0, static_cast<int>(patience.count()), &ready);
  ::curl_multi_perform(multi_, &running);
  finish_ended();
}

bool HttpClient::take_new() {
  std::vector<Waiting> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(waiting_);
  }
  for (auto& each : taken) begin(std::move(each));
  return !taken.empty();
}

void HttpClient::begin(Waiting waiting) {
  auto exchange = spare_exchange();
  exchange->number = waiting.number;
  exchange->request = std::move(waiting.request);
  exchange->done = std::move(waiting.done);
  const bool allowed = exchange->request.options->guard.allows_host(host_of_url(exchange->request.url));
  if (allowed && exchange->prepare() && ::curl_multi_add_handle(multi_, exchange->easy) == CURLM_OK) {
    CURL* const easy = exchange->easy;
    exchanges_.emplace(easy, std::move(exchange));
    return;
  }
  HttpResponse failed;
  failed.error = allowed ? HttpError::invalid : HttpError::refused_by_guard;
  failed.error_text = allowed ? "the request can't be made" : "the host is not allowed";
  const Done done = std::move(exchange->done);
  {
    const std::lock_guard lock(mutex_);
    --open_;
    if (cancelled_.erase(waiting.number) != 0) return;
  }
  done(std::move(failed));
}

bool HttpClient::finish_ended() {
  bool any = false;
  int left = 0;
  while (CURLMsg* const message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    finish(message->easy_handle, message->data.result);
    any = true;
  }
  return any;
}

void HttpClient::finish(void* easy, int result) {
  const auto found = exchanges_.find(easy);
  if (found == exchanges_.end()) return;
  std::unique_ptr<HttpExchange> exchange = std::move(found->second);
  exchanges_.erase(found);
  exchange->harvest(static_cast<CURLcode>(result));
  ::curl_multi_remove_handle(multi_, easy);
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    --open_;
    cancelled = cancelled_.erase(exchange->number) != 0;
  }
  const Done done = std::move(exchange->done);
  HttpResponse response = std::move(exchange->response);
  keep(std::move(exchange));
  if (!cancelled) done(std::move(response));
}

std::unique_ptr<HttpExchange> HttpClient::spare_exchange() {
  if (spare_.empty()) return std::make_unique<HttpExchange>();
  auto out = std::move(spare_.back());
  spare_.pop_back();
  return out;
}

void HttpClient::keep(std::unique_ptr<HttpExchange> exchange) {
  if (spare_.size() >= spare_max_) return;
  exchange->recycle();
  spare_.push_back(std::move(exchange));
}

void HttpClient::drop_cancelled() {
  std::set<uint64_t> wanted;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_.empty()) return;
    wanted.swap(cancelled_);
  }
  for (auto each = exchanges_.begin(); each != exchanges_.end();) {
    if (!wanted.contains(each->second->number)) {
      ++each;
      continue;
    }
    ::curl_multi_remove_handle(multi_, each->first);
    each = exchanges_.erase(each);
    const std::lock_guard lock(mutex_);
    --open_;
  }
}

}  // namespace patchbay::support
