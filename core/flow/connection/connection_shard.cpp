#include "connection/connection_shard.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "connection/connection.h"

namespace patchbay::connection {

using base::Counter;

ConnectionShard::ConnectionShard(const base::ShardServices& services, const ConnectionLimits& limits)
    : ConnectionHome(services, limits) {}

ConnectionShard::~ConnectionShard() {
  destroy_all();
}

void ConnectionShard::destroy_all() {
  // The loop has ended: nobody may be called any more, only memory and descriptors go back.
  const auto dead = std::exchange(dead_, {});
  const auto live = std::exchange(table_, {});
  for (Connection* connection : dead) delete connection;
  for (Connection* connection : live.all()) delete connection;
  first_flush_ = last_flush_ = nullptr;
}

void ConnectionShard::add_protocol(const session::ListenerInfo& listener,
                                   std::unique_ptr<session::ProtocolFactory> factory) {
  protocols_[&listener] = factory.get();
  factories_.push_back(std::move(factory));
}

Connection& ConnectionShard::add(std::unique_ptr<Stream> stream, UnreadBytes unread) {
  return take_over(std::move(stream), std::move(unread), {}, false);
}

std::unique_ptr<session::ProtocolMachine> ConnectionShard::make_machine(Connection& connection,
                                                                        const Protocol* protocol) {
  if (protocol != nullptr) return protocol->factory->create(connection);
  const auto own = protocols_.find(connection.peer().listener);
  PATCHBAY_ASSERT(own != protocols_.end());
  return own->second->create(connection);
}

Connection& ConnectionShard::take_over(std::unique_ptr<Stream> stream, UnreadBytes unread, ConnectionFacts facts,
                                       bool moved) {
  auto* connection = new Connection(*this, std::move(stream), std::move(unread), std::move(facts));
  table_.add(*connection);
  services_.counters->add(Counter::connections);
  connection->start(moved);
  if (shutting_down_) connection->kick(session::CloseReason::server_shutdown);
  return *connection;
}

void ConnectionShard::end_turn(void (*before_flush)(void*), void* context) {
  if (table_.kicking()) table_.kick_step(limits_.kicks_per_turn);
  uint32_t rounds = limits_.flush_rounds_per_turn;
  do {
    if (before_flush != nullptr) before_flush(context);
    machines_called_ = false;
    flush_round();
  } while (first_flush_ != nullptr && --rounds > 0);
  if (machines_called_ && before_flush != nullptr) before_flush(context);
  if (!departures_.empty()) post_departures();
  if (!dead_.empty()) free_dead();
}

void ConnectionShard::kick_all(session::CloseReason reason, const session::ListenerInfo* listener) {
  shutting_down_ = shutting_down_ || (listener == nullptr && reason == session::CloseReason::server_shutdown);
  table_.begin_kick({reason, listener, nullptr});
}

void ConnectionShard::kick_protocol(session::CloseReason reason, ProtocolRef protocol) {
  table_.begin_kick({reason, nullptr, std::move(protocol)});
}

void ConnectionShard::flush_later(Connection& connection) {
  connection.next_flush_ = nullptr;
  (last_flush_ == nullptr ? first_flush_ : last_flush_->next_flush_) = &connection;
  last_flush_ = &connection;
}

void ConnectionShard::flush_round() {
  Connection* connection = std::exchange(first_flush_, nullptr);
  last_flush_ = nullptr;
  while (connection != nullptr) {
    Connection* next = connection->next_flush_;
    connection->flush_wanted_ = false;
    connection->flush();
    connection = next;
  }
}

void ConnectionShard::depart(Connection& connection) {
  // Posted at the end of the turn only: the loop may still hold an event for the stream in its batch.
  departures_.push_back({std::move(connection.stream_), std::move(connection.unread_), std::move(connection.facts_),
                         connection.move_target_});
  services_.count(Counter::connections_moved);
  bury(connection);
}

void ConnectionShard::post_departures() {
  for (Departure& departure : departures_) {
    PATCHBAY_ASSERT(departure.target < shards_.size());
    ConnectionShard* target = shards_[departure.target];
    target->services_.mailbox->post(base::make_task([target, d = std::move(departure)]() mutable {
      target->take_over(std::move(d.stream), std::move(d.unread), std::move(d.facts), true);
    }));
  }
  departures_.clear();
}

void ConnectionShard::bury(Connection& connection) {
  table_.remove(connection);
  services_.counters->subtract(Counter::connections);
  dead_.push_back(&connection);
}

void ConnectionShard::free_dead() {
  // One that is still on the list of connections to flush is freed when the list has let go of it.
  const auto keep = std::partition(dead_.begin(), dead_.end(), [](Connection* c) { return c->flush_wanted_; });
  for (auto at = keep; at != dead_.end(); ++at) delete *at;
  dead_.erase(keep, dead_.end());
}

}  // namespace patchbay::connection
