#include "connection/connection_table.h"

#include <algorithm>

#include "base/assert.h"
#include "connection/connection.h"

namespace patchbay::connection {

void ConnectionTable::add(Connection& connection) {
  connection.table_index_ = static_cast<uint32_t>(connections_.size());
  connections_.push_back(&connection);
}

void ConnectionTable::remove(Connection& connection) {
  const size_t index = connection.table_index_;
  PATCHBAY_ASSERT(index < connections_.size() && connections_[index] == &connection);
  connections_[index] = connections_.back();
  connections_[index]->table_index_ = connection.table_index_;
  connections_.pop_back();
  kick_left_ = std::min(kick_left_, connections_.size());
}

void ConnectionTable::begin_kick(session::CloseReason reason, const session::ListenerInfo* listener) {
  // A second kick while one runs widens to everybody where the two differ: goodbye twice is harmless, a client
  // forgotten is not.
  kick_listener_ = kicking() && kick_listener_ != listener ? nullptr : listener;
  kick_reason_ = reason;
  kick_left_ = connections_.size();
}

bool ConnectionTable::kick_step(size_t limit) {
  // From the back: a removal moves the last connection, which has had its turn, into the gap.
  for (; limit > 0 && kick_left_ > 0; --limit) {
    Connection& connection = *connections_[--kick_left_];
    if (kick_listener_ == nullptr || connection.peer().listener == kick_listener_) connection.kick(kick_reason_);
  }
  return kicking();
}

}  // namespace patchbay::connection
