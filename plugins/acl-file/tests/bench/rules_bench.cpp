// What evaluating twenty rules costs, the last of which decides: without what the broker remembers of answers, which
// comes before it. Run by hand on a release build; prints, and judges nothing.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "rule_set.h"
#include "rule_text.h"

using namespace patchbay::acl_file;  // NOLINT: bench

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCalls = 50'000;
constexpr int kBlocks = 30;

struct Case {
  const char* what;
  const char* front;
  const char* back;
  const char* topic;
};

constexpr Case kCases[] = {
    {"for everybody, topics without placeholders", "allow all publish plant/line", "/state", "plant/line20/state"},
    {"for everybody, with ${clientid}", "allow all publish plant/line", "/${clientid}/#", "plant/line20/c1/a"},
    {"for one user each", "allow user user", " publish plant/#", "plant/line20/c1/a"},
};

double best_ns(const RuleSet& rules, const Question& question) {
  double best = 1e9;
  for (int block = 0; block < kBlocks; ++block) {
    const auto begin = Clock::now();
    for (int call = 0; call < kCalls; ++call) {
      if (rules.first_match(question) == nullptr) std::abort();
      asm volatile("" ::: "memory");
    }
    const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
    best = std::min(best, took.count() / kCalls);
  }
  return best;
}

}  // namespace

int main() {
  for (const Case& each : kCases) {
    std::string text;
    for (int number = 1; number <= 20; ++number) text += each.front + std::to_string(number) + each.back + '\n';
    ParsedRules parsed = parse_rules(text, Format::patchbay);
    if (!parsed.problems.empty()) return 1;
    const RuleSet rules(std::move(parsed.rules), "bench");
    Question question;
    question.topic = each.topic;
    question.user = question.claimed_user = "user20";
    question.client_id = "c1";
    std::printf("20 rules %-46s %7.1f ns\n", each.what, best_ns(rules, question));
  }
  return 0;
}
