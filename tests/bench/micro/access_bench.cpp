// What a decision about access costs a shard when nobody has to be asked: by the permissions that a client got with its
// login, and by what is remembered of an authorizer's answers.
//
//   bench_access                  nanoseconds of every case, the best of many blocks
//   bench_access <case> <calls>   one case alone, for counting instructions
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/access_control.h"
#include "support/shard_fixture.h"

using namespace patchbay;

namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kCalls = 50'000;
constexpr int kBlocks = 30;
constexpr size_t kRules = 20;

/// Rules as they are written for one device: what is before the last rule speaks of other topics.
std::vector<access::PermissionRule> rules_like(std::string_view kind) {
  std::vector<access::PermissionRule> rules;
  for (size_t number = 0; number < kRules; ++number) {
    access::PermissionRule rule;
    const std::string text = std::to_string(number);
    if (kind == "names") rule.topic_filter = "plant/line" + text + "/${clientid}/state";
    if (kind == "trees") rule.topic_filter = "plant/line" + text + "/${clientid}/#";
    if (kind == "levels") rule.topic_filter = "plant/+/${clientid}/channel" + text;
    if (kind == "mixed") {
      static constexpr std::string_view kForms[] = {"commands/${clientid}/", "telemetry/${clientid}/+/", "jobs/",
                                                    "shared/+/"};
      rule.topic_filter = std::string(kForms[number % 4]) + text + (number % 3 == 0 ? "/#" : "");
    }
    rule.allow = number % 5 != 1;
    rules.push_back(rule);
  }
  return rules;
}

std::string topic_like(std::string_view kind, size_t rule) {
  const std::string text = std::to_string(rule);
  if (kind == "names") return "plant/line" + text + "/device-0042/state";
  if (kind == "trees") return "plant/line" + text + "/device-0042/temperature/celsius";
  if (kind == "levels") return "plant/line7/device-0042/channel" + text;
  return rule < kRules ? "shared/building-7/" + text : "telemetry/device-0042/temperature/" + text;
}

struct AllowEverything final : access::Authorizer {
  base::Verdict authorize(const access::AuthorizeEvent&, base::Token) noexcept override {
    ++asked;
    return base::Verdict::allows();
  }
  size_t asked = 0;
};

/// A client, with permissions or with answers that are remembered.
struct Bench {
  Bench() : deferrals(shard.services), control(points, deferrals, access::AccessSettings{}) {}

  void give_permissions(std::string_view kind, size_t rule) {
    auto set = access::PermissionSet::compile(rules_like(kind), {"device-0042", "alice", nullptr});
    if (!set.has_value()) std::abort();
    make_client(std::make_unique<const access::PermissionSet>(std::move(*set)));
    topics.push_back(topic_like(kind, rule));
  }
  void remember(size_t count) {
    make_client(nullptr);
    points.authorize_publish.swap({access::authorizer_entry(everything, "authorizer")}, shard.epoch);
    for (size_t number = 0; number < count; ++number) {
      topics.push_back("plant/line7/device-0042/channel" + std::to_string(10 + number));
    }
    run(count);
  }
  void make_client(std::unique_ptr<const access::PermissionSet> permissions) {
    access::ClientInfoFields fields;
    fields.client_id = "device-0042";
    fields.username = "alice";
    client = access::ClientInfo::create(fields, std::move(permissions), {}, 0);
  }

  size_t run(size_t calls) {
    size_t allowed = 0;
    size_t next = 0;
    for (size_t call = 0; call < calls; ++call) {
      const auto answer = control.authorize_publish(*client, topics[next], mqtt::Qos::at_least_once, false, pending);
      allowed += answer.has_value() && answer->allowed ? 1 : 0;
      next = next + 1 == topics.size() ? 0 : next + 1;
      asm volatile("" ::: "memory");
    }
    return allowed;
  }

  test::ShardFixture shard;
  access::AccessPoints points;
  base::Deferrals deferrals;
  access::AccessControl control;
  AllowEverything everything;
  access::AuthorizationPending pending{[](void*, access::AuthorizeResult) {}, nullptr};
  access::ClientInfoRef client;
  std::vector<std::string> topics;
};

struct Case {
  const char* name;
  const char* what;
  void (*prepare)(Bench&);
};

constexpr Case kCases[] = {
    {"names", "20 rules without wildcards, the last one matches", [](Bench& b) { b.give_permissions("names", 19); }},
    {"trees", "20 rules that end in #, the last one matches", [](Bench& b) { b.give_permissions("trees", 19); }},
    {"levels", "20 rules with a + in front, the last one matches", [](Bench& b) { b.give_permissions("levels", 19); }},
    {"mixed", "20 rules of four forms, the last one matches", [](Bench& b) { b.give_permissions("mixed", 19); }},
    {"none", "20 rules of four forms, none matches", [](Bench& b) { b.give_permissions("mixed", 1'000); }},
    {"one", "remembered, one topic", [](Bench& b) { b.remember(1); }},
    {"eight", "remembered, eight topics in turn", [](Bench& b) { b.remember(8); }},
    {"full", "remembered, 32 topics in turn: as many as are kept", [](Bench& b) { b.remember(32); }},
};

double best_ns(Bench& bench) {
  double best = 1e9;
  for (int block = 0; block < kBlocks; ++block) {
    const auto begin = Clock::now();
    bench.run(kCalls);
    const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
    best = std::min(best, took.count() / static_cast<double>(kCalls));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  for (const Case& each : kCases) {
    if (argc > 1 && std::string_view(argv[1]) != each.name) continue;
    Bench bench;
    each.prepare(bench);
    if (argc > 2) {
      std::printf("%s: %zu allowed\n", each.name, bench.run(std::strtoull(argv[2], nullptr, 10)));
    } else {
      std::printf("%-8s %-52s %7.1f ns\n", each.name, each.what, best_ns(bench));
    }
  }
  return 0;
}
