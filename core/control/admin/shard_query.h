#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin_services/service_shards.h"
#include "session/session_registry.h"

namespace patchbay::admin {

/// How the REST server asks shards: it posts a question, the shard answers between two of its turns, and the server's
/// thread waits. A shard that does not answer in time is not waited for; its late answer is thrown away.
/// Questions must be short (some tens of microseconds): long walks are cut into pages by their callers.
inline constexpr uint64_t kShardAnswerMs = 5'000;

/// Asks one shard; nothing when it has not answered by then. `question` is called as question(SessionEnvironment&) on
/// the shard and must own what it uses; `Answer` is moved back. Not from a shard. [control]
template <class Question>
auto ask_shard(const plugin_services::ServiceShards& shards, uint32_t shard, Question question,
               uint64_t limit_ms = kShardAnswerMs) {
  using Answer = decltype(question(std::declval<session::SessionEnvironment&>()));
  struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Answer> answer;
  };
  const auto waiting = std::make_shared<Waiting>();
  shards.run(shard, [waiting, shard, &shards, question = std::move(question)]() mutable {
    Answer answer = question(shards.flow(shard));
    const std::lock_guard lock(waiting->mutex);
    waiting->answer.emplace(std::move(answer));
    waiting->changed.notify_one();
  });
  std::unique_lock lock(waiting->mutex);
  waiting->changed.wait_for(lock, std::chrono::milliseconds(limit_ms), [&] { return waiting->answer.has_value(); });
  return std::exchange(waiting->answer, std::nullopt);
}

/// Asks the home shard of a client.
template <class Question>
auto ask_home(const plugin_services::ServiceShards& shards, std::string_view client_id, Question question) {
  return ask_shard(shards, session::home_shard(client_id, shards.count()), std::move(question));
}

/// Asks all shards, one after the other; the answers of those that answered.
template <class Question>
auto ask_each(const plugin_services::ServiceShards& shards, const Question& question) {
  using Answer = decltype(question(std::declval<session::SessionEnvironment&>()));
  std::vector<Answer> answers;
  for (uint32_t shard = 0; shard < shards.count(); ++shard) {
    auto answer = ask_shard(shards, shard, question);
    if (answer) answers.push_back(std::move(*answer));
  }
  return answers;
}

}  // namespace patchbay::admin
