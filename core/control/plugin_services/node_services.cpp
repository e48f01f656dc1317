#include "plugin_services/node_services.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "plugin_services/service_tables.h"

namespace patchbay::plugin_services {

using plugin_bridge::Instance;

namespace {
constexpr auto kLookEvery = std::chrono::milliseconds(1);
constexpr uint64_t kStreamsMs = 1'000;

/// What is left of a limit that runs from the object's making.
class TimeLeft {
 public:
  explicit TimeLeft(uint64_t limit_ms) : end_ms_(base::SystemClock().steady_ms() + limit_ms) {}
  [[nodiscard]] uint64_t ms() const {
    const uint64_t now_ms = base::SystemClock().steady_ms();
    return end_ms_ > now_ms ? end_ms_ - now_ms : 0;
  }

 private:
  uint64_t end_ms_;
};

/// Work that runs once on each shard; shared with the mail, since the one who waits may give up before the last.
struct EachShard {
  std::function<void()> work;
  std::mutex mutex;
  std::condition_variable done;
  uint32_t left = 0;
};

bool by_mail(const ServiceShards& shards, const std::function<void()>& work, uint64_t limit_ms) {
  auto each = std::make_shared<EachShard>();
  each->work = work;
  each->left = shards.count();
  for (uint32_t shard = 0; shard < shards.count(); ++shard) {
    shards.run(shard, [each] {
      each->work();
      const std::lock_guard lock(each->mutex);
      --each->left;
      each->done.notify_all();
    });
  }
  std::unique_lock lock(each->mutex);
  return each->done.wait_for(lock, std::chrono::milliseconds(limit_ms), [&] { return each->left == 0; });
}

/// One sample for each limit that has refused something.
void add_refusals(ServiceSet& set, metrics::MetricFamily& family) {
  for (size_t kind = 0; kind < kRefusalKinds; ++kind) {
    const auto refusal = static_cast<Refusal>(kind);
    const uint64_t count = set.account().refusals.value(refusal);
    if (count == 0) continue;
    family.samples.push_back({{{"instance", set.account().facts.name}, {"limit", std::string(refusal_key(refusal))}},
                              std::to_string(count)});
  }
}

template <const auto* (*Table)()>
const void* table_of(void*, Instance&) {
  return Table();
}
}  // namespace

NodeServices::NodeServices(const ServiceEnvironment& environment, OnEachShard on_each_shard)
    : environment_(environment), on_each_shard_(std::move(on_each_shard)) {}

void NodeServices::offer_interfaces(plugin_bridge::InterfaceDirectory& directory) {
  directory.offer(PATCHBAY_PUBLISH_1, "publish", table_of<publish_table>, nullptr);
  directory.offer(PATCHBAY_SUBSCRIBE_1, "subscribe", table_of<subscribe_table>, nullptr);
  directory.offer(PATCHBAY_CLIENTS_1, "clients", table_of<clients_table>, nullptr);
  directory.offer(PATCHBAY_RETAINED_1, "retained", table_of<retained_table>, nullptr);
  directory.offer(PATCHBAY_TIMER_1, "", table_of<timer_table>, nullptr);
  directory.offer(PATCHBAY_WORKER_1, "", table_of<worker_table>, nullptr);
  directory.offer(PATCHBAY_THREAD_1, "", table_of<thread_table>, nullptr);
  directory.offer(PATCHBAY_FD_1, "", table_of<fd_table>, nullptr);
  directory.offer(PATCHBAY_THREAD_CHECK_1, "", table_of<thread_check_table>, nullptr);
  directory.offer(PATCHBAY_SETTINGS_1, "", table_of<settings_table>, nullptr);
  directory.offer(PATCHBAY_SECRET_1, "secrets", table_of<secret_table>, nullptr);
  directory.offer(PATCHBAY_KV_1, "", table_of<kv_table>, nullptr);
  directory.offer(PATCHBAY_METRICS_1, "", table_of<metrics_table>, nullptr);
  directory.offer(PATCHBAY_ALARM_1, "", table_of<alarm_table>, nullptr);
  directory.offer(PATCHBAY_ROUTES_1, "", table_of<routes_table>, nullptr);
  directory.offer(PATCHBAY_REGISTRY_1, "", table_of<registry_table>, nullptr);
  directory.offer(PATCHBAY_TRANSPORT_1, "transport.outgoing", table_of<transport_table>, nullptr);
  directory.offer(PATCHBAY_ADMIN_1, "admin", table_of<admin_table>, nullptr);
}

bool NodeServices::on_each_shard(const std::function<void()>& work, uint64_t limit_ms) {
  return on_each_shard_ ? on_each_shard_(work, limit_ms) : by_mail(environment_.shards, work, limit_ms);
}

void NodeServices::attach(Instance& instance, ServiceDeclarations declarations) {
  auto set = std::make_unique<ServiceSet>(instance, environment_, std::move(declarations));
  {
    const std::unique_lock lock(mutex_);
    sets_.push_back(set.get());
  }
  instance.set_extension(ServiceSet::key(), std::move(set));
}

void NodeServices::set_settings(Instance& instance, std::string masked_json, uint64_t version) {
  ServiceSet::of(instance)->settings().set(std::move(masked_json), version);
}

void NodeServices::opened(Instance& instance) {
  ServiceSet& set = *ServiceSet::of(instance);
  {
    const std::unique_lock lock(mutex_);
    serving_.push_back(&set);
  }
  environment_.directory.publish(set.account());
}

void NodeServices::withdraw_from_requests(ServiceSet& services) {
  const std::unique_lock lock(mutex_);
  std::erase(serving_, &services);
}

void NodeServices::draining(Instance& instance) {
  ServiceSet& set = *ServiceSet::of(instance);
  withdraw_from_requests(set);
  environment_.directory.withdraw(set.account());
}

bool NodeServices::wait_for_leases(Instance& instance, uint64_t limit_ms) {
  return environment_.directory.wait_until_returned(ServiceSet::of(instance)->account(), limit_ms);
}

void NodeServices::stopping(Instance& instance) {
  ServiceSet& set = *ServiceSet::of(instance);
  set.threads().request_stop();
  if (set.account().held.value(plugin_bridge::Held::streams) == 0) return;
  // Before stop(), after which nothing of the plugin runs. A shard that is late ends them in stopped().
  static_cast<void>(on_each_shard([&set] { set.streams().stop_on_shard(); }, kStreamsMs));
}

bool NodeServices::stopped(Instance& instance, uint64_t limit_ms) {
  ServiceSet& set = *ServiceSet::of(instance);
  const TimeLeft left(limit_ms);
  withdraw_from_requests(set);
  set.threads().request_stop();
  if (!on_each_shard([&set] { set.stop_on_shard(); }, left.ms())) return false;
  // In this order: a thread may still give jobs, a job may still post to shards.
  if (!set.threads().join_all(left.ms())) return false;
  if (!environment_.workers.wait_until_idle(set.account().held, left.ms())) return false;
  while (!set.at_rest()) {
    if (left.ms() == 0) return false;
    std::this_thread::sleep_for(kLookEvery);
  }
  // What was posted meanwhile has run when this has.
  if (!on_each_shard([&set] { set.stop_on_shard(); }, left.ms())) return false;
  set.routes().close();
  set.alarms().clear_all();
  set.metrics().withdraw();
  environment_.directory.end(set.account());
  const std::unique_lock lock(mutex_);
  std::erase(sets_, &set);
  return true;
}

void NodeServices::handle_request(std::string_view instance, RouteRequest request, RouteAnswer answer) {
  const std::shared_lock lock(mutex_);
  // Of two versions the newer one serves.
  const auto found = std::find_if(serving_.rbegin(), serving_.rend(),
                                  [instance](ServiceSet* set) { return set->account().facts.name == instance; });
  if (found != serving_.rend()) return (*found)->routes().handle(std::move(request), std::move(answer));
  answer(error_response(404, "NOT_FOUND", "there is no running plugin '" + std::string(instance) + "'"));
}

std::vector<ServedRoutes> NodeServices::served_routes() const {
  const std::shared_lock lock(mutex_);
  std::map<std::string_view, ServiceSet*> newest;
  for (ServiceSet* set : serving_) newest[set->account().facts.name] = set;
  std::vector<ServedRoutes> all;
  for (const auto& [name, set] : newest) {
    auto routes = set->routes().served();
    if (!routes.empty()) all.push_back({std::string(name), std::move(routes)});
  }
  return all;
}

std::vector<metrics::MetricFamily> NodeServices::metric_families() const {
  const std::shared_lock lock(mutex_);
  std::map<std::string_view, ServiceSet*> newest;
  for (ServiceSet* set : sets_) newest[set->account().facts.name] = set;
  std::vector<metrics::MetricFamily> families;
  metrics::MetricFamily refused{"patchbay_plugins_refused", "how often a limit has turned an instance away", false, {}};
  for (const auto& [name, set] : newest) {
    set->metric_store().collect(name, families);
    add_refusals(*set, refused);
  }
  if (!refused.samples.empty()) families.push_back(std::move(refused));
  return families;
}

std::vector<int> NodeServices::thread_ids() const {
  const std::shared_lock lock(mutex_);
  std::vector<int> ids;
  for (ServiceSet* set : sets_) {
    for (const int id : set->threads().thread_ids()) ids.push_back(id);
  }
  return ids;
}

}  // namespace patchbay::plugin_services
