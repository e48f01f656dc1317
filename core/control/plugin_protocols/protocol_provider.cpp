#include "plugin_protocols/protocol_provider.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

namespace patchbay::plugin_protocols {

std::string_view interned(std::string_view text) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> texts;
  const std::lock_guard lock(mutex);
  return *texts.emplace(text).first;
}

ProtocolProvider::ProtocolProvider(plugin_services::ServiceAccount& account,
                                   const plugin_services::ServiceShards& shards, std::shared_ptr<ConnectionRuns> runs,
                                   const patchbay_protocol& table, void* self,
                                   const patchbay_protocol_description& description)
    : account_(account),
      shards_(shards),
      runs_(std::move(runs)),
      table_(table),
      self_(self),
      id_(plugin_services::view_of(description.id)),
      name_(interned(plugin_services::view_of(description.name))),
      transports_(description.transports),
      maximum_unconsumed_bytes_(description.maximum_unconsumed_bytes),
      connections_(shards.count()) {
  for (size_t i = 0; i < description.alpn_count; ++i) alpn_.emplace_back(plugin_services::view_of(description.alpn[i]));
  for (size_t i = 0; i < description.websocket_subprotocol_count; ++i)
    websocket_subprotocols_.emplace_back(plugin_services::view_of(description.websocket_subprotocols[i]));
}

void ProtocolProvider::add(ProviderConnection& connection) {
  connections_[base::current_shard()].list.push_back(&connection);
}

void ProtocolProvider::remove(ProviderConnection& connection) {
  std::erase(connections_[base::current_shard()].list, &connection);
}

std::optional<size_t> ProtocolProvider::hand_over_here(const std::shared_ptr<ProtocolProvider>& next, size_t from) {
  constexpr size_t kEachTurn = 64;
  Connections& here = connections_[base::current_shard()];
  std::vector<ProviderConnection*>& list = here.list;
  here.handing_over = true;
  size_t place = from;
  for (size_t looked = 0; looked < kEachTurn; ++looked) {
    if (place >= list.size()) {
      here.handing_over = false;
      return std::nullopt;
    }
    // Whoever is given away is not in the list any more: the next one has its place.
    if (!list[place]->hand_over(next)) ++place;
  }
  return place;
}

void ProtocolProvider::kick_all_here() {
  // A copy: whoever is kicked may leave at once.
  for (ProviderConnection* connection : std::vector(connections_[base::current_shard()].list)) connection->unload();
}

}  // namespace patchbay::plugin_protocols
