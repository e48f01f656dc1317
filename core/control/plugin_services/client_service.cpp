#include "plugin_services/client_service.h"

#include <algorithm>

#include "access/access_control.h"
#include "access/permission_set.h"
#include "base/utf8.h"
#include "plugin_bridge/abi_views.h"
#include "session/session.h"
#include "session/session_environment.h"
#include "session/session_registry.h"

namespace patchbay::plugin_services {

namespace {
constexpr unsigned kShardShift = 32;
constexpr uint64_t kSlotMask = (uint64_t{1} << kShardShift) - 1;
constexpr size_t kSessionsPerTurn = 1'000;

void tell(patchbay_clients_fn function, void* self, patchbay_status status,
          const std::vector<access::ClientInfoRef>& clients, uint64_t cursor) {
  std::vector<const patchbay_client*> views;
  views.reserve(clients.size());
  for (const access::ClientInfoRef& client : clients) views.push_back(plugin_bridge::to_abi(client.get()));
  function(self, status, views.data(), views.size(), cursor);
}

bool is_attribute(const std::pair<std::string, std::string>& attribute) {
  return !attribute.first.empty() && attribute.first.size() <= ClientService::kMaximumAttributeName &&
         attribute.second.size() <= ClientService::kMaximumAttributeValue && base::is_clean_utf8(attribute.first) &&
         base::is_clean_utf8(attribute.second);
}
}  // namespace

/// Runs `work(environment, session)` on the client's home shard; the session may be null.
template <class F>
patchbay_status ClientService::at_home(std::string_view client_id, F work) {
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (!answers_.begin()) return PATCHBAY_BUSY;
  const uint32_t home = session::home_shard(client_id, shards_.count());
  shards_.run(home, [this, home, client_id = std::string(client_id), work = std::move(work)] {
    session::SessionEnvironment& environment = shards_.flow(home);
    work(environment, environment.registry->find(client_id));
  });
  return PATCHBAY_OK;
}

patchbay_status ClientService::find(std::string_view client_id, patchbay_clients_fn function, void* self) {
  if (function == nullptr) return account_.invalid("a client was looked up without a function");
  return at_home(client_id, [this, function, self](session::SessionEnvironment&, session::Session* session) {
    std::vector<access::ClientInfoRef> found;
    if (session != nullptr) found.push_back(session->client_ref());
    answers_.answer([function, self, found = std::move(found)] {
      tell(function, self, found.empty() ? PATCHBAY_NOT_FOUND : PATCHBAY_OK, found, 0);
    });
  });
}

/// A page that is being collected.
struct ClientService::Walk {
  size_t limit = 0;
  patchbay_clients_fn function = nullptr;
  void* self = nullptr;
  std::vector<access::ClientInfoRef> clients;
};

patchbay_status ClientService::page(uint64_t cursor, uint32_t limit, patchbay_clients_fn function, void* self) {
  const uint64_t shard = cursor >> kShardShift;
  if (function == nullptr || limit == 0 || shard >= shards_.count()) {
    return account_.invalid("a page of clients has no function, no limit, or a cursor that was not given out");
  }
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (!answers_.begin()) return PATCHBAY_BUSY;
  auto walk = std::make_shared<Walk>();
  walk->limit = std::min(limit, kMaximumPage);
  walk->function = function;
  walk->self = self;
  shards_.run(static_cast<uint32_t>(shard),
              [this, walk, shard, cursor] { step(walk, static_cast<uint32_t>(shard), cursor & kSlotMask); });
  return PATCHBAY_OK;
}

void ClientService::step(const std::shared_ptr<Walk>& walk, uint32_t shard, size_t slot) {
  const size_t room = walk->limit - walk->clients.size();
  const size_t next =
      shards_.flow(shard).registry->visit(slot, std::min(room, kSessionsPerTurn), [&walk](session::Session& session) {
        if (session.channel() != nullptr) walk->clients.push_back(session.client_ref());
      });
  const bool shard_done = next == 0;
  const uint32_t next_shard = shard_done ? shard + 1 : shard;
  if (next_shard == shards_.count()) return finish(walk, 0);
  if (walk->clients.size() == walk->limit) return finish(walk, (uint64_t{next_shard} << kShardShift) | next);
  shards_.run(next_shard, [this, walk, next_shard, next] { step(walk, next_shard, next); });
}

void ClientService::finish(const std::shared_ptr<Walk>& walk, uint64_t cursor) {
  answers_.answer([walk, cursor] { tell(walk->function, walk->self, PATCHBAY_OK, walk->clients, cursor); });
}

patchbay_status ClientService::disconnect(std::string_view client_id, uint8_t reason) {
  const auto code = reason == 0 ? mqtt::ReasonCode::administrative_action : static_cast<mqtt::ReasonCode>(reason);
  return at_home(client_id, [this, code](session::SessionEnvironment&, session::Session* session) {
    if (session != nullptr && session->channel() != nullptr) session->channel()->disconnect(code);
    answers_.drop();
  });
}

patchbay_status ClientService::set_attributes(std::string_view client_id, Attributes attributes) {
  if (attributes.size() > kMaximumAttributes || !std::all_of(attributes.begin(), attributes.end(), is_attribute)) {
    return account_.invalid("attributes of a client are too many or too long, or have no name, or are no UTF-8");
  }
  return at_home(client_id,
                 [this, changes = std::move(attributes)](session::SessionEnvironment&, session::Session* session) {
                   if (session != nullptr) change_attributes(*session, changes);
                   answers_.drop();
                 });
}

void ClientService::change_attributes(session::Session& session, const Attributes& changes) {
  const access::ClientInfo& before = session.client();
  access::ClientAttributes attributes = before.attributes();
  for (const auto& [name, value] : changes) {
    std::erase_if(attributes, [&name = name](const auto& known) { return known.first == name; });
    if (!value.empty()) attributes.emplace_back(name, value);
  }
  if (attributes.size() > kMaximumAttributes) {
    static_cast<void>(account_.invalid("a client would have more attributes than it may"));
    return;
  }
  std::unique_ptr<const access::PermissionSet> permissions;
  if (before.permissions() != nullptr) permissions = std::make_unique<access::PermissionSet>(*before.permissions());
  const access::ClientInfoRef changed = access::ClientInfo::create(before.fields(), std::move(permissions),
                                                                   std::move(attributes), before.expires_at_unix_ms());
  if (session.channel() != nullptr) session.channel()->client_changed(changed);
  session.set_client(changed);
}

patchbay_status ClientService::invalidate_acl(std::string_view client_id, std::string_view username) {
  if (!account_.finishes_work()) return PATCHBAY_CLOSED;
  if (!client_id.empty()) {
    const uint32_t home = session::home_shard(client_id, shards_.count());
    shards_.run(home, [this, home, client_id = std::string(client_id)] {
      session::Session* session = shards_.flow(home).registry->find(client_id);
      if (session != nullptr && session->channel() != nullptr) session->channel()->forget_decisions();
    });
  }
  if (client_id.empty() || !username.empty()) {
    // Nobody knows the clients of a user without looking at all of them: forgetting for everybody takes one addition,
    // and costs a question each.
    for (uint32_t shard = 0; shard < shards_.count(); ++shard) {
      shards_.run(shard, [this, shard] { shards_.flow(shard).access.invalidate_caches(); });
    }
  }
  return PATCHBAY_OK;
}

}  // namespace patchbay::plugin_services
