#include "connection/protocol_directory.h"

#include <utility>

namespace patchbay::connection {

namespace {

constexpr std::string_view kMqtt = "MQTT";

bool is_spoken_at(const Protocol& protocol, std::string_view listener_id) {
  const auto& ids = protocol.listener_ids;
  return ids.empty() || std::find(ids.begin(), ids.end(), listener_id) != ids.end();
}

}  // namespace

ProtocolDirectory::~ProtocolDirectory() {
  delete current_.load(std::memory_order_relaxed);
}

void ProtocolDirectory::publish(Table next, base::EpochDomain& epoch) {
  const Table* old = current_.exchange(new Table(std::move(next)), std::memory_order_seq_cst);
  if (old != nullptr) epoch.retire(old);
}

bool ProtocolDirectory::add(Protocol protocol, base::EpochDomain& epoch) {
  const std::lock_guard lock(mutex_);
  const Table* current = current_.load(std::memory_order_relaxed);
  Table next = current == nullptr ? Table{} : *current;
  const bool taken =
      std::any_of(next.begin(), next.end(), [&protocol](const ProtocolRef& other) { return other->id == protocol.id; });
  if (taken || protocol.id.empty() || protocol.id == kMqtt) return false;
  next.push_back(std::make_shared<const Protocol>(std::move(protocol)));
  publish(std::move(next), epoch);
  return true;
}

ProtocolRef ProtocolDirectory::remove(std::string_view id, base::EpochDomain& epoch) {
  const std::lock_guard lock(mutex_);
  const Table* current = current_.load(std::memory_order_relaxed);
  if (current == nullptr) return nullptr;
  Table next = *current;
  const auto found = std::find_if(next.begin(), next.end(), [id](const ProtocolRef& other) { return other->id == id; });
  if (found == next.end()) return nullptr;
  ProtocolRef removed = std::move(*found);
  next.erase(found);
  publish(std::move(next), epoch);
  return removed;
}

ProtocolRef ProtocolDirectory::find(std::string_view id, std::string_view listener_id) const {
  const Table* current = current_.load(std::memory_order_seq_cst);
  if (current == nullptr) return nullptr;
  for (const ProtocolRef& protocol : *current) {
    if (protocol->id == id) return is_spoken_at(*protocol, listener_id) ? protocol : nullptr;
  }
  return nullptr;
}

bool ProtocolDirectory::knows_alpn(std::string_view name, std::string_view listener_id) const {
  const Table* current = current_.load(std::memory_order_seq_cst);
  if (current == nullptr) return false;
  return std::any_of(current->begin(), current->end(), [name, listener_id](const ProtocolRef& protocol) {
    const auto& names = protocol->alpn_names;
    return is_spoken_at(*protocol, listener_id) && std::find(names.begin(), names.end(), name) != names.end();
  });
}

std::vector<ProtocolRef> ProtocolDirectory::all() const {
  const std::lock_guard lock(mutex_);
  const Table* current = current_.load(std::memory_order_relaxed);
  return current == nullptr ? Table{} : *current;
}

}  // namespace patchbay::connection
