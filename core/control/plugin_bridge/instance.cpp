#include "plugin_bridge/instance.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "base/assert.h"
#include "base/random.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/host_table.h"

namespace patchbay::plugin_bridge {

namespace {

uint64_t unpredictable_key() {
  base::SystemRandom random;
  return random.next();
}

}  // namespace

struct Instance::Sites {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<CallSite>, std::less<>> by_name;
};

Instance::Instance(Bridge& bridge, InstanceFacts facts)
    : bridge_(bridge),
      facts_(std::move(facts)),
      token_key_(unpredictable_key()),
      table_(make_host_table(*this)),
      log_(facts_.name, facts_.log_level, bridge.clock()),
      held_(bridge.shard_count()),
      sites_(std::make_unique<Sites>()) {
  bridge_.watchdog().instance_begins();
}

Instance::~Instance() {
  // Whoever destroys this has seen to it that nobody can call any more.
  PATCHBAY_ASSERT(held_.value(Held::hook_entries) == 0);
  PATCHBAY_ASSERT(open_tokens() == 0);
  bridge_.watchdog().instance_ended();
  while (!extensions_in_order_.empty()) extensions_in_order_.pop_back();
}

bool Instance::has_permission(std::string_view permission) const {
  return facts_.permissions.find(permission) != facts_.permissions.end();
}

std::vector<std::string> Instance::held_back() const {
  std::vector<std::string> reasons;
  for (size_t kind = 0; kind < kHeldKinds; ++kind) {
    const auto what = static_cast<Held>(kind);
    if (const uint64_t amount = held_.value(what); amount != 0) {
      reasons.push_back(std::to_string(amount) + " " + std::string(held_name(what)));
    }
  }
  return reasons;
}

patchbay_status Instance::add_hook(const patchbay_hook& hook) {
  if (gate_.state() != GateState::starting) {
    log_.host_line(base::LogLevel::warning, "add_hook: hooks are registered inside start() only");
    return PATCHBAY_CLOSED;
  }
  auto checked = check_registration(hook, facts_.worker_execution);
  if (!checked) {
    log_.host_line(base::LogLevel::error, "add_hook: " + checked.error().text);
    return checked.error().status;
  }
  const HookRegistration& registration = checked.value();
  const bool exists = std::any_of(hooks_.begin(), hooks_.end(), [&](const std::unique_ptr<Hook>& other) {
    return other->id() == registration.id && other->registration().phase == registration.phase;
  });
  if (exists) {
    log_.host_line(base::LogLevel::error,
                   "add_hook: " + std::string(hooks::hook_info(registration.id).name) + " is registered already");
    return PATCHBAY_EXISTS;
  }
  hooks_.push_back(std::make_unique<Hook>(*this, std::move(checked).value()));
  return PATCHBAY_OK;
}

const CallSite& Instance::call_site(std::string_view name, hooks::Heat heat) {
  const std::lock_guard lock(sites_->mutex);
  if (const auto found = sites_->by_name.find(name); found != sites_->by_name.end()) return *found->second;
  auto site = std::make_unique<CallSite>();
  site->text = "plugin '" + facts_.name + "' (" + facts_.plugin_id + " " + facts_.version + ") in " + std::string(name);
  site->instance_number = facts_.number;
  site->heat = heat;
  return *sites_->by_name.emplace(std::string(name), std::move(site)).first->second;
}

size_t Instance::new_extension_key() {
  static std::atomic<size_t> next{0};
  const size_t key = next.fetch_add(1);
  PATCHBAY_ASSERT(key < kExtensions);
  return key;
}

void Instance::set_extension(size_t key, std::unique_ptr<InstanceExtension> extension) {
  PATCHBAY_ASSERT(extensions_[key].load(std::memory_order_relaxed) == nullptr);
  extensions_[key].store(extension.get(), std::memory_order_release);
  extensions_in_order_.push_back(std::move(extension));
}

void Instance::token_opened() {
  open_tokens_.fetch_add(1, std::memory_order_relaxed);
  held_.add(Held::tokens);
}

void Instance::token_closed() {
  open_tokens_.fetch_sub(1, std::memory_order_relaxed);
  held_.remove(Held::tokens);
}

}  // namespace patchbay::plugin_bridge
