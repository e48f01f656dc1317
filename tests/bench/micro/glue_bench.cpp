// What the C++ layer adds to a hook call: the host's indirect call of an empty C function, and of members of a plugin's
// class.
#include <chrono>
#include <cstdio>
#include <patchbay/plugin.hpp>

#include "patchbay/testing/fake_host.hpp"

namespace {

struct measured final : patchbay::plugin<measured> {
  using plugin::plugin;
  verdict on_authenticate(auth_request a) { return a.username() == "root" ? verdict::deny() : verdict::cont(); }
  verdict on_publish(message m) { return m.topic().starts_with("$internal/") ? verdict::drop() : verdict::cont(); }
  verdict on_acl_publish(acl_request) { return {}; }
  task<verdict> on_acl_subscribe(acl_request) { co_return verdict::cont(); }
  void on_publish_routed(patchbay::routed_event) {}
  void tune(patchbay::hook_options& o) {
    if (o.name() == "publish.routed") o.on_shard();
  }
};

patchbay_verdict empty(void*, const void*, patchbay_token) {
  return {};
}

/// Nanoseconds of one call: the best of twenty blocks.
double measure(const patchbay_hook& hook, const void* event) {
  constexpr int kCalls = 2'000'000;
  volatile patchbay_hook_fn fn = hook.fn;
  double best = 1e9;
  std::uint64_t kinds = 0;
  for (int block = 0; block < 20; ++block) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) kinds += fn(hook.self, event, patchbay_token{1}).kind;
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kCalls);
  }
  if (kinds != 0) std::puts("an answer that should not be");
  return best;
}

template <typename Event>
void report(patchbay::testing::fake_host& host, std::uint32_t number, const char* what, double base) {
  Event event{};
  event.size = sizeof event;
  if constexpr (requires { event.topic; }) event.topic = patchbay::testing::str("sensors/12/temperature");
  if constexpr (requires { event.username; }) event.username = patchbay::testing::str("device-17");
  const double took = measure(host.points.of_point(number).at(0).raw, &event);
  std::printf("%-52s %6.2f ns  %+6.2f over the empty C function\n", what, took, took - base);
}

}  // namespace

int main() {
  patchbay::testing::fake_host host;
  if (host.start(patchbay::entry_of<measured>("{}")) != PATCHBAY_OK) return 1;
  const patchbay::testing::role_scope on_shard(PATCHBAY_THREAD_SHARD, 0);  // where hooks are called
  patchbay_hook bare{};
  bare.fn = &empty;
  const double base = measure(bare, nullptr);
  std::printf("%-52s %6.2f ns\n", "empty C function", base);
  report<patchbay_authorize_event>(host, PATCHBAY_HOOK_acl_publish, "acl.publish, no opinion", base);
  report<patchbay_authenticate_event>(host, PATCHBAY_HOOK_auth_authenticate, "auth.authenticate, compares a user name",
                                      base);
  report<patchbay_publish_accept_event>(host, PATCHBAY_HOOK_publish_accept, "publish.accept, looks at the topic", base);
  report<patchbay_publish_routed_event>(host, PATCHBAY_HOOK_publish_routed, "publish.routed, observes on the shard",
                                        base);
  report<patchbay_authorize_event>(host, PATCHBAY_HOOK_acl_subscribe, "acl.subscribe, a task that doesn't wait", base);
  return 0;
}
