#include "plugin_services/transport_service.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "base/assert.h"
#include "patchbay/protocol.h"

namespace patchbay::plugin_services {

using plugin_bridge::Held;

namespace {

/// What a plugin's table may lack is nothing that it is called by.
bool is_whole(const patchbay_stream_events& events) {
  return events.size >= offsetof(patchbay_stream_events, on_closed) + sizeof(events.on_closed) &&
         events.on_connected != nullptr && events.on_bytes != nullptr && events.on_writable != nullptr &&
         events.on_closed != nullptr;
}

}  // namespace

TransportService::TransportService(ServiceAccount& account, const ServiceShards& shards,
                                   plugin_bridge::WorkerPool& workers)
    : account_(account),
      shards_(shards),
      workers_(workers),
      quota_(account.limits.max_streams, account.refusals, Refusal::streams),
      tables_(shards.count()) {}

TransportService::~TransportService() {
  for (const Table& table : tables_) PATCHBAY_ASSERT(table.streams.empty());
}

patchbay_status TransportService::open(uint32_t shard, const patchbay_stream_target& target,
                                       const patchbay_stream_events& events, void* self) {
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (shard >= shards_.count() || !is_whole(events))
    return account_.invalid("an outgoing stream names a shard that doesn't exist, or lacks one of its functions");
  auto asked = target_of(target);
  if (!asked) return account_.invalid(asked.error());
  if (!quota_.take()) return PATCHBAY_BUSY;
  const uint64_t id = next_.fetch_add(1, std::memory_order_relaxed);
  OutgoingStreamOwner& owner = *this;
  auto stream = std::make_shared<OutgoingStream>(account_, owner, id, std::move(*asked), events, self);
  account_.held.add(Held::streams);
  {
    const std::lock_guard lock(tables_[shard].mutex);
    tables_[shard].streams.emplace(id, stream);
  }
  const patchbay_status status = start(shard, stream);
  if (status != PATCHBAY_OK) give_back(shard, id);
  return status;
}

/// Addresses need no worker; names and certificates do.
patchbay_status TransportService::start(uint32_t shard, const StreamRef& stream) {
  const bool tls = stream->target().transport == PATCHBAY_TRANSPORT_TLS;
  if (!tls) {
    if (auto addresses = addresses_of(stream->target(), true)) {
      shards_.run(shard, [stream, addresses = std::move(*addresses)]() mutable {
        stream->begin();
        stream->connect(std::move(addresses), nullptr);
      });
      return PATCHBAY_OK;
    }
  }
  const bool posted =
      workers_.post(account_.held, plugin_bridge::make_job([this, shard, stream] { prepare(shard, stream); }));
  if (!posted) {
    account_.refusals.count(Refusal::pending_work);
    return PATCHBAY_BUSY;
  }
  shards_.run(shard, [stream] { stream->begin(); });
  return PATCHBAY_OK;
}

/// [worker]
void TransportService::prepare(uint32_t shard, const StreamRef& stream) const {
  const OutgoingTarget& target = stream->target();
  std::shared_ptr<const net::TlsClientContext> trusted;
  std::string failure;
  if (target.transport == PATCHBAY_TRANSPORT_TLS) {
    auto made = net::TlsClientContext::make(target.ca_file, target.verify);
    if (made) trusted = std::move(*made);
    if (!made) failure = made.error();
  }
  std::vector<OutgoingAddress> addresses;
  if (failure.empty()) {
    auto found = addresses_of(target, false);
    if (found) addresses = std::move(*found);
    if (!found) failure = found.error();
  }
  shards_.run(shard, [stream, addresses = std::move(addresses), trusted = std::move(trusted),
                      failure = std::move(failure)]() mutable {
    if (!failure.empty()) return stream->end(failure);
    stream->connect(std::move(addresses), std::move(trusted));
  });
}

void TransportService::ended(OutgoingStream& stream) {
  give_back(base::current_shard(), stream.id());
}

void TransportService::give_back(uint32_t shard, uint64_t id) {
  {
    const std::lock_guard lock(tables_[shard].mutex);
    tables_[shard].streams.erase(id);
  }
  account_.held.remove(Held::streams);
  quota_.give_back();
}

void TransportService::stop_on_shard() {
  Table& table = tables_[base::current_shard()];
  std::vector<StreamRef> streams;
  {
    const std::lock_guard lock(table.mutex);
    for (const auto& [id, stream] : table.streams) streams.push_back(stream);
  }
  for (const StreamRef& stream : streams) stream->end("the plugin stops");
}

}  // namespace patchbay::plugin_services
