#include "admin/http_front.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "admin/http_front_state.h"

namespace patchbay::admin {

HttpFront::HttpFront(HttpFrontOptions options, HttpHandler& handler, const base::Clock& clock)
    : state_(std::make_unique<HttpFrontState>(std::move(options), handler, clock)) {}

HttpFront::~HttpFront() {
  stop();
}

base::Result<std::string, std::string> HttpFront::start() {
  auto bound = state_->bind();
  if (!bound) return bound;
  state_->threads.emplace_back([state = state_.get()] { state->collect_loop(); });
  for (uint32_t count = 0; count < std::max(state_->options.threads, 1u); ++count)
    state_->threads.emplace_back([state = state_.get()] { state->work_loop(); });
  return bound;
}

void HttpFront::accept() {
  state_->watch(state_->listener.get(), &state_->listener);
}

base::Result<bool, std::string> HttpFront::reload_tls() {
  if (state_->tls == nullptr) return true;
  return state_->tls->reload();
}

void HttpFront::stop() {
  HttpFrontState& state = *state_;
  {
    const std::lock_guard lock(state.mutex);
    state.stopping.store(true);
    state.ready_changed.notify_all();
  }
  constexpr uint64_t kOne = 1;
  if (state.wake) static_cast<void>(!::write(state.wake.get(), &kOne, sizeof kOne));
  for (std::thread& thread : state.threads) thread.join();
  state.threads.clear();
  state.connections.clear();
  state.listener.reset();
}

}  // namespace patchbay::admin
