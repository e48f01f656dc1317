#include "plugin_bridge/hook_registration.h"

#include <utility>
#include <vector>

#include "plugin_bridge/abi_views.h"
#include "topic/topic_filter.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr uint32_t kMaximumDeadlineMs = 600'000;
constexpr uint32_t kMaximumBatch = 65'536;
constexpr uint32_t kMaximumBatchWaitMs = 60'000;
constexpr uint32_t kMaximumQueue = 10'000'000;
constexpr size_t kMaximumFilterTexts = 1'000;

using Check = base::Result<bool, RegistrationError>;

base::Failure<RegistrationError> refuse(const hooks::HookInfo& info, std::string text,
                                        patchbay_status status = PATCHBAY_INVALID) {
  return base::fail(RegistrationError{status, std::string(info.name) + ": " + std::move(text)});
}

Check check_phase(const patchbay_hook& hook, const hooks::HookInfo& info, bool on_workers) {
  if (hook.phase > PATCHBAY_PHASE_OBSERVE || !info.takes(static_cast<base::Phase>(hook.phase))) {
    return refuse(
        info, "the point doesn't take phase " + std::to_string(hook.phase) + ", it takes " + std::string(info.kinds));
  }
  const bool observes = hook.phase == PATCHBAY_PHASE_OBSERVE;
  if ((hook.fn == nullptr) == (hook.batch == nullptr)) return refuse(info, "give either fn or batch");
  if (hook.batch != nullptr && !observes) return refuse(info, "only observers may be called with batches");
  if (on_workers && !observes && !info.may_defer) {
    return refuse(info,
                  "the instance runs on workers, but nobody can wait for an answer at this point; leave the hook out, "
                  "or run the instance on shards");
  }
  return true;
}

Check check_limits(const patchbay_hook& hook, const hooks::HookInfo& info) {
  if (hook.deadline_ms > kMaximumDeadlineMs) return refuse(info, "deadline_ms is above 600000");
  if (hook.fallback > PATCHBAY_FALLBACK_NEXT) return refuse(info, "fallback is no PATCHBAY_FALLBACK_...");
  if (hook.overflow > PATCHBAY_OVERFLOW_BACK_PRESSURE) return refuse(info, "overflow is no PATCHBAY_OVERFLOW_...");
  if (hook.batch_max > kMaximumBatch) return refuse(info, "batch_max is above 65536");
  if (hook.batch_wait_ms > kMaximumBatchWaitMs) return refuse(info, "batch_wait_ms is above 60000");
  if (hook.queue_max > kMaximumQueue) return refuse(info, "queue_max is above 10000000");
  return true;
}

Check take_texts(const patchbay_str* texts, size_t count, const char* what, const hooks::HookInfo& info,
                 std::vector<std::string>& into) {
  if (count > kMaximumFilterTexts) return refuse(info, std::string("more than 1000 ") + what);
  for (size_t i = 0; i < count; ++i) into.emplace_back(text_of(texts[i]));
  return true;
}

Check take_filter(const patchbay_filter* given, const hooks::HookInfo& info, HookRegistration& registration) {
  access::EventFilter& filter = registration.filter;
  if (given != nullptr) {
    const patchbay_filter known = read_abi(given);
    for (const auto& [texts, count, what, into] :
         {std::tuple{known.topic_filters, known.topic_filter_count, "topic filters", &filter.topic_filters},
          std::tuple{known.listener_ids, known.listener_id_count, "listener ids", &filter.listener_ids},
          std::tuple{known.protocol_names, known.protocol_name_count, "protocol names", &filter.protocol_names}}) {
      if (const Check taken = take_texts(texts, count, what, info, *into); !taken) return taken;
    }
  }
  for (const std::string& text : filter.topic_filters) {
    if (!topic::is_valid_filter(text)) return refuse(info, "'" + text + "' is no topic filter");
  }
  if (info.needs_topic_filter() && filter.topic_filters.empty()) {
    return refuse(info, "needs topic filters: it is called for each receiver of each message");
  }
  registration.filtered =
      !filter.topic_filters.empty() || !filter.listener_ids.empty() || !filter.protocol_names.empty();
  return true;
}

base::Fallback fallback_of(uint32_t proposed, base::Fallback otherwise) {
  switch (proposed) {
    case PATCHBAY_FALLBACK_DENY:
      return base::Fallback::deny;
    case PATCHBAY_FALLBACK_ALLOW:
      return base::Fallback::allow;
    case PATCHBAY_FALLBACK_NEXT:
      return base::Fallback::next;
    default:
      return otherwise;
  }
}

BatchOptions batch_options_of(const patchbay_hook& hook) {
  BatchOptions options;
  // Who gets events one by one has nothing to wait for.
  if (hook.batch == nullptr) options.batch_wait_ms = 0;
  if (hook.batch_max != 0) options.batch_max = hook.batch_max;
  if (hook.batch_wait_ms != 0) options.batch_wait_ms = hook.batch_wait_ms;
  if (hook.queue_max != 0) options.queue_max = hook.queue_max;
  options.overflow = hook.overflow;
  return options;
}

}  // namespace

base::Result<HookRegistration, RegistrationError> check_registration(const patchbay_hook& given, bool on_workers) {
  const patchbay_hook hook = read_abi(&given);
  const auto id = hooks::hook_id_from_number(hook.hook);
  if (!id) {
    return base::fail(
        RegistrationError{PATCHBAY_UNSUPPORTED, "hook number " + std::to_string(hook.hook) + " is not known here"});
  }
  const hooks::HookInfo& info = hooks::hook_info(*id);
  if (const Check check = check_phase(hook, info, on_workers); !check) return base::fail(check.error());
  if (const Check check = check_limits(hook, info); !check) return base::fail(check.error());
  HookRegistration registration;
  registration.id = *id;
  registration.phase = static_cast<base::Phase>(hook.phase);
  registration.flags = hook.flags;
  registration.priority = hook.priority;
  registration.deadline_ms = hook.deadline_ms != 0 ? hook.deadline_ms : info.deadline_ms;
  registration.fallback = fallback_of(hook.fallback, info.fallback);
  registration.self = hook.self;
  registration.function = hook.fn;
  registration.batch = hook.batch;
  registration.batch_options = batch_options_of(hook);
  if (const Check check = take_filter(hook.filter, info, registration); !check) return base::fail(check.error());
  return registration;
}

}  // namespace patchbay::plugin_bridge
