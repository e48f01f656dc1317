#include "key_source.h"

#include <openssl/crypto.h>

#include <utility>

namespace patchbay::auth_jwt {

WaitingLogin::~WaitingLogin() {
  OPENSSL_cleanse(token.data(), token.size());
}

KeySource::KeySource(Parts parts, const RefreshSchedule::Terms& terms, uint64_t seed)
    : parts_(std::move(parts)), schedule_(terms, seed) {}

std::shared_ptr<const KeySet> KeySource::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool KeySource::begin_locked() {
  if (fetching_ || stop_) return false;
  fetching_ = true;
  schedule_.begins(parts_.now_ms());
  return true;
}

void KeySource::tick() {
  {
    const std::lock_guard lock(mutex_);
    if (!schedule_.is_due(parts_.now_ms()) || !begin_locked()) return;
  }
  static_cast<void>(start_fetch(0));
}

bool KeySource::wait_for_keys(WaitingLogin& login) {
  const uint64_t token_id = login.token_id;
  {
    const std::lock_guard lock(mutex_);
    if (stop_ || waiting_.size() >= kMaximumWaiting) return false;
    if (!fetching_ && !schedule_.may_hurry(parts_.now_ms())) return false;
    const bool begins = begin_locked();
    waiting_.push_back(std::move(login));
    if (!begins) return true;
  }
  return start_fetch(token_id);
}

bool KeySource::start_fetch(uint64_t asked_by) {
  if (parts_.run_on_worker([this] { fetch_now(); })) return true;
  // The host's queue is full: as good as a failed fetch. Who is within a hook now is answered by that hook.
  std::vector<WaitingLogin> waited;
  {
    const std::lock_guard lock(mutex_);
    fetching_ = false;
    problem_ = "the host has no worker free";
    schedule_.failed(parts_.now_ms());
    waited.swap(waiting_);
  }
  std::erase_if(waited, [asked_by](const WaitingLogin& login) { return login.token_id == asked_by; });
  if (!waited.empty()) parts_.answer(std::move(waited));
  return false;
}

void KeySource::fetch_now() {
  Fetched fetched = parts_.fetch(stop_);
  if (fetched.good) return take_over(parts_.read(fetched.text));
  take_over({nullptr, std::move(fetched.text)});
}

void KeySource::take_over(ReadKeys read) {
  std::vector<WaitingLogin> waited;
  const size_t count = read.keys ? read.keys->size() : 0;
  {
    const std::lock_guard lock(mutex_);
    const uint64_t now_ms = parts_.now_ms();
    fetching_ = false;
    problem_ = read.problem;
    if (read.keys) {
      keys_ = std::move(read.keys);
      good_at_ms_ = now_ms;
      schedule_.succeeded(now_ms);
    } else {
      schedule_.failed(now_ms);
    }
    waited.swap(waiting_);
  }
  if (!stop_) parts_.tell(read.problem, count);
  if (!waited.empty()) parts_.answer(std::move(waited));
}

void KeySource::forget(uint64_t token_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [token_id](const WaitingLogin& login) { return login.token_id == token_id; });
}

void KeySource::stop() {
  stop_ = true;
  std::vector<WaitingLogin> waited;
  {
    const std::lock_guard lock(mutex_);
    waited.swap(waiting_);
  }
  if (!waited.empty()) parts_.answer(std::move(waited));
}

KeySource::State KeySource::state() const {
  const std::lock_guard lock(mutex_);
  State out;
  out.keys = keys_ ? keys_->size() : 0;
  out.failures = schedule_.failures();
  if (good_at_ms_) out.age_ms = parts_.now_ms() - *good_at_ms_;
  out.waiting = waiting_.size();
  out.problem = problem_;
  return out;
}

}  // namespace patchbay::auth_jwt
