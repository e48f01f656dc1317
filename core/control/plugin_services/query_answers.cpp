#include "plugin_services/query_answers.h"

#include <utility>

#include "base/timer_wheel.h"

namespace patchbay::plugin_services {

namespace {
constexpr uint64_t kRetryMs = 50;
}

/// An answer for which the pool had no room; owns itself until it has been posted.
struct QueryAnswers::Retry {
  Retry(QueryAnswers& of, std::shared_ptr<std::function<void()>> what) : answers(of), answer(std::move(what)) {
    timer.bind(&Retry::again, this);
  }
  void start() { answers.shards_.services(base::current_shard()).start(timer, kRetryMs); }
  static void again(void* self) {
    std::unique_ptr<Retry> retry(static_cast<Retry*>(self));
    if (!retry->answers.post(retry->answer)) retry.release()->start();
  }

  QueryAnswers& answers;
  std::shared_ptr<std::function<void()>> answer;
  base::Timer timer;
};

QueryAnswers::QueryAnswers(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers)
    : account_(account),
      shards_(shards),
      workers_(workers),
      quota_(account.limits.max_pending_queries, account.refusals, Refusal::pending_queries) {}

bool QueryAnswers::post(const std::shared_ptr<std::function<void()>>& answer) {
  return workers_.post(account_.held, plugin_bridge::make_job([this, answer] {
                         account_.call(Door::query, *answer);
                         *answer = nullptr;  // what it holds goes before the query counts as ended
                         quota_.give_back();
                       }));
}

void QueryAnswers::answer(std::function<void()> answer) {
  auto shared = std::make_shared<std::function<void()>>(std::move(answer));
  if (!post(shared)) (new Retry(*this, std::move(shared)))->start();
}

}  // namespace patchbay::plugin_services
