// SPDX-License-Identifier: Apache-2.0
// From the host's call to the plugin's member: detection, phase, fence.
#pragma once

#include "patchbay/hook_options.hpp"
#include "patchbay/hook_table.hpp"
#include "patchbay/instance_access.hpp"
#include "patchbay/task.hpp"

namespace patchbay::detail {

template <typename>
inline constexpr bool always_false = false;

template <typename P, typename Binder>
using result_of = decltype(Binder::call(std::declval<P&>(), std::declval<event<typename Binder::raw>>()));

template <typename Result>
inline constexpr bool is_answer =
    std::is_same_v<Result, verdict> || std::is_same_v<Result, change> || std::is_same_v<Result, task<verdict>>;

/// The phase in which a member with this result runs; -1: the point doesn't take it.
template <typename Binder, typename Result>
consteval int phase_for() {
  const bool decides =
      Binder::kinds.find('D') != std::string_view::npos || Binder::kinds.find('P') != std::string_view::npos;
  const bool transforms = Binder::kinds.find('T') != std::string_view::npos;
  const bool observes = Binder::kinds.find('O') != std::string_view::npos;
  if (std::is_void_v<Result>) return observes ? int{PATCHBAY_PHASE_OBSERVE} : -1;
  if (!is_answer<Result>) return -1;
  if (std::is_same_v<Result, change>) return transforms ? int{PATCHBAY_PHASE_TRANSFORM} : -1;
  if (decides) return PATCHBAY_PHASE_DECIDE;
  return transforms ? int{PATCHBAY_PHASE_TRANSFORM} : -1;
}

/// The function that the host calls. Nothing thrown leaves it: an observer's exception is logged, any other is a failed
/// answer.
template <typename P, typename Binder>
patchbay_verdict hook_entry(void* self, const void* raw, patchbay_token token) noexcept {
  using result = result_of<P, Binder>;
  P& plugin = *static_cast<P*>(self);
  runtime& env = instance_access::runtime_of(plugin);
  try {
    const event<typename Binder::raw> shown(env.raw_host, static_cast<const typename Binder::raw*>(raw), token);
    if constexpr (std::is_void_v<result>) {
      Binder::call(plugin, shown);
      return {};
    } else if constexpr (std::is_same_v<result, task<verdict>>) {
      return start_task(env, Binder::call(plugin, shown), token, Binder::member_name).raw();
    } else {
      return Binder::call(plugin, shown).raw();
    }
  } catch (...) {
    const verdict failed = failed_with(env.raw_host, Binder::member_name, std::current_exception());
    return std::is_void_v<result> ? patchbay_verdict{PATCHBAY_CONTINUE, 0, PATCHBAY_VERDICT_THREW, 0, 0} : failed.raw();
  }
}

template <typename P, typename Binder>
void batch_entry(void* self, const patchbay_record* records, std::size_t count) noexcept {
  P& plugin = *static_cast<P*>(self);
  runtime& env = instance_access::runtime_of(plugin);
  try {
    Binder::call_batch(plugin, batch<typename Binder::raw>(env.raw_host, {records, count}));
  } catch (...) {
    failed_with(env.raw_host, Binder::member_name, std::current_exception());
  }
}

template <typename P, typename Binder>
void add_hook(P& plugin, patchbay_hook hook) {
  hook_options options(Binder::number, Binder::name);
  if constexpr (requires { plugin.tune(options); }) plugin.tune(options);
  hook.self = &plugin;
  const patchbay_host* host = instance_access::runtime_of(plugin).raw_host;
  const status code = options.add_to(host, hook);
  if (code != PATCHBAY_OK) throw error(code, std::string("hook ").append(Binder::name));
}

/// Registers the members that belong to one binder; wrong ones don't compile.
template <typename P, typename Binder>
int add_hooks_of(P& plugin) {
  int added = 0;
  if constexpr (Binder::template callable<P>) {
    constexpr int phase = phase_for<Binder, result_of<P, Binder>>();
    static_assert(phase >= 0,
                  "this hook's return type doesn't fit its point: observers return void, transforms change or verdict, "
                  "decisions verdict or task<verdict>; HOOKS.md says what each point is");
    static_assert(Binder::may_defer || !std::is_same_v<result_of<P, Binder>, task<verdict>>,
                  "this point can't wait for an answer: return verdict, not task<verdict>");
    patchbay_hook hook{};
    hook.phase = static_cast<std::uint32_t>(phase);
    hook.fn = &hook_entry<P, Binder>;
    add_hook<P, Binder>(plugin, hook);
    ++added;
  } else {
    static_assert(!Binder::template named<P>, "a member with the name of a hook can't be called with the hook's event");
  }
  if constexpr (Binder::template batch_callable<P>) {
    static_assert(Binder::kinds.find('O') != std::string_view::npos, "only observers get batches");
    patchbay_hook hook{};
    hook.phase = PATCHBAY_PHASE_OBSERVE;
    hook.batch = &batch_entry<P, Binder>;
    add_hook<P, Binder>(plugin, hook);
    ++added;
  } else {
    static_assert(!Binder::template batch_named<P>,
                  "a member with the name of a batch hook can't be called with the hook's batch");
  }
  return added;
}

template <typename P, typename... Binders>
int add_listed_hooks(P& plugin, binder_list<Binders...>) {
  const auto one = [&]<typename Binder>(Binder*) {
    if constexpr (std::is_void_v<Binder>) {
      return 0;
    } else {
      return add_hooks_of<P, Binder>(plugin);
    }
  };
  return (one(static_cast<Binders*>(nullptr)) + ... + 0);
}

/// Registers every hook that the class has; how many. Throws what the host refuses. [control], inside start()
template <typename P>
int add_all_hooks(P& plugin) {
  check_names<P>();
  return add_listed_hooks(plugin, all_binders{});
}

}  // namespace patchbay::detail
