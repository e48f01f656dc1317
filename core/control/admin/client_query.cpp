#include "admin/client_query.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "admin/shard_query.h"

namespace patchbay::admin {

namespace {

bool take_number(std::string_view& text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool take_dash(std::string_view& text) {
  if (text.empty() || text.front() != '-') return false;
  text.remove_prefix(1);
  return true;
}

/// Clients named by their ids: asked for one by one, on their home shards.
ClientPage find_named(const plugin_services::ServiceShards& shards, const ClientFilter& filter, uint64_t skip,
                      uint64_t limit) {
  ClientPage page;
  page.complete = true;
  std::vector<std::string> ids = filter.client_ids;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const auto shared = std::make_shared<const ClientFilter>(filter);
  for (const std::string& id : ids) {
    const auto found = ask_home(shards, id, [id, shared](session::SessionEnvironment& environment) {
      const session::Session* session = environment.registry->find(id);
      const bool shown = session != nullptr && shared->matches(*session);
      return shown ? std::optional<ClientView>(view_of(*session)) : std::nullopt;
    });
    if (!found) page.answered = false;
    if (!found || !*found) continue;
    if (page.clients.size() == limit) {
      page.complete = false;
      break;
    }
    if (++page.matched > skip) page.clients.push_back(**found);
  }
  return page;
}

}  // namespace

std::string SessionPlace::text() const {
  return std::to_string(shard) + '-' + std::to_string(slot) + '-' + std::to_string(within);
}

std::optional<SessionPlace> SessionPlace::parse(std::string_view text) {
  uint64_t shard = 0;
  uint64_t slot = 0;
  uint64_t within = 0;
  const bool read = take_number(text, shard) && take_dash(text) && take_number(text, slot) && take_dash(text) &&
                    take_number(text, within) && text.empty();
  if (!read || shard > UINT32_MAX) return std::nullopt;
  return SessionPlace{static_cast<uint32_t>(shard), slot, within};
}

ClientSlice look_at_clients(session::SessionEnvironment& environment, const ClientFilter& filter, size_t slot,
                            uint64_t skip, size_t room, size_t sessions) {
  ClientSlice slice;
  slice.next_slot = slot;
  if (skip > 0 && filter.is_empty()) {
    const size_t most = std::min<uint64_t>(skip, kSessionsPassedPerTurn);
    slice.next_slot = environment.registry->visit(slot, most, [&slice](session::Session&) { ++slice.skipped; });
    slice.shard_done = slice.next_slot == 0;
    return slice;
  }
  // One session at a time, since a page may be full at any of them.
  for (size_t looked = 0; looked < sessions && slice.clients.size() < room; ++looked) {
    const size_t next = environment.registry->visit(slice.next_slot, 1, [&](session::Session& session) {
      if (!filter.matches(session)) return;
      if (slice.skipped < skip) {
        ++slice.skipped;
      } else {
        slice.clients.push_back(view_of(session));
      }
    });
    slice.next_slot = next;
    if (next != 0) continue;
    slice.shard_done = true;
    break;
  }
  return slice;
}

ClientPage find_clients(const plugin_services::ServiceShards& shards, const ClientFilter& filter, SessionPlace start,
                        uint64_t skip, uint64_t limit) {
  ClientPage page;
  page.complete = filter.nothing;
  if (filter.nothing) return page;
  if (!filter.client_ids.empty()) return find_named(shards, filter, skip, limit);
  const auto shared = std::make_shared<const ClientFilter>(filter);
  SessionPlace place = start;
  bool more = false;
  while (place.shard < shards.count() && !more) {
    // Once the page is full, one more that matches is looked for, to know whether there is a next page.
    const bool full = page.clients.size() == limit;
    const size_t room = full ? 1 : limit - page.clients.size();
    auto slice = ask_shard(shards, place.shard, [shared, slot = place.slot, skip, room](auto& environment) {
      return look_at_clients(environment, *shared, slot, skip, room);
    });
    if (!slice) {
      page.answered = false;
      return page;
    }
    skip -= slice->skipped;
    page.matched += slice->skipped;
    more = full && !slice->clients.empty();
    if (!full) {
      page.matched += slice->clients.size();
      for (ClientView& client : slice->clients) page.clients.push_back(std::move(client));
    }
    place = slice->shard_done ? SessionPlace{place.shard + 1, 0, 0} : SessionPlace{place.shard, slice->next_slot, 0};
    if (!full && page.clients.size() == limit) page.go_on = place;
  }
  page.complete = !more;
  if (page.complete) page.go_on.reset();
  return page;
}

FoundClient find_client(const plugin_services::ServiceShards& shards, const std::string& client_id) {
  auto answer = ask_home(shards, client_id, [client_id](session::SessionEnvironment& environment) {
    const session::Session* session = environment.registry->find(client_id);
    return session != nullptr ? std::optional<ClientView>(view_of(*session)) : std::nullopt;
  });
  if (!answer) return {std::nullopt, false};
  return {std::move(*answer), true};
}

}  // namespace patchbay::admin
