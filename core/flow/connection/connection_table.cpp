#include "connection/connection_table.h"

#include <algorithm>
#include <utility>

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

void ConnectionTable::begin_kick(Kick kick) {
  if (!kicking()) kicks_.clear();
  kicks_.push_back(std::move(kick));
  kick_left_ = connections_.size();
}

bool ConnectionTable::kick_step(size_t limit) {
  // From the back: a removal moves the last connection, which has had its turn, into the gap.
  for (; limit > 0 && kick_left_ > 0; --limit) {
    Connection& connection = *connections_[--kick_left_];
    const auto concerns = [&connection](const Kick& kick) {
      return (kick.listener == nullptr || connection.peer().listener == kick.listener) &&
             (kick.protocol == nullptr || connection.protocol() == kick.protocol.get());
    };
    const auto kick = std::find_if(kicks_.begin(), kicks_.end(), concerns);
    if (kick != kicks_.end()) connection.kick(kick->reason);
  }
  if (!kicking()) kicks_.clear();
  return kicking();
}

}  // namespace patchbay::connection
