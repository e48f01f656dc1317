#include "plugin_services/retained_service.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/test_client.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using patchbay::test::TestClient;
using plugin_bridge::GateState;

namespace {

struct Retained : ServicesFixture {
  explicit Retained(ServiceLimits given = {}) : ServicesFixture(given) { client.connect(); }
  struct Answer {
    patchbay_status status = PATCHBAY_FAILED;
    std::vector<std::string> topics;
    uint64_t cursor = 0;
  };
  static void on_answer(void* self, patchbay_status status, const patchbay_message* const* messages, size_t count,
                        uint64_t cursor) {
    Answer answer{status, {}, cursor};
    for (size_t i = 0; i < count; ++i) {
      answer.topics.emplace_back(reinterpret_cast<const mqtt::Message*>(messages[i])->topic());
    }
    static_cast<Retained*>(self)->answers.push_back(std::move(answer));
  }
  void retain(const std::string& topic) {
    client.publish(topic, "x", mqtt::Qos::at_most_once, true);
    settle();
  }
  Answer find(std::string_view topic) {
    REQUIRE(service.find(topic, &Retained::on_answer, this) == PATCHBAY_OK);
    settle();
    return answers.back();
  }
  Answer match(std::string_view filter, uint64_t cursor, uint32_t limit) {
    REQUIRE(service.match(filter, cursor, limit, &Retained::on_answer, this) == PATCHBAY_OK);
    settle();
    return answers.back();
  }

  QueryAnswers queries{account, shards, workers};
  RetainedService service{account, shards, queries};
  TestClient client{flow};
  std::vector<Answer> answers;
};

}  // namespace

TEST_CASE("the retained message of a topic is found, or that there is none") {
  Retained retained;
  CHECK(retained.find("a").status == PATCHBAY_NOT_FOUND);
  retained.retain("a");
  CHECK(retained.find("a").topics == std::vector<std::string>{"a"});
  CHECK(retained.answers.back().status == PATCHBAY_OK);
  CHECK(retained.find("b").status == PATCHBAY_NOT_FOUND);
  CHECK(retained.queries.open() == 0);
}

TEST_CASE("pages give every retained message that matches once") {
  Retained retained;
  std::set<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string topic = "s/" + std::to_string(i);
    retained.retain(topic);
    expected.insert(topic);
  }
  retained.retain("other");
  std::set<std::string> seen;
  size_t total = 0;
  uint64_t cursor = 0;
  int pages = 0;
  do {
    const Retained::Answer answer = retained.match("s/#", cursor, 9);
    CHECK(answer.status == PATCHBAY_OK);
    CHECK(answer.topics.size() <= 9);
    seen.insert(answer.topics.begin(), answer.topics.end());
    total += answer.topics.size();
    cursor = answer.cursor;
    REQUIRE(++pages < 20);
  } while (cursor != 0);
  CHECK(seen == expected);
  CHECK(total == expected.size());
}

TEST_CASE("a cursor is good for the filter that it was given out for, and more than once") {
  Retained retained;
  for (const char* topic : {"a/1", "a/2", "a/3"}) retained.retain(topic);
  const uint64_t cursor = retained.match("a/+", 0, 1).cursor;
  REQUIRE(cursor != 0);
  const auto once = retained.match("a/+", cursor, 1).topics;
  CHECK(retained.match("a/+", cursor, 1).topics == once);
  CHECK(retained.service.match("b/+", cursor, 1, &Retained::on_answer, &retained) == PATCHBAY_INVALID);
  CHECK(retained.service.match("a/+", 12345, 1, &Retained::on_answer, &retained) == PATCHBAY_INVALID);
}

TEST_CASE("look-ups that are not gone on with are forgotten, the oldest first") {
  Retained retained;
  for (const char* topic : {"a/1", "a/2"}) retained.retain(topic);
  const uint64_t first = retained.match("a/+", 0, 1).cursor;
  uint64_t last = 0;
  for (size_t i = 0; i < RetainedService::kMaximumCursors; ++i) last = retained.match("a/+", 0, 1).cursor;
  CHECK(retained.service.match("a/+", first, 1, &Retained::on_answer, &retained) == PATCHBAY_INVALID);
  CHECK(retained.match("a/+", last, 1).status == PATCHBAY_OK);
}

TEST_CASE("removing tells subscribers nothing") {
  Retained retained;
  retained.retain("a");
  TestClient watcher(retained.flow, 1);
  test::ConnectOptions options;
  options.client_id = "watcher";
  watcher.connect(options);
  watcher.subscribe("#");
  retained.settle();
  watcher.publishes();
  CHECK(retained.service.remove("a") == PATCHBAY_OK);
  CHECK(retained.service.remove("never-there") == PATCHBAY_OK);
  CHECK(retained.find("a").status == PATCHBAY_NOT_FOUND);
  CHECK(watcher.publishes().empty());
}

TEST_CASE("questions that cannot be are refused, and their number is bounded") {
  ServiceLimits limits;
  limits.max_pending_queries = 1;
  Retained retained(limits);
  CHECK(retained.service.find("a/#", &Retained::on_answer, &retained) == PATCHBAY_INVALID);
  CHECK(retained.service.find("a", nullptr, &retained) == PATCHBAY_INVALID);
  CHECK(retained.service.match("a/#/b", 0, 1, &Retained::on_answer, &retained) == PATCHBAY_INVALID);
  CHECK(retained.service.match("a", 0, 0, &Retained::on_answer, &retained) == PATCHBAY_INVALID);
  CHECK(retained.service.remove("+") == PATCHBAY_INVALID);
  CHECK(retained.service.find("a", &Retained::on_answer, &retained) == PATCHBAY_OK);
  CHECK(retained.service.match("#", 0, 1, &Retained::on_answer, &retained) == PATCHBAY_BUSY);
  retained.settle();
  retained.instance.gate.move_to(GateState::draining);
  CHECK(retained.service.find("a", &Retained::on_answer, &retained) == PATCHBAY_CLOSED);
  CHECK(retained.service.match("#", 0, 1, &Retained::on_answer, &retained) == PATCHBAY_CLOSED);
  CHECK(retained.service.remove("a") == PATCHBAY_CLOSED);
}
