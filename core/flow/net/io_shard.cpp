#include "net/io_shard.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.h"
#include "base/processors.h"
#include "base/thread_urgency.h"
#include "net/io_shard_state.h"

namespace patchbay::net {

namespace {
void wake_readiness(void* self) {
  static_cast<Readiness*>(self)->wake();
}

constexpr uint64_t kReclaimEveryMs = 1000;
constexpr uint64_t kUnixEveryMs = 100;
constexpr uint64_t kLongestSleepMs = 60'000;

/// Every recv(), sendmsg() and epoll_wait() of libc announces itself as a cancellation point with two atomic
/// operations, a fifth of a turn's time in user mode. A thread that cannot be cancelled, and would be so at any moment,
/// needs none. (Reading, writing in one piece and waiting are none in the first place: system_calls.h.)
void renounce_cancellation() {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);
}
}  // namespace

IoShard::State::State(base::ShardId id, const base::Clock& clock, base::EpochDomain& epoch,
                      const connection::ConnectionLimits& limits)
    : timers(clock.steady_ms()),
      readiness(services),
      mailbox([](void* self) { static_cast<State*>(self)->readiness.wake(); }, this, &State::run_at_once),
      patient_mailbox(&wake_readiness, &readiness),
      connections(services, limits) {
  services.id = id;
  services.clock = &clock;
  services.random = &random;
  services.timers = &timers;
  services.counters = &counters;
  services.epoch = &epoch;
  services.mailbox = &mailbox;
  services.patient_mailbox = &patient_mailbox;
  refresh_time();
  reclaim_timer.bind(&State::reclaim, this);
}

/// Wall time runs along with steady time, and is looked at anew only now and then.
void IoShard::State::refresh_time(uint64_t now_ms) {
  services.now_unix_ms += now_ms - services.now_ms;
  services.now_ms = latest_ms = now_ms;
  if (now_ms < unix_due_ms) return;
  services.now_unix_ms = services.clock->unix_ms();
  unix_due_ms = now_ms + kUnixEveryMs;
}

void IoShard::State::reclaim(void* self) {
  auto& state = *static_cast<State*>(self);
  state.services.epoch->reclaim();
  state.services.start(state.reclaim_timer, kReclaimEveryMs);
}

void IoShard::State::before_flush(void* self) {
  for (const auto& [callback, context] : static_cast<State*>(self)->turn_ends) callback(context);
}

void IoShard::State::loop() {
  renounce_cancellation();
  const base::ShardScope shard_scope(services.id);
  const Readiness::Scope readiness_scope(readiness);
  mailbox.begin_run();
  refresh_time();
  load.restart(*services.clock, services.now_ms);
  // One shard frees for all: what is retired belongs to the node.
  if (services.id == 0) services.start(reclaim_timer, kReclaimEveryMs);
  while (!stopping.load(std::memory_order_acquire)) {
    if (guests.empty()) {
      wait_and_turn();
    } else {
      wait_and_turn_with_guests();
    }
    look_at_load();
  }
  part_from_all();
  mailbox.end_run();
}

void IoShard::State::wait_and_turn() {
  const bool found = readiness.wait(sleep_ms()) != 0;
  services.epoch->enter(services.id);
  turn(found, services.clock->steady_ms());
  services.epoch->leave(services.id);
}

void IoShard::State::turn(bool found, uint64_t now_ms) {
  begin_turn(found, now_ms);
  end_turn();
}

void IoShard::State::begin_turn(bool found, uint64_t now_ms) {
  busy = found;
  in_turn = true;
  begun_ms = now_ms;
  refresh_time(now_ms);
  if (readiness.take_wake() || mailbox.has_near_mail()) busy = mailbox.drain() != 0 || busy;
  readiness.dispatch();
  timers.advance(services.now_ms);
}

void IoShard::State::end_turn() {
  in_turn = served = false;
  connections.end_turn(&State::before_flush, this);
  if (patient_mailbox.drain() != 0) {  // after all that devices wait for
    busy = true;
    connections.end_turn(&State::before_flush, this);
  }
}

int IoShard::State::sleep_ms() const {
  if (wants_turn()) return 0;
  // Finding out when the next timer is due means looking through the wheel; a shard that works comes by within a tick
  // anyway, so only one that found nothing to do looks.
  if (busy) return static_cast<int>(base::TimerWheel::kTickMs);
  return static_cast<int>(std::min(timers.next_due_in_ms(services.now_ms), kLongestSleepMs));
}

IoShard::IoShard(base::ShardId id, const base::Clock& clock, base::EpochDomain& epoch,
                 const connection::ConnectionLimits& limits)
    : state_(std::make_unique<State>(id, clock, epoch, limits)) {}

IoShard::~IoShard() {
  stop();
  // Streams and timers that still exist end as on their shard.
  const base::ShardScope shard_scope(state_->services.id);
  const Readiness::Scope readiness_scope(state_->readiness);
  state_.reset();
}

base::ShardServices& IoShard::services() {
  return state_->services;
}

connection::ConnectionShard& IoShard::connections() {
  return state_->connections;
}

Readiness& IoShard::readiness() {
  return state_->readiness;
}

base::ShardId IoShard::id() const {
  return state_->services.id;
}

void IoShard::at_turn_end(TurnEnd callback, void* context) {
  PATCHBAY_ASSERT(!running());
  state_->turn_ends.emplace_back(callback, context);
}

void IoShard::may_lend_to(IoShard& host, const LendingPolicy& policy) {
  PATCHBAY_ASSERT(!running() && !host.running() && &host != this);
  if (!policy.enabled || !Readiness::kCanWatchOthers) return;
  state_->host = host.state_.get();
  state_->set_lending(policy);
  host.state_->set_lending(policy);
}

bool IoShard::lent() const {
  return state_->lent.load(std::memory_order_relaxed);
}

uint32_t IoShard::lendings() const {
  return state_->lendings.load(std::memory_order_relaxed);
}

void IoShard::stay_on_processor(int processor) {
  PATCHBAY_ASSERT(!running());
  state_->processor = processor;
}

void IoShard::start() {
  PATCHBAY_ASSERT(!running());
  state_->stopping.store(false);
  state_->lease.begin();
  state_->thread = std::thread([state = state_.get()] {
    base::begin_urgent_thread(("shard-" + std::to_string(state->services.id)).c_str());
    if (state->processor) static_cast<void>(base::stay_on_processor(*state->processor));  // refused: as without it
    state->loop();
  });
}

void IoShard::stop() {
  if (!running()) return;
  state_->stopping.store(true, std::memory_order_release);
  state_->lease.end();
  state_->readiness.wake();
  state_->thread.join();
}

size_t IoShard::run_left_mail() {
  PATCHBAY_ASSERT(!running());
  const base::ShardScope shard_scope(id());
  const Readiness::Scope readiness_scope(state_->readiness);
  state_->services.epoch->enter(id());
  const size_t count = state_->mailbox.drain() + state_->patient_mailbox.drain();
  state_->services.epoch->leave(id());
  return count;
}

bool IoShard::running() const {
  return state_->thread.joinable();
}

void IoShard::post(std::unique_ptr<base::Mail> mail) {
  state_->mailbox.post(std::move(mail));
}

}  // namespace patchbay::net
