// One thread for several quiet shards.
//
// At a low load, two shards on threads of their own wake each other for nearly every message that passes between them:
// a write to an eventfd, a processor fetched out of its sleep, a second turn. So a shard whose thread has little to do
// lends itself to its host's thread and sleeps. The host runs turns of its own shard and of its guests one after the
// other; only the host's epoll is waited in, which watches those of the guests. Nothing is shared: a guest stays a
// shard of its own, with its own mailbox, timers and epoch section, and only whole turns change hands (ShardLease).
// When the host's thread has much to do, the guests go back to their threads.

#include <algorithm>
#include <utility>

#include "net/io_shard_state.h"

namespace patchbay::net {

namespace {
/// Rounds in which guests and host run the mail that they sent each other, before sockets are looked at again.
constexpr int kMailRounds = 4;
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
  auto entry = std::make_unique<Guest>(guest);
  if (stopping.load(std::memory_order_relaxed) || load.percent() + guest.load.percent() > lending.join_percent ||
      !readiness.watch(guest.readiness, *entry)) {
    guest.lease.give_back();
    return;
  }
  if (guests.empty()) awake_ms = services.clock->steady_ms();  // no wait with guests has been yet, or long ago
  guest.lendings.fetch_add(1, std::memory_order_relaxed);
  guest.lent.store(true, std::memory_order_relaxed);
  guest.mailbox.begin_run();
  guests.push_back(std::move(entry));
}

/// What a guest that goes has posted to the others is with them before it posts more from its own thread.
void IoShard::State::end_near_mail() {
  mailbox.end_run();
  for (const auto& guest : guests) guest->shard.mailbox.end_run();
}

void IoShard::State::part(size_t index) {
  end_near_mail();
  const std::unique_ptr<Guest> guest = std::move(guests[index]);
  guests.erase(guests.begin() + static_cast<std::ptrdiff_t>(index));
  readiness.unwatch(guest->shard.readiness);
  guest->shard.was_hung = services.clock->steady_ms() > awake_ms + lending.hang_ms;
  guest->shard.lent.store(false, std::memory_order_relaxed);
  guest->shard.lease.give_back();
  mailbox.begin_run();
  for (const auto& staying : guests) staying->shard.mailbox.begin_run();
}

void IoShard::State::part_from_all() {
  while (!guests.empty()) part(guests.size() - 1);
}

int IoShard::State::sleep_ms_with_guests() {
  const uint64_t now_ms = latest_ms;
  uint64_t end_ms = services.now_ms + static_cast<uint64_t>(sleep_ms());
  for (const auto& guest : guests) end_ms = std::min(end_ms, guest->wants_turn(now_ms) ? now_ms : guest->due_ms);
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
    if (guests[at - 1]->shard.stopping.load(std::memory_order_acquire)) part(at - 1);
  }
  // The turns took long, be it for a hook that blocks. All shards have waited for that; when it comes again, nobody but
  // the shard whose client it is shall.
  latest_ms = services.clock->steady_ms();
  if (latest_ms > awake_ms + lending.stall_ms) part_from_all();
}

/// An own turn is left out where the wait was for a guest's sockets only, but never for longer than a tick, so that
/// timers and load are looked at.
void IoShard::State::turns_of_all(bool found) {
  const bool for_guest = std::any_of(guests.begin(), guests.end(), [](const auto& guest) { return guest->ready; });
  if (found || !for_guest || readiness.woken() || wants_turn()) turn(found, awake_ms);
  for (int round = 0; round < kMailRounds; ++round) {
    // By index: a turn of this shard may take in one more.
    for (size_t at = 0; at < guests.size(); ++at) {
      if (guests[at]->wants_turn(latest_ms)) turn_guest(*guests[at]);
    }
    if (!readiness.woken() && !mailbox.has_near_mail() && latest_ms < services.now_ms + base::TimerWheel::kTickMs)
      break;
    turn(false, awake_ms);
  }
}

void IoShard::State::turn_guest(Guest& guest) {
  State& shard = guest.shard;
  const base::ShardScope shard_scope(shard.services.id);
  const Readiness::Scope readiness_scope(shard.readiness);
  bool found = false;
  if (guest.ready) {
    found = true;
    guest.ready = !shard.readiness.collect();
  }
  shard.turn(found,
             std::max(awake_ms, shard.services.now_ms));  // it may have come in this very round, with a later time
  guest.due_ms = shard.services.now_ms + static_cast<uint64_t>(shard.sleep_ms());
}

}  // namespace patchbay::net
