#include "operations/banned.h"

#include <algorithm>

#include "base/log.h"
#include "operations/core_entry.h"
#include "operations/session_sweep.h"
#include "package/durable_file.h"

namespace patchbay::operations {

namespace {

constexpr const char* kBannedFile = "banned.json";
constexpr size_t kBannedFileMax = 256u << 20;
constexpr const char* kBannedOwner = "banned";

KeptBanRef keep_ban(Ban ban) {
  auto kept = std::make_shared<KeptBan>();
  if (ban.kind == BanKind::client_id_pattern || ban.kind == BanKind::username_pattern)
    kept->pattern = std::make_shared<const BanPattern>(ban.who);
  kept->ban = std::move(ban);
  return kept;
}

}  // namespace

/// What an entry looks at: one list, for as long as a shard can see the entry.
struct Banned::View {
  View(std::vector<KeptBanRef> bans, const base::Clock& time) : table(std::move(bans)), clock(time) {}
  [[nodiscard]] uint64_t now_unix_s() const { return clock.unix_ms() / 1000; }

  static bool bans_connection(const void* view, const hooks::ConnAcceptEvent& event) noexcept {
    const auto& self = *static_cast<const View*>(view);
    return self.table.bans_address(event.peer_address, self.now_unix_s());
  }
  static bool bans_connect(const void* view, const hooks::ConnectRewriteEvent& event) noexcept {
    const auto& self = *static_cast<const View*>(view);
    return self.table.bans_names(event.client_id, event.username, self.now_unix_s());
  }
  static bool bans_session(const void* view, const hooks::SessionOpenEvent& event) noexcept {
    const auto& self = *static_cast<const View*>(view);
    return self.table.bans_names(event.client->client_id(), event.client->username(), self.now_unix_s());
  }

  BanTable table;
  const base::Clock& clock;
};

Banned::Banned(const OperationsEnvironment& environment) : environment_(environment) {}

/// Asked only about those who are banned: the entry's filter has decided by then.
template <class Event>
base::Verdict Banned::refuse(void* self, Event&, base::Token) noexcept {
  static_cast<Banned*>(self)->refused_.fetch_add(1, std::memory_order_relaxed);
  return base::Verdict::denies(static_cast<uint8_t>(mqtt::ReasonCode::banned));
}

std::vector<KeptBanRef> Banned::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<KeptBanRef> bans;
  bans.reserve(bans_.size());
  for (const auto& [key, kept] : bans_) bans.push_back(kept);
  return bans;
}

void Banned::publish() {
  using hooks::HookId;
  const std::lock_guard order(publishing_);
  const auto view = std::make_shared<const View>(snapshot(), environment_.clock);
  environment_.change_chains([this, view](plugin_bridge::ChainPublisher& chains) {
    listen_at<HookId::conn_accept>(
        chains, kBannedOwner, view->table.has_addresses(),
        core_entry<HookId::conn_accept>(kBannedOwner, base::Phase::decide, &Banned::refuse<hooks::ConnAcceptEvent>,
                                        this, view, &View::bans_connection));
    listen_at<HookId::auth_connect_rewrite>(
        chains, kBannedOwner, view->table.has_names(),
        core_entry<HookId::auth_connect_rewrite>(kBannedOwner, base::Phase::transform,
                                                 &Banned::refuse<hooks::ConnectRewriteEvent>, this, view,
                                                 &View::bans_connect));
    listen_at<HookId::session_open>(
        chains, kBannedOwner, view->table.has_names(),
        core_entry<HookId::session_open>(kBannedOwner, base::Phase::transform, &Banned::refuse<hooks::SessionOpenEvent>,
                                         this, view, &View::bans_session));
  });
}

void Banned::keep() {
  const auto written = package::write_durably(environment_.data_dir / kBannedFile, bans_to_json(snapshot()));
  if (written) {
    environment_.alarms.clear("banned_not_kept");
    return;
  }
  base::log(base::LogArea::admin, base::LogLevel::error, "bans are in force, but cannot be kept",
            {{"error", written.error()}});
  environment_.alarms.raise("banned_not_kept", "Bans hold until the broker ends: " + written.error());
}

base::Result<bool, std::string> Banned::load() {
  const std::filesystem::path path = environment_.data_dir / kBannedFile;
  if (!std::filesystem::exists(path)) return true;
  const auto text = package::read_whole(path, std::min<size_t>(std::filesystem::file_size(path), kBannedFileMax));
  if (!text) return base::fail(text.error());
  auto bans = bans_from_json(*text);
  if (!bans) return base::fail(path.string() + ": " + bans.error());
  const uint64_t now_unix_s = environment_.clock.unix_ms() / 1000;
  {
    const std::lock_guard lock(mutex_);
    for (Ban& ban : *bans) {
      KeptBanRef kept = keep_ban(std::move(ban));
      if (kept->holds(now_unix_s)) bans_.emplace(Key{kept->ban.kind, kept->ban.who}, kept);
    }
    if (bans_.empty()) return true;
  }
  publish();
  return true;
}

std::optional<Banned::Problem> Banned::room_for(const Ban& ban) const {
  if (bans_.count({ban.kind, ban.who}) != 0)
    return Problem{Refusal::exists, std::string(ban_kind_name(ban.kind)) + " " + ban.who + " is banned already"};
  if (bans_.size() >= kBansMax) return Problem{Refusal::full, "at most " + std::to_string(kBansMax) + " bans"};
  const auto of_kind = [this](BanKind kind) {
    return static_cast<size_t>(std::distance(
        bans_.lower_bound({kind, ""}), bans_.lower_bound({static_cast<BanKind>(static_cast<int>(kind) + 1), ""})));
  };
  if (ban.kind == BanKind::peer_net && of_kind(BanKind::peer_net) >= kNetworksMax)
    return Problem{Refusal::full, "at most " + std::to_string(kNetworksMax) + " bans of networks"};
  const bool pattern = ban.kind == BanKind::client_id_pattern || ban.kind == BanKind::username_pattern;
  if (pattern && of_kind(BanKind::client_id_pattern) + of_kind(BanKind::username_pattern) >= kPatternsMax)
    return Problem{Refusal::full, "at most " + std::to_string(kPatternsMax) + " bans by regular expression"};
  return std::nullopt;
}

base::Result<Ban, Banned::Problem> Banned::add(Ban ban) {
  auto valid = checked(std::move(ban));
  if (!valid) return base::fail(Problem{Refusal::invalid, valid.error()});
  const KeptBanRef kept = keep_ban(std::move(valid).value());
  {
    const std::lock_guard lock(mutex_);
    if (auto problem = room_for(kept->ban)) return base::fail(std::move(*problem));
    bans_.emplace(Key{kept->ban.kind, kept->ban.who}, kept);
  }
  publish();
  keep();
  send_away(kept->ban, kept);
  base::log(base::LogArea::admin, base::LogLevel::info, "banned",
            {{"as", ban_kind_name(kept->ban.kind)}, {"who", kept->ban.who}, {"by", kept->ban.by}});
  return kept->ban;
}

bool Banned::remove(BanKind kind, const std::string& who) {
  {
    const std::lock_guard lock(mutex_);
    if (bans_.erase({kind, who}) == 0) return false;
  }
  publish();
  keep();
  return true;
}

void Banned::clear() {
  {
    const std::lock_guard lock(mutex_);
    if (bans_.empty()) return;
    bans_.clear();
  }
  publish();
  keep();
}

std::vector<Ban> Banned::list() const {
  std::vector<Ban> list;
  for (const KeptBanRef& kept : snapshot()) list.push_back(kept->ban);
  return list;
}

size_t Banned::size() const {
  const std::lock_guard lock(mutex_);
  return bans_.size();
}

void Banned::tick() {
  const uint64_t now_unix_s = environment_.clock.unix_ms() / 1000;
  {
    const std::lock_guard lock(mutex_);
    const size_t before = bans_.size();
    std::erase_if(bans_, [now_unix_s](const auto& entry) { return !entry.second->holds(now_unix_s); });
    if (bans_.size() == before) return;
  }
  publish();
  keep();
}

void Banned::send_away(const Ban& ban, KeptBanRef kept) {
  const auto table = std::make_shared<const BanTable>(std::vector<KeptBanRef>{std::move(kept)});
  const uint64_t now_unix_s = environment_.clock.unix_ms() / 1000;
  const auto is_banned = [table, now_unix_s](const access::ClientInfo& client) {
    return table->bans_address(client.peer_address(), now_unix_s) ||
           table->bans_names(client.client_id(), client.username(), now_unix_s);
  };
  if (ban.kind == BanKind::client_id) return disconnect_client(environment_.shards, ban.who);
  disconnect_where(environment_.shards, is_banned, kSessionsPerTurn);
}

}  // namespace patchbay::operations
