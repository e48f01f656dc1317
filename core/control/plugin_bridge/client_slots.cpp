#include "plugin_bridge/client_slots.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/chain_publisher.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr const char* kOwner = "core:client_slots";

/// Names a connection while it has no session: its client id and the other end.
std::string connection_key(const access::ClientInfo& client) {
  std::string key(client.client_id());
  const auto address = client.peer_address();
  key.push_back('\0');
  key.append(reinterpret_cast<const char*>(address.data()), address.size());
  key.push_back(static_cast<char>(client.peer_port() >> 8));
  key.push_back(static_cast<char>(client.peer_port() & 0xFF));
  return key;
}

}  // namespace

/// One instance's value; destroying it destroys what the plugin keeps there.
struct ClientSlots::Value {
  Value(Instance& owner, void* kept, Destroy with, void* with_self)
      : instance(&owner), value(kept), destroy(with), self(with_self) {
    instance->held().add(Held::client_slots);
  }
  Value(Value&& other) noexcept
      : instance(std::exchange(other.instance, nullptr)),
        value(other.value),
        destroy(other.destroy),
        self(other.self) {}
  Value& operator=(Value&& other) noexcept {
    std::swap(instance, other.instance);
    std::swap(value, other.value);
    std::swap(destroy, other.destroy);
    std::swap(self, other.self);
    return *this;
  }
  ~Value() {
    if (instance == nullptr) return;
    if (destroy != nullptr) {
      const CallScope scope(instance->bridge().places(), instance->call_site("the end of a client slot"));
      destroy(self, value);
    }
    instance->held().remove(Held::client_slots);
  }

  Instance* instance;
  void* value;
  Destroy destroy;
  void* self;
};

struct alignas(64) ClientSlots::Shard {
  using Values = std::vector<Value>;
  std::unordered_map<uint64_t, Values> by_session;
  std::unordered_map<std::string, Values> by_connection;
  std::unordered_map<const Instance*, size_t> amounts;

  static Value* find(Values& values, const Instance& instance) {
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const Value& each) { return each.instance == &instance; });
    return found == values.end() ? nullptr : &*found;
  }
  void put(Values& values, Value value) {
    if (Value* present = find(values, *value.instance); present != nullptr) {
      --amounts[value.instance];
      std::swap(*present, value);
      return;
    }
    values.push_back(std::move(value));
  }
  /// What the connection has brought into the session.
  void adopt(const access::ClientInfo& client) {
    const auto found = by_connection.find(connection_key(client));
    if (found == by_connection.end()) return;
    Values brought = std::move(found->second);
    by_connection.erase(found);
    Values& values = by_session[client.handle()];
    for (Value& value : brought) put(values, std::move(value));
  }
  [[nodiscard]] Values* find(const access::ClientInfo& client) {
    if (client.handle() == 0) {
      const auto found = by_connection.find(connection_key(client));
      return found == by_connection.end() ? nullptr : &found->second;
    }
    if (!by_connection.empty()) adopt(client);
    const auto found = by_session.find(client.handle());
    return found == by_session.end() ? nullptr : &found->second;
  }
  template <class Map>
  void end_instance(Map& map, const Instance& instance) {
    std::vector<Value> gone;
    for (auto entry = map.begin(); entry != map.end();) {
      Values& values = entry->second;
      const auto mine =
          std::partition(values.begin(), values.end(), [&](const Value& each) { return each.instance != &instance; });
      std::move(mine, values.end(), std::back_inserter(gone));
      values.erase(mine, values.end());
      entry = values.empty() ? map.erase(entry) : std::next(entry);
    }
  }
};

ClientSlots::ClientSlots(uint32_t shards) : shards_(shards), by_shard_(std::make_unique<Shard[]>(shards)) {}

ClientSlots::~ClientSlots() = default;

ClientSlots::Shard& ClientSlots::here() {
  const base::ShardId shard = base::current_shard();
  PATCHBAY_ASSERT(shard < shards_);
  return by_shard_[shard];
}

void* ClientSlots::get(const Instance& instance, const access::ClientInfo& client) {
  auto* values = here().find(client);
  if (values == nullptr) return nullptr;
  const Value* value = Shard::find(*values, instance);
  return value == nullptr ? nullptr : value->value;
}

bool ClientSlots::set(Instance& instance, const access::ClientInfo& client, void* value, Destroy destroy, void* self) {
  Shard& shard = here();
  size_t& amount = shard.amounts[&instance];
  auto* values = shard.find(client);
  const bool replaces = values != nullptr && Shard::find(*values, instance) != nullptr;
  if (!replaces && amount >= kMaximumEach) return false;
  if (values == nullptr) {
    values = client.handle() == 0 ? &shard.by_connection[connection_key(client)] : &shard.by_session[client.handle()];
  }
  ++amount;
  shard.put(*values, Value(instance, value, destroy, self));
  return true;
}

void ClientSlots::end_session(const access::ClientInfo& client) {
  Shard& shard = here();
  const auto found = shard.by_session.find(client.handle());
  if (found == shard.by_session.end()) return;
  const Shard::Values gone = std::move(found->second);
  shard.by_session.erase(found);
  for (const Value& value : gone) --shard.amounts[value.instance];
}

void ClientSlots::end_connection(const access::ClientInfo& client) {
  Shard& shard = here();
  if (shard.by_connection.empty()) return;
  const auto found = shard.by_connection.find(connection_key(client));
  if (found == shard.by_connection.end()) return;
  const Shard::Values gone = std::move(found->second);
  shard.by_connection.erase(found);
  for (const Value& value : gone) --shard.amounts[value.instance];
}

void ClientSlots::end_instance(const Instance& instance) {
  Shard& shard = here();
  shard.end_instance(shard.by_session, instance);
  shard.end_instance(shard.by_connection, instance);
  shard.amounts.erase(&instance);
}

void ClientSlots::listen(ChainPublisher& chains, bool on) {
  const auto observer = [this]<class Event>(typename base::ChainEntry<Event>::Call call, std::type_identity<Event>) {
    base::ChainEntry<Event> entry;
    entry.call = call;
    entry.self = this;
    entry.order.phase = base::Phase::observe;
    entry.order.name = kOwner;
    return std::vector{std::move(entry)};
  };
  using Sessions = std::vector<base::ChainEntry<hooks::SessionEvent>>;
  using Results = std::vector<base::ChainEntry<hooks::AuthResultEvent>>;
  using Clients = std::vector<base::ChainEntry<hooks::ClientEvent>>;
  const auto session_over = [](void* self, hooks::SessionEvent& event, base::Token) noexcept {
    if (event.client != nullptr) static_cast<ClientSlots*>(self)->end_session(*event.client);
    return base::Verdict{};
  };
  const auto logged_in = [](void* self, hooks::AuthResultEvent& event, base::Token) noexcept {
    if (event.client != nullptr && !event.allowed) static_cast<ClientSlots*>(self)->end_connection(*event.client);
    return base::Verdict{};
  };
  const auto disconnected = [](void* self, hooks::ClientEvent& event, base::Token) noexcept {
    if (event.client != nullptr) static_cast<ClientSlots*>(self)->end_connection(*event.client);
    return base::Verdict{};
  };
  const Sessions sessions = on ? observer(+session_over, std::type_identity<hooks::SessionEvent>{}) : Sessions{};
  chains.set_core_entries<hooks::HookId::session_ended>(kOwner, sessions);
  chains.set_core_entries<hooks::HookId::session_discarded>(kOwner, sessions);
  chains.set_core_entries<hooks::HookId::auth_result>(
      kOwner, on ? observer(+logged_in, std::type_identity<hooks::AuthResultEvent>{}) : Results{});
  chains.set_core_entries<hooks::HookId::client_disconnected>(
      kOwner, on ? observer(+disconnected, std::type_identity<hooks::ClientEvent>{}) : Clients{});
}

}  // namespace patchbay::plugin_bridge
