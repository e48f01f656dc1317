#include "plugin_services/job_service.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::GateState;
using plugin_bridge::Held;

namespace {

struct Jobs : ServicesFixture {
  explicit Jobs(ServiceLimits given = {}, uint32_t queue_max = 10'000) : ServicesFixture(given, queue_max) {}
  static void note(void* self) { static_cast<Jobs*>(self)->ran_on.push_back(base::current_shard()); }
  JobService service{account, shards, workers};
  std::vector<base::ShardId> ran_on;
};

}  // namespace

TEST_CASE("a job runs once on a worker, a post once on its shard") {
  Jobs jobs;
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_OK);
  CHECK(jobs.service.post(1, &Jobs::note, &jobs) == PATCHBAY_OK);
  CHECK(jobs.service.pending() == 2);
  CHECK(jobs.instance.holds(Held::worker_jobs) == 2);
  CHECK(jobs.ran_on.empty());
  jobs.settle();
  CHECK(jobs.ran_on == std::vector<base::ShardId>{1, base::kNoShard});
  CHECK(jobs.service.pending() == 0);
  CHECK(jobs.instance.holds(Held::worker_jobs) == 0);
}

TEST_CASE("jobs that cannot be are refused") {
  Jobs jobs;
  CHECK(jobs.service.run(nullptr, &jobs) == PATCHBAY_INVALID);
  CHECK(jobs.service.post(0, nullptr, &jobs) == PATCHBAY_INVALID);
  CHECK(jobs.service.post(2, &Jobs::note, &jobs) == PATCHBAY_INVALID);
  CHECK(jobs.service.pending() == 0);
}

TEST_CASE("plugins.max_pending_work bounds jobs and posts together") {
  ServiceLimits limits;
  limits.max_pending_work = 2;
  Jobs jobs(limits);
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_OK);
  CHECK(jobs.service.post(0, &Jobs::note, &jobs) == PATCHBAY_OK);
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_BUSY);
  CHECK(jobs.service.post(0, &Jobs::note, &jobs) == PATCHBAY_BUSY);
  CHECK(jobs.account.refusals.value(Refusal::pending_work) == 2);
  jobs.settle();
  CHECK(jobs.ran_on.size() == 2);
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_OK);
  jobs.settle();
}

TEST_CASE("a full pool says BUSY and keeps nothing") {
  Jobs jobs({}, 0);
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_BUSY);
  CHECK(jobs.service.pending() == 0);
  CHECK(jobs.instance.holds(Held::worker_jobs) == 0);
}

TEST_CASE("a draining instance may finish what it has begun; a closed one begins nothing, but what was taken runs") {
  Jobs jobs;
  jobs.instance.gate.move_to(GateState::draining);
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_OK);
  CHECK(jobs.service.post(0, &Jobs::note, &jobs) == PATCHBAY_OK);
  jobs.instance.gate.move_to(GateState::closed);
  CHECK(jobs.service.run(&Jobs::note, &jobs) == PATCHBAY_CLOSED);
  CHECK(jobs.service.post(0, &Jobs::note, &jobs) == PATCHBAY_CLOSED);
  jobs.settle();
  CHECK(jobs.ran_on.size() == 2);
}

TEST_CASE("the kind of a thread is what the host made it") {
  plugin_bridge::CallPlaces places(2);
  CHECK(thread_kind(places) == PATCHBAY_THREAD_OTHER);
  {
    const base::ShardScope scope(1);
    CHECK(thread_kind(places) == PATCHBAY_THREAD_SHARD);
  }
  {
    const plugin_bridge::PlaceScope scope(places.control());
    CHECK(thread_kind(places) == PATCHBAY_THREAD_CONTROL);
  }
  {
    const plugin_bridge::PlaceScope scope(places.worker(3));
    CHECK(thread_kind(places) == PATCHBAY_THREAD_WORKER);
  }
}
