#include "admin/delayed_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "admin/shard_query.h"
#include "session/session_environment.h"

namespace patchbay::admin {

namespace {

constexpr size_t kPerTurn = 500;
constexpr size_t kDigits = 32;
constexpr size_t kShardDigits = 16;

using HeldMessage = router::DelayedMessages::Waiting;

DelayedView delayed_view_of(const session::SessionEnvironment& environment, const HeldMessage& waiting) {
  const auto now_ms = static_cast<int64_t>(environment.shard.now_ms);
  return {{environment.shard.id, waiting.id}, waiting, std::max<int64_t>(waiting.due_at_ms - now_ms, 0)};
}

bool parse_hex(std::string_view text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string DelayedId::text() const {
  std::array<char, kDigits + 1> text{};
  std::snprintf(text.data(), text.size(), "%016llX%016llX", static_cast<unsigned long long>(shard),
                static_cast<unsigned long long>(number));
  return text.data();
}

std::optional<DelayedId> DelayedId::parse(std::string_view text) {
  uint64_t shard = 0;
  uint64_t number = 0;
  if (text.size() != kDigits || !parse_hex(text.substr(0, kShardDigits), shard) ||
      !parse_hex(text.substr(kShardDigits), number) || shard > UINT32_MAX)
    return std::nullopt;
  return DelayedId{static_cast<uint32_t>(shard), number};
}

DelayedList find_delayed(const plugin_services::ServiceShards& shards, uint64_t skip, uint64_t limit) {
  DelayedList list;
  std::optional<HeldMessage> after;
  for (uint32_t shard = 0; shard < shards.count();) {
    auto page = ask_shard(shards, shard, [after](session::SessionEnvironment& environment) {
      std::vector<DelayedView> views;
      for (const HeldMessage& waiting : environment.delayed.list(kPerTurn, after ? &*after : nullptr))
        views.push_back(delayed_view_of(environment, waiting));
      return views;
    });
    if (!page) {
      list.answered = false;
      return list;
    }
    for (DelayedView& view : *page) {
      after = view.waiting;
      if (skip > 0) {
        --skip;
        continue;
      }
      if (list.messages.size() == limit) return list;  // there is one more
      list.messages.push_back(std::move(view));
    }
    if (page->size() == kPerTurn) continue;
    ++shard;
    after.reset();
  }
  list.complete = true;
  return list;
}

std::optional<std::vector<DelayedView>> find_delayed(const plugin_services::ServiceShards& shards, DelayedId id) {
  if (id.shard >= shards.count()) return std::vector<DelayedView>{};
  return ask_shard(shards, id.shard, [id](session::SessionEnvironment& environment) {
    std::vector<DelayedView> found;
    if (const auto waiting = environment.delayed.find(id.number))
      found.push_back(delayed_view_of(environment, *waiting));
    return found;
  });
}

std::optional<size_t> cancel_delayed(const plugin_services::ServiceShards& shards, DelayedId id) {
  if (id.shard >= shards.count()) return 0;
  return ask_shard(shards, id.shard, [id](session::SessionEnvironment& environment) {
    return static_cast<size_t>(environment.delayed.cancel(id.number));
  });
}

std::optional<size_t> cancel_delayed(const plugin_services::ServiceShards& shards, const std::string& topic) {
  size_t cancelled = 0;
  for (uint32_t shard = 0; shard < shards.count(); ++shard) {
    const auto some = ask_shard(shards, shard, [topic](session::SessionEnvironment& environment) {
      return environment.delayed.cancel_topic(topic);
    });
    if (!some) return std::nullopt;
    cancelled += *some;
  }
  return cancelled;
}

}  // namespace patchbay::admin
