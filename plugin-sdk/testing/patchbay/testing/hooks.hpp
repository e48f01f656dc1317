// SPDX-License-Identifier: Apache-2.0
// Registered hooks, calls of them, and the answers that come later.
#pragma once

#include "patchbay/testing/clients.hpp"
#include "patchbay/testing/event_copy.hpp"
#include "patchbay/testing/question.hpp"

namespace patchbay::testing {

/// A registration, copied.
struct registered_hook {
  patchbay_hook raw{};
  std::vector<std::string> topic_filters;
  std::vector<std::string> listener_ids;
  std::vector<std::string> protocol_names;
};

class hooks : public part<hooks> {
 public:
  hooks(core& shared, answers& arguments) : part(shared), answers_(arguments) {
    shared.table.add_hook = [](const patchbay_host* h, const patchbay_hook* hook) { return of(h).add(*hook); };
    shared.table.complete = [](const patchbay_host* h, patchbay_token token, const patchbay_verdict* verdict) {
      return of(h).complete(token, *verdict);
    };
    shared.table.scratch = [](const patchbay_host* h, std::size_t len) { return of(h).scratch(len); };
  }

  const std::vector<registered_hook>& all() const { return all_; }
  std::vector<registered_hook> of_point(std::uint32_t number) const {
    std::vector<registered_hook> out;
    for (const auto& each : all_) {
      if (each.raw.hook == number) out.push_back(each);
    }
    return out;
  }
  void clear() { all_.clear(); }
  /// One completion of so many is answered STALE, as if the client had gone a moment before; 0: none. Needs `chance`.
  std::uint64_t stale_one_in = 0;
  std::function<std::uint64_t(std::uint64_t)> chance;
  bool accepts_calls = false;
  /// Where hooks run: PATCHBAY_THREAD_SHARD, or _WORKER for a manifest with "execution": "worker".
  std::uint32_t thread_kind = PATCHBAY_THREAD_SHARD;
  std::uint32_t shard = 0;
  patchbay_plugin plugin{};

  /// Asks the plugin's hooks of one point, in phases, with copies of the event's views that are spoilt afterwards. The
  /// first answer that isn't CONTINUE counts. Batch observers get a batch of one.
  template <typename Event>
  answer call(std::uint32_t number, Event event) {
    return call_with(
        number,
        [event](view_arena& arena) -> const void* {
          Event shown = event;
          shown.size = sizeof shown;
          deepen(arena, shown);
          return arena.copy(shown);
        },
        client_of(event));
  }
  /// As call(), for an event that somebody else has built: nothing is copied.
  answer call_raw(std::uint32_t number, const void* event) {
    return call_with(
        number, [event](view_arena&) { return event; }, nullptr);
  }
  /// Gives events of one point to the batch observer as one batch.
  template <typename Event>
  void call_batch(std::uint32_t number, const std::vector<Event>& events) {
    auto arena = std::make_unique<view_arena>(core_.options().views);
    std::vector<patchbay_record> records;
    for (Event event : events) {
      event.size = sizeof event;
      deepen(*arena, event);
      records.push_back({sizeof(patchbay_record), number, arena->copy(event), core_.now_ms + core_.unix_offset_ms});
    }
    for (const auto& each : of_point(number)) {
      if (each.raw.batch != nullptr) run_batch(each, records, *arena);
    }
    core_.expire(std::move(arena));
  }

  /// When the next open question falls back; nothing: none is open.
  std::optional<std::uint64_t> next_due_ms() {
    const std::lock_guard lock(core_.mutex);
    if (by_due_.empty()) return {};
    return by_due_.begin()->first;
  }
  /// Deadlines that have passed: the fallback counts, the plugin is told.
  void expire_due() {
    while (const auto late = late_one()) {
      close(late, [&] {
        const std::uint32_t rule = late->fallback_rule;
        late->fell_back = true;
        late->verdict = {};
        if (rule == PATCHBAY_FALLBACK_DENY) late->verdict.kind = PATCHBAY_DENY;
        if (rule == PATCHBAY_FALLBACK_ALLOW) late->verdict.kind = PATCHBAY_ALLOW;
      });
    }
  }
  /// The client of a deferred question goes away.
  void client_gone(const answer& of) {
    close(of.state(), [&] { of.state()->gone = true; });
  }
  std::vector<std::shared_ptr<question>> open() {
    const std::lock_guard lock(core_.mutex);
    std::vector<std::shared_ptr<question>> out;
    for (const auto& [token, each] : open_) out.push_back(each);
    return out;
  }

 private:
  template <typename Event>
  static patchbay_client* client_of(const Event& event) {
    if constexpr (requires { event.client; }) {
      return const_cast<patchbay_client*>(event.client);
    } else {
      return nullptr;
    }
  }
  static std::vector<std::string> texts(const patchbay_str* list, std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.emplace_back(text(list[i]));
    return out;
  }
  patchbay_status add(const patchbay_hook& hook) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("add_hook"); failed != PATCHBAY_OK) return failed;
    if (!core_.inside_start) {
      core_.violation("add_hook outside start()");
      return PATCHBAY_INVALID;
    }
    const auto& row = hook_row_of(hook.hook);
    if (row.number == 0) return PATCHBAY_UNSUPPORTED;
    if ((hook.fn == nullptr) == (hook.batch == nullptr) || hook.phase > PATCHBAY_PHASE_OBSERVE) return PATCHBAY_INVALID;
    constexpr std::string_view kinds_of_phase[] = {"DP", "T", "O"};
    if (row.kinds.find_first_of(kinds_of_phase[hook.phase]) == std::string_view::npos) return PATCHBAY_INVALID;
    if (hook.batch != nullptr && hook.phase != PATCHBAY_PHASE_OBSERVE) return PATCHBAY_INVALID;
    registered_hook made;
    made.raw = hook;
    made.raw.filter = nullptr;
    if (hook.filter != nullptr) {
      made.topic_filters = texts(hook.filter->topic_filters, hook.filter->topic_filter_count);
      made.listener_ids = texts(hook.filter->listener_ids, hook.filter->listener_id_count);
      made.protocol_names = texts(hook.filter->protocol_names, hook.filter->protocol_name_count);
    }
    const bool needs_filter = hook.hook == PATCHBAY_HOOK_acl_deliver || hook.hook == PATCHBAY_HOOK_deliver_before;
    if (needs_filter && made.topic_filters.empty()) return PATCHBAY_INVALID;
    all_.push_back(std::move(made));
    return PATCHBAY_OK;
  }
  template <typename Show>
  answer call_with(std::uint32_t number, Show show, patchbay_client* client) {
    if (!accepts_calls) return answer();
    answer result;
    for (std::uint32_t phase = PATCHBAY_PHASE_DECIDE; phase <= PATCHBAY_PHASE_OBSERVE; ++phase) {
      for (const auto& each : of_point(number)) {
        if (each.raw.phase != phase) continue;
        if (client != nullptr) ++client->shown;
        result = each.raw.fn == nullptr ? call_batch_of_one(each, show) : call_one(each, show);
        if (client != nullptr) --client->shown;
        if (!result.continued() && phase != PATCHBAY_PHASE_OBSERVE) return result;
      }
    }
    if (!result.done()) result.state()->decided = true;
    return result;
  }
  template <typename Show>
  answer call_one(const registered_hook& hook, Show& show) {
    const auto& row = hook_row_of(hook.raw.hook);
    auto asked = std::make_shared<question>();
    asked->hook = hook.raw.hook;
    const bool deferrable = row.may_defer && hook.raw.phase != PATCHBAY_PHASE_OBSERVE;
    const std::uint32_t deadline = hook.raw.deadline_ms != 0 ? hook.raw.deadline_ms : row.deadline_ms;
    asked->due_ms = core_.now_ms + deadline;
    asked->fallback_rule = hook.raw.fallback != PATCHBAY_FALLBACK_DEFAULT ? hook.raw.fallback : row.fallback;
    if (deferrable) {
      const std::lock_guard lock(core_.mutex);
      asked->token = core_.next_number();
      open_[asked->token] = asked;
      by_due_.emplace(asked->due_ms, asked->token);
    }
    auto arena = std::make_unique<view_arena>(core_.options().views);
    patchbay_verdict given{};
    {
      const bool on_worker = hook.raw.phase == PATCHBAY_PHASE_OBSERVE && (hook.raw.flags & PATCHBAY_HOOK_INLINE) == 0;
      const role_scope role(on_worker ? PATCHBAY_THREAD_WORKER : thread_kind, on_worker ? UINT32_MAX : shard);
      given = hook.raw.fn(hook.raw.self, show(*arena), patchbay_token{asked->token});
    }
    core_.expire(std::move(arena));
    if (scratch_) core_.expire(std::move(scratch_));
    settle(*asked, row, given);
    return answer(asked);
  }
  template <typename Show>
  answer call_batch_of_one(const registered_hook& hook, Show& show) {
    auto arena = std::make_unique<view_arena>(core_.options().views);
    const std::vector<patchbay_record> records{
        {sizeof(patchbay_record), hook.raw.hook, show(*arena), core_.now_ms + core_.unix_offset_ms}};
    run_batch(hook, records, *arena);
    core_.expire(std::move(arena));
    answer out;
    out.state()->decided = true;
    return out;
  }
  void run_batch(const registered_hook& hook, const std::vector<patchbay_record>& records, view_arena& arena) {
    const role_scope role(PATCHBAY_THREAD_WORKER);
    auto* shown = static_cast<patchbay_record*>(
        arena.allocate(sizeof(patchbay_record) * records.size(), alignof(patchbay_record)));
    std::copy(records.begin(), records.end(), shown);
    hook.raw.batch(hook.raw.self, shown, records.size());
  }
  /// What the hook returned.
  void settle(question& asked, const hook_row& row, const patchbay_verdict& given) {
    const std::lock_guard lock(core_.mutex);
    check(row, given);
    if (given.kind == PATCHBAY_DEFER && asked.token != 0) {
      asked.deferred = true;
      asked.hold_ack = (given.flags & PATCHBAY_VERDICT_HOLD_ACK) != 0;
      return;
    }
    forget(asked);
    if (asked.decided) core_.violation(std::string(row.name) + ": completed, and then answered by the call as well");
    asked.verdict = given;
    if ((given.flags & PATCHBAY_VERDICT_ARG) != 0) asked.argument = answers_.take(given.arg);
    asked.decided = true;
  }
  void check(const hook_row& row, const patchbay_verdict& given) {
    const std::string where(row.name);
    if (given.kind > PATCHBAY_DROP) core_.violation(where + ": unknown verdict");
    if (given.reserved != 0) core_.violation(where + ": the verdict's reserved field isn't 0");
    if (given.kind == PATCHBAY_DEFER && !row.may_defer) core_.violation(where + ": can't be deferred");
    if (given.kind == PATCHBAY_REPLACE && (given.flags & PATCHBAY_VERDICT_ARG) == 0)
      core_.violation(where + ": REPLACE with nothing");
    if (row.kinds == "O" && given.kind != PATCHBAY_CONTINUE) core_.violation(where + ": an observer has no opinion");
    if ((given.flags & PATCHBAY_VERDICT_FAILED) != 0 && given.kind != PATCHBAY_DENY)
      core_.violation(where + ": FAILED goes with DENY");
  }
  patchbay_status complete(patchbay_token token, const patchbay_verdict& given) {
    const std::lock_guard lock(core_.mutex);
    core_.enter("complete", false);
    std::optional<answer_argument> argument;
    if ((given.flags & PATCHBAY_VERDICT_ARG) != 0) argument = answers_.take(given.arg);
    if (given.kind == PATCHBAY_DEFER || given.kind > PATCHBAY_DROP) return PATCHBAY_INVALID;
    const auto found = open_.find(token.id);
    if (found != open_.end() && stale_one_in != 0 && chance && chance(stale_one_in) == 0) {
      found->second->gone = true;
      found->second->decided = true;
      forget(*found->second);
      return PATCHBAY_STALE;
    }
    if (found == open_.end()) {
      ++stale_completions;
      return PATCHBAY_STALE;
    }
    check(hook_row_of(found->second->hook), given);
    found->second->verdict = given;
    found->second->argument = std::move(argument);
    found->second->decided = true;
    forget(*found->second);
    return PATCHBAY_OK;
  }
  /// Whether it was open.
  bool forget(const question& which) {
    by_due_.erase({which.due_ms, which.token});
    return open_.erase(which.token) != 0;
  }
  std::shared_ptr<question> late_one() {
    const std::lock_guard lock(core_.mutex);
    if (by_due_.empty() || by_due_.begin()->first > core_.now_ms) return nullptr;
    return open_.at(by_due_.begin()->second);
  }
  template <typename Change>
  void close(const std::shared_ptr<question>& which, Change change) {
    {
      const std::lock_guard lock(core_.mutex);
      if (!forget(*which)) return;
      change();
      which->decided = true;
    }
    const role_scope role(PATCHBAY_THREAD_SHARD, shard);
    if (plugin.on_cancel != nullptr) plugin.on_cancel(plugin.self, patchbay_token{which->token});
  }
  void* scratch(std::size_t len) {
    if (!core_.on_thread(1u << PATCHBAY_THREAD_SHARD, "scratch")) return nullptr;
    if (!scratch_) scratch_ = std::make_unique<view_arena>(core_.options().views), scratch_used_ = 0;
    scratch_used_ += len;
    return scratch_used_ > 65536 ? nullptr : scratch_->allocate(len);
  }
  answers& answers_;
  std::vector<registered_hook> all_;
  std::map<std::uint64_t, std::shared_ptr<question>> open_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_due_;
  std::unique_ptr<view_arena> scratch_;
  std::size_t scratch_used_ = 0;

 public:
  std::uint64_t stale_completions = 0;
};

}  // namespace patchbay::testing
