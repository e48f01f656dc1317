#include "admin/retained_query.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "admin/shard_query.h"
#include "router/retained_store.h"
#include "session/session_environment.h"
#include "topic/topic_filter.h"

namespace patchbay::admin {

namespace {

constexpr size_t kPage = 500;         ///< messages in one step
constexpr uint32_t kAskingShard = 0;  ///< any can: the store asks the others

/// One page, for the thread that waits.
struct PageAnswer {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<router::RetainedPage> page;
};

std::optional<router::RetainedPage> ask_page(const plugin_services::ServiceShards& shards,
                                             const std::string& topic_filter,
                                             const std::optional<router::RetainedCursor>& cursor) {
  const auto waiting = std::make_shared<PageAnswer>();
  shards.run(kAskingShard, [waiting, &shards, topic_filter, cursor] {
    router::RetainedStore& store = shards.flow(kAskingShard).retained;
    const router::RetainedCursor place = cursor ? *cursor : store.begin(topic_filter);
    const auto answer = [waiting](router::RetainedPage&& page) {
      const std::lock_guard lock(waiting->mutex);
      waiting->page = std::move(page);
      waiting->changed.notify_one();
    };
    if (place.done) return answer({{}, place});
    store.request_page(topic_filter, place, kPage, answer);
  });
  std::unique_lock lock(waiting->mutex);
  waiting->changed.wait_for(lock, std::chrono::milliseconds(kShardAnswerMs), [&] { return waiting->page.has_value(); });
  return std::move(waiting->page);
}

/// Calls `take(message)` for each that matches until it says stop (true).
template <class Take>
bool walk(const plugin_services::ServiceShards& shards, const std::string& topic_filter, Take take) {
  for (std::optional<router::RetainedCursor> cursor; !cursor || !cursor->done;) {
    auto page = ask_page(shards, topic_filter, cursor);
    if (!page) return false;
    for (mqtt::MessageRef& message : page->messages) {
      if (take(std::move(message))) return true;
    }
    cursor = std::move(page->next);
  }
  return true;
}

}  // namespace

RetainedList find_retained(const plugin_services::ServiceShards& shards, const std::string& topic_filter, uint64_t skip,
                           uint64_t limit) {
  RetainedList list;
  bool more = false;
  list.answered = walk(shards, topic_filter, [&](mqtt::MessageRef message) {
    if (skip > 0) {
      --skip;
      return false;
    }
    more = list.messages.size() == limit;
    if (!more) list.messages.push_back(std::move(message));
    return more;
  });
  list.complete = list.answered && !more;
  return list;
}

std::optional<uint64_t> remove_retained(const plugin_services::ServiceShards& shards, const std::string& topic_filter) {
  uint64_t removed = 0;
  const bool answered = walk(shards, topic_filter, [&](const mqtt::MessageRef& message) {
    shards.run(kAskingShard,
               [&shards, topic = std::string(message->topic())] { shards.flow(kAskingShard).retained.clear(topic); });
    ++removed;
    return false;
  });
  return answered ? std::optional<uint64_t>(removed) : std::nullopt;
}

}  // namespace patchbay::admin
