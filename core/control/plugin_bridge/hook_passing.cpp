// What a hook does with events that are not handled where they happen: queues, and instances that run on workers.
#include <functional>
#include <utility>
#include <vector>

#include "plugin_bridge/abi_verdict.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/hook.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

namespace {

/// A question on its way to a worker.
class AskJob final : public Job {
 public:
  AskJob(std::unique_ptr<OwnedEvent> event, base::Token token, std::function<void(const OwnedEvent&, base::Token)> ask)
      : event_(std::move(event)), token_(token), ask_(std::move(ask)) {}
  void run() override { ask_(*event_, token_); }

 private:
  std::unique_ptr<OwnedEvent> event_;
  base::Token token_;
  std::function<void(const OwnedEvent&, base::Token)> ask_;
};

}  // namespace

base::Verdict Hook::pass_on(const void* event, base::Token token) noexcept {
  HookCell& cell = own_cell();
  auto owned = OwnedEvent::copy(registration_.id, event, instance_.bridge().clock().unix_ms());
  if (queue_ != nullptr) {
    HookCell::add(own_call_cell().calls);
    queue_->add(std::move(owned));
    return {};
  }
  if (!token || !instance_.may_defer()) {
    HookCell::add(cell.refused);
    return base::Verdict::refuses();
  }
  auto job = std::make_unique<AskJob>(
      std::move(owned), token, [this](const OwnedEvent& asked, base::Token waiting) { ask_on_worker(asked, waiting); });
  if (!instance_.bridge().workers().post(instance_.held(), std::move(job))) {
    HookCell::add(cell.refused);
    return base::Verdict::refuses();
  }
  HookCell::add(own_call_cell().calls);
  open_token(token, cell);
  return base::Verdict::defers();
}

void Hook::ask_on_worker(const OwnedEvent& event, base::Token token) noexcept {
  const base::Clock& clock = instance_.bridge().clock();
  patchbay_verdict answer{};
  {
    const CallScope scope(*places_, site_);
    const uint64_t before_ns = clock.steady_ns();
    answer = function_(self_, event.event(), instance_.outward(token));
    count_duration(clock.steady_ns() - before_ns, shared_cell());
  }
  base::Verdict verdict = take_verdict(instance_, answer);
  if (verdict.kind == base::VerdictKind::defer) {
    base::dispose(verdict);
    return;  // the plugin will complete the token itself; by now it is too late to hold only the acknowledgement
  }
  if (instance_.bridge().environment().completions.complete(token, verdict) == base::CompletionStatus::stale) {
    instance_.count_stale();
  }
}

void Hook::deliver(const std::vector<std::unique_ptr<OwnedEvent>>& events) noexcept {
  const base::Clock& clock = instance_.bridge().clock();
  const CallScope scope(*places_, site_);
  const uint64_t before_ns = clock.steady_ns();
  if (registration_.batch == nullptr) {
    for (const auto& event : events) {
      base::Verdict ignored = take_verdict(instance_, function_(self_, event->event(), patchbay_token{0}));
      base::dispose(ignored);
      const Fault fault = fault_of(ignored);
      if (fault == Fault::none) continue;
      HookCell::add_shared(shared_cell().failed);
      HookCell::add_shared(shared_cell().faults);
      if (fault == Fault::threw) HookCell::add_shared(shared_cell().thrown);
    }
  } else {
    std::vector<patchbay_record> records;
    records.reserve(events.size());
    for (const auto& event : events) {
      records.push_back(
          {sizeof(patchbay_record), static_cast<uint32_t>(event->id()), event->event(), event->at_unix_ms()});
    }
    registration_.batch(self_, records.data(), records.size());
  }
  shared_cell().record_latency(clock.steady_ns() - before_ns);
}

}  // namespace patchbay::plugin_bridge
