#include "net/listeners.h"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/random.h"
#include "net/acceptor.h"
#include "net/datagram_socket.h"
#include "net/listener_socket.h"
#include "net/listener_state.h"
#include "net/socket_address.h"

namespace patchbay::net {

namespace {

constexpr uint64_t kReservedDescriptors = 64;

uint64_t node_maximum(const NetLimits& limits) {
  if (limits.max_connections != 0) return limits.max_connections;
  rlimit descriptors = {};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  const uint64_t share = descriptors.rlim_cur / 10 * 9;
  return share > kReservedDescriptors ? share - kReservedDescriptors : 1;
}

std::string listener_id(const ListenerOptions& options) {
  return std::string(listener_type_name(options.type)) + ":" + options.name;
}

bool uses_tls(ListenerType type) {
  return type == ListenerType::ssl || type == ListenerType::wss || type == ListenerType::dtls;
}

bool uses_datagrams(ListenerType type) {
  return type == ListenerType::udp || type == ListenerType::dtls;
}

}  // namespace

const char* listener_type_name(ListenerType type) {
  static constexpr const char* kNames[] = {"tcp", "ssl", "ws", "wss", "udp", "dtls"};
  return kNames[static_cast<size_t>(type)];
}

struct Listeners::Entry {
  ListenerState state;
  std::string bind;
  uint16_t port = 0;
  bool running = false;
  std::vector<std::unique_ptr<Acceptor>> acceptors;               // one for each shard, touched by it alone
  std::vector<std::unique_ptr<DatagramSocket>> datagram_sockets;  // the same for udp and dtls
};

struct Listeners::State {
  State(ShardGroup& group, const NetLimits& net_limits, const connection::ConnectionExtensions& taking_part)
      : shards(group), limits(net_limits), extensions(taking_part), quota(node_maximum(net_limits)) {}

  [[nodiscard]] Entry* find_running(std::string_view id) {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [id](const auto& entry) { return entry->running && entry->state.id == id; });
    return found == entries.end() ? nullptr : found->get();
  }

  ShardGroup& shards;
  const NetLimits limits;
  const connection::ConnectionExtensions& extensions;
  ConnectionQuota quota;
  mutable std::mutex mutex;  // guards entries; control threads only
  /// Stopped ones stay: connections, and machines that outlive them, point to their ListenerInfo.
  std::vector<std::unique_ptr<Entry>> entries;
};

Listeners::Listeners(ShardGroup& shards, const NetLimits& limits, const connection::ConnectionExtensions& extensions)
    : state_(std::make_unique<State>(shards, limits, extensions)) {}

Listeners::~Listeners() {
  stop_all();
  // Connections count themselves in their listener until they end.
  state_->shards.run_on_each([](IoShard& shard) { shard.connections().destroy_all(); });
}

bool Listeners::is_loopback_bind(const std::string& bind) {
  const auto address = parse_socket_address(bind);
  return address && !address->any && address->loopback();
}

base::Result<ListenerStatus, std::string> Listeners::start(const ListenerOptions& options,
                                                           const MakeProtocol& make_protocol) {
  const std::lock_guard lock(state_->mutex);
  const std::string id = listener_id(options);
  if (state_->find_running(id) != nullptr) return base::fail(id + ": is running already");
  auto entry = std::make_unique<Entry>();
  auto prepared = prepare(*entry, options);
  if (!prepared) return base::fail(id + ": " + prepared.error());
  const bool datagrams = uses_datagrams(options.type);
  auto sockets = datagrams ? open_datagram_sockets(options, state_->shards.size())
                           : open_listener_sockets(options, state_->shards.size());
  if (!sockets) return base::fail(id + ": " + sockets.error());
  entry->bind = sockets->address.text();
  entry->port = sockets->address.port();
  entry->acceptors.resize(state_->shards.size());
  entry->datagram_sockets.resize(state_->shards.size());
  std::atomic<size_t> accepting{0};
  state_->shards.run_on_each([&](IoShard& shard) {
    shard.connections().use_extensions(state_->extensions);
    shard.connections().add_protocol(entry->state, make_protocol(shard, entry->state));
    UniqueFd& socket = sockets->sockets[shard.id()];
    if (datagrams) {
      auto& own = entry->datagram_sockets[shard.id()];
      own = std::make_unique<DatagramSocket>(std::move(socket), entry->state, shard.connections());
      if (own->start()) ++accepting;
      return;
    }
    auto& acceptor = entry->acceptors[shard.id()];
    acceptor = std::make_unique<Acceptor>(std::move(socket), entry->state, shard.connections());
    if (acceptor->start()) ++accepting;
  });
  const bool all_accept = accepting.load() == state_->shards.size();
  entry->running = true;
  state_->entries.push_back(std::move(entry));
  if (!all_accept) {
    stop_entry(*state_->entries.back(), false);
    return base::fail(id + ": the system refuses to watch one more socket");
  }
  return status_of(*state_->entries.back());
}

base::Result<bool, std::string> Listeners::prepare(Entry& entry, const ListenerOptions& options) {
  ListenerState& listener = entry.state;
  listener.id = listener_id(options);
  listener.loopback_bind = is_loopback_bind(options.bind);
  listener.peer_cert_as_username = options.peer_cert_as_username;
  listener.peer_cert_as_clientid = options.peer_cert_as_clientid;
  listener.mountpoint = options.mountpoint;
  listener.protocol = options.protocol;
  listener.options = options;
  listener.limits = state_->limits;
  listener.extensions = &state_->extensions;
  listener.quota = &state_->quota;
  if (options.max_connections_per_ip != 0) {
    const uint64_t seed = base::SystemRandom().next();
    listener.addresses = std::make_unique<AddressQuota>(options.max_connections_per_ip, seed);
  }
  if (!uses_tls(options.type)) return true;
  TlsOptions& files = listener.options.tls;
  files.transport = uses_datagrams(options.type) ? TlsTransport::datagrams : TlsTransport::stream;
  auto tls = TlsContext::create(files);
  if (!tls) return base::fail(tls.error());
  listener.tls = std::move(tls.value());
  return true;
}

void Listeners::stop_entry(Entry& entry, bool kick) {
  state_->shards.run_on_each([&entry, kick](IoShard& shard) {
    entry.acceptors[shard.id()].reset();
    entry.datagram_sockets[shard.id()].reset();
    if (kick) shard.connections().kick_all(session::CloseReason::kicked, &entry.state);
  });
  entry.running = false;
}

bool Listeners::stop(std::string_view id, bool kick) {
  const std::lock_guard lock(state_->mutex);
  Entry* running = state_->find_running(id);
  if (running != nullptr) stop_entry(*running, kick);
  if (!kick) return running != nullptr;
  // Connections that an earlier run of it has accepted are its clients, too.
  state_->shards.run_on_each([this, id](IoShard& shard) {
    for (const auto& entry : state_->entries) {
      if (entry->state.id == id) shard.connections().kick_all(session::CloseReason::kicked, &entry->state);
    }
  });
  return running != nullptr;
}

void Listeners::stop_all() {
  const std::lock_guard lock(state_->mutex);
  for (const auto& entry : state_->entries) {
    if (entry->running) stop_entry(*entry, false);
  }
}

base::Result<bool, std::string> Listeners::reload_tls(std::string_view id) {
  const std::lock_guard lock(state_->mutex);
  Entry* entry = state_->find_running(id);
  if (entry == nullptr) return base::fail(std::string(id) + ": no such listener");
  if (entry->state.tls == nullptr) return base::fail(std::string(id) + ": does not use TLS");
  auto reloaded = entry->state.tls->reload();
  if (!reloaded) return base::fail(std::string(id) + ": " + reloaded.error());
  return true;
}

std::vector<std::string> Listeners::reload_all_tls() {
  std::vector<std::string> errors;
  for (const ListenerStatus& listener : status()) {
    if (!listener.running || !uses_tls(listener.type)) continue;
    if (auto reloaded = reload_tls(listener.id); !reloaded) errors.push_back(reloaded.error());
  }
  return errors;
}

ListenerStatus Listeners::status_of(const Entry& entry) {
  ListenerStatus status;
  status.id = entry.state.id;
  status.bind = entry.bind;
  status.port = entry.port;
  status.type = entry.state.options.type;
  status.running = entry.running;
  status.connections = entry.state.connections.load(std::memory_order_relaxed);
  status.max_connections = entry.state.options.max_connections;
  status.datagrams_dropped = entry.state.datagrams_dropped.load(std::memory_order_relaxed);
  return status;
}

std::vector<ListenerStatus> Listeners::status() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<ListenerStatus> all;
  for (const auto& entry : state_->entries) all.push_back(status_of(*entry));
  return all;
}

}  // namespace patchbay::net
