#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/answer_signal.h"
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
    std::optional<Answer> answer;  // the shard's until it is there, then the asker's
    AnswerSignal is_there;
  };
  const auto waiting = std::make_shared<Waiting>();
  shards.run(shard, [waiting, shard, &shards, question = std::move(question)]() mutable {
    waiting->answer.emplace(question(shards.flow(shard)));
    waiting->is_there.give();
  });
  if (!waiting->is_there.wait_ms(limit_ms)) return std::optional<Answer>();
  return std::move(waiting->answer);
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
