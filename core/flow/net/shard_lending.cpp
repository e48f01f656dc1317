// One thread for several quiet shards.
//
// At a low load, two shards on threads of their own wake each other for nearly every message that passes between them:
// a write to an eventfd, a processor fetched out of its sleep, a second turn. So a shard whose thread has little to do
// lends itself to its host's thread and sleeps. The host runs turns of its own shard and of its guests one after the
// other; only the host's epoll is waited in, which watches those of the guests. Nothing is shared: a guest stays a
// shard of its own, with its own mailbox, timers and epoch section, and only whole turns change hands (ShardLease).
// A message from one shard to another of the same thread is delivered at once (run_at_once()). When the host's thread
// has much to do, the guests go back to their threads.

#include <algorithm>
#include <utility>

#include "net/io_shard_state.h"

namespace patchbay::net {

namespace {
/// Rounds in which guests and host do what they have for each other, before sockets are looked at again.
constexpr int kMailRounds = 4;

/// What runs while it lives, runs for that shard.
class As {
 public:
  template <class State>
  explicit As(State& shard) : shard_(shard.services.id), readiness_(shard.readiness) {}

 private:
  base::ShardScope shard_;
  Readiness::Scope readiness_;
};
}  // namespace

void IoShard::State::look_at_load() {
  if (!load.window_ended(*services.clock, services.now_ms)) return;
  if (!guests.empty()) {
    if (load.percent() > lending.part_percent) part_from_all();
    return;
  }
  if (host == nullptr || services.now_ms < stay_until_ms) return;
  quiet_windows = load.percent() <= lending.join_percent / 2 ? quiet_windows + 1 : 0;
  if (quiet_windows >= lending.quiet_windows) offer_quiet_shard();
}

void IoShard::State::offer_quiet_shard() {
  mailbox.end_run();
  if (!lease.offer()) return mailbox.begin_run();
  host->mailbox.post(base::make_task([to = host, this] { to->consider(*this); }));
  lease.wait_until_own();
  mailbox.begin_run();
  refresh_time();
  load.restart(*services.clock, services.now_ms);
  quiet_windows = 0;
  stay_until_ms = services.now_ms + (std::exchange(was_hung, false) ? lending.hang_stay_ms : lending.stay_ms);
}

void IoShard::State::consider(State& guest) {
  if (!guest.lease.take()) return;
  guest.collection.due = true;
  guest.due_ms = 0;
  if (stopping.load(std::memory_order_relaxed) || load.percent() + guest.load.percent() > lending.join_percent ||
      !readiness.watch(guest.readiness, guest.collection)) {
    guest.lease.give_back();
    return;
  }
  if (guests.empty()) awake_ms = services.clock->steady_ms();  // no wait with guests has been yet, or long ago
  guest.lendings.fetch_add(1, std::memory_order_relaxed);
  guest.lent.store(true, std::memory_order_relaxed);
  guest.mailbox.begin_run();
  guests.push_back(&guest);
}

/// What a guest that goes has posted to the others is with them before it posts more from its own thread.
void IoShard::State::end_near_mail() {
  mailbox.end_run();
  for (State* const guest : guests) guest->mailbox.end_run();
}

void IoShard::State::part(size_t index) {
  end_near_mail();
  State& guest = *guests[index];
  guests.erase(guests.begin() + static_cast<std::ptrdiff_t>(index));
  readiness.unwatch(guest.readiness);
  guest.was_hung = services.clock->steady_ms() > awake_ms + lending.hang_ms;
  guest.lent.store(false, std::memory_order_relaxed);
  guest.lease.give_back();
  mailbox.begin_run();
  for (State* const staying : guests) staying->mailbox.begin_run();
}

void IoShard::State::part_from_all() {
  while (!guests.empty()) part(guests.size() - 1);
}

int IoShard::State::sleep_ms_with_guests() {
  const uint64_t now_ms = latest_ms;
  uint64_t end_ms = services.now_ms + static_cast<uint64_t>(sleep_ms());
  for (const State* const guest : guests)
    end_ms = std::min(end_ms, guest->wants_turn_as_guest(now_ms) ? now_ms : guest->due_ms);
  return end_ms <= now_ms ? 0 : static_cast<int>(end_ms - now_ms);
}

/// One wait, then turns of those who have something to do. The clock is read before and after: for all of these turns
/// it is the time at which the wait ended, as it is within one turn.
void IoShard::State::wait_and_turn_with_guests() {
  const bool found = readiness.wait(sleep_ms_with_guests()) != 0;
  latest_ms = awake_ms = services.clock->steady_ms();
  services.epoch->enter(services.id);
  turns_of_all(found);
  services.epoch->leave(services.id);
  for (size_t at = guests.size(); at > 0; --at) {
    if (guests[at - 1]->stopping.load(std::memory_order_acquire)) part(at - 1);
  }
  // The turns took long, be it for a hook that blocks. All shards have waited for that; when it comes again, nobody but
  // the shard whose client it is shall.
  latest_ms = services.clock->steady_ms();
  if (latest_ms > awake_ms + lending.stall_ms) part_from_all();
}

/// First what came in for each shard, then what each writes; again, while that has brought something for another.
void IoShard::State::turns_of_all(bool found) {
  begin_turns(found);
  end_turns();
  for (int round = 1; round < kMailRounds && has_more_for_each_other(); ++round) {
    begin_turns(false);
    end_turns();
  }
}

bool IoShard::State::has_more_for_each_other() const {
  const auto has_more = [](const State* shard) { return shard->served || shard->mailbox.has_near_mail(); };
  return has_more(this) || std::any_of(guests.begin(), guests.end(), has_more);
}

/// An own turn is left out where the wait was for a guest's sockets only, but never for longer than a tick, so that
/// timers and load are looked at.
void IoShard::State::begin_turns(bool found) {
  // Asked first: what guests do for this shard in their calls is ended with theirs.
  const bool own = found || readiness.woken() || wants_turn();
  bool for_guest = false;
  for (State* const guest : guests) {
    if (!guest->wants_turn_as_guest(latest_ms)) continue;
    for_guest = for_guest || guest->has_found();
    // It may have come in this very round, with a later time.
    guest->begin_turn_as_guest(std::max(awake_ms, guest->services.now_ms));
  }
  if (own || !for_guest || latest_ms >= begun_ms + base::TimerWheel::kTickMs) begin_turn(found, awake_ms);
}

void IoShard::State::begin_turn_as_guest(uint64_t now_ms) {
  const As scope(*this);
  const bool found = has_found();
  if (collection.due) collection.due = !readiness.collect();
  begin_turn(found, now_ms);
}

void IoShard::State::end_turns() {
  if (in_turn || served) end_turn();
  for (State* const guest : guests) {
    const bool whole = guest->in_turn;
    if (!whole && !guest->served) continue;
    const As scope(*guest);
    guest->end_turn();
    const uint64_t end_ms = guest->services.now_ms + static_cast<uint64_t>(guest->sleep_ms());
    // One that was served only has not looked at its timers.
    guest->due_ms = whole ? end_ms : std::min(guest->due_ms, end_ms);
  }
}

/// A message that crosses from one shard of this thread to another is delivered as within one: to the receiving shard
/// this is between two of its calls, as its mail is. Never within another such call, whose sender is in one.
bool IoShard::State::run_at_once(void* self, base::Mail& mail) {
  State& shard = *static_cast<State*>(self);
  State& running = shard.lent.load(std::memory_order_relaxed) ? *shard.host : shard;
  if (running.serving) return false;
  running.serving = true;
  const As scope(shard);
  if (!shard.served && !shard.in_turn) shard.refresh_time(std::max(running.awake_ms, shard.services.now_ms));
  shard.served = shard.busy = true;
  mail.run();
  running.serving = false;
  return true;
}

}  // namespace patchbay::net
