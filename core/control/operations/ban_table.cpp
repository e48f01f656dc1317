#include "operations/ban_table.h"

#include <algorithm>

namespace patchbay::operations {

namespace {

bool is_listed(const std::unordered_map<std::string_view, const KeptBan*>& names, std::string_view name,
               uint64_t now_unix_s) {
  const auto found = names.find(name);
  return found != names.end() && found->second->holds(now_unix_s);
}

bool is_matched(const std::vector<const KeptBan*>& patterns, std::string_view name, uint64_t now_unix_s) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const KeptBan* kept) { return kept->holds(now_unix_s) && kept->pattern->is_found_in(name); });
}

}  // namespace

BanTable::BanTable(std::vector<KeptBanRef> bans) : bans_(std::move(bans)) {
  for (const KeptBanRef& kept : bans_) sort_in(*kept);
}

void BanTable::sort_in(const KeptBan& kept) {
  const Ban& ban = kept.ban;
  names_ = names_ || (ban.kind != BanKind::peer_host && ban.kind != BanKind::peer_net);
  switch (ban.kind) {
    case BanKind::client_id:
      client_ids_[ban.who] = &kept;
      break;
    case BanKind::username:
      usernames_[ban.who] = &kept;
      break;
    case BanKind::client_id_pattern:
      client_id_patterns_.push_back(&kept);
      break;
    case BanKind::username_pattern:
      username_patterns_.push_back(&kept);
      break;
    case BanKind::peer_host:
      if (const auto address = address_from(ban.who)) addresses_[*address] = &kept;
      break;
    case BanKind::peer_net:
      if (const auto network = network_from(ban.who)) networks_.emplace_back(*network, &kept);
      break;
  }
}

bool BanTable::bans_address(std::span<const uint8_t, 16> address, uint64_t now_unix_s) const {
  Address wanted;
  std::copy(address.begin(), address.end(), wanted.begin());
  const auto found = addresses_.find(wanted);
  if (found != addresses_.end() && found->second->holds(now_unix_s)) return true;
  return std::any_of(networks_.begin(), networks_.end(), [&](const auto& network) {
    return network.first.contains(wanted) && network.second->holds(now_unix_s);
  });
}

bool BanTable::bans_names(std::string_view client_id, std::string_view username, uint64_t now_unix_s) const {
  if (!client_id.empty() &&
      (is_listed(client_ids_, client_id, now_unix_s) || is_matched(client_id_patterns_, client_id, now_unix_s))) {
    return true;
  }
  return !username.empty() &&
         (is_listed(usernames_, username, now_unix_s) || is_matched(username_patterns_, username, now_unix_s));
}

}  // namespace patchbay::operations
