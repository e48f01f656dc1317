#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

namespace {

struct DoorInfo {
  Door door;
  const char* name;
  hooks::Heat heat;  // sets the time that a call may take: on shards little, on workers much
};

constexpr std::array<DoorInfo, static_cast<size_t>(Door::count_)> kDoors{{
    {Door::timer, "a timer", hooks::Heat::warm},
    {Door::timer_worker, "a timer", hooks::Heat::cold},
    {Door::job, "a job", hooks::Heat::cold},
    {Door::post, "a post to a shard", hooks::Heat::warm},
    {Door::thread, "a thread", hooks::Heat::cold},
    {Door::fd_watch, "a descriptor watch", hooks::Heat::warm},
    {Door::delivery, "a subscription", hooks::Heat::warm},
    {Door::query, "the answer to a query", hooks::Heat::cold},
    {Door::route, "a REST route", hooks::Heat::cold},
    {Door::service, "a service lease", hooks::Heat::cold},
    {Door::protocol, "a protocol", hooks::Heat::warm},
    {Door::stream, "an outgoing stream", hooks::Heat::warm},
}};

}  // namespace

ServiceAccount::ServiceAccount(const plugin_bridge::InstanceFacts& of, const plugin_bridge::Gate& instance_gate,
                               plugin_bridge::HeldCounters& counters, plugin_bridge::InstanceLog& instance_log,
                               plugin_bridge::CallPlaces& call_places, const ServiceLimits& service_limits)
    : facts(of), gate(instance_gate), held(counters), log(instance_log), places(call_places), limits(service_limits) {
  for (const DoorInfo& info : kDoors) {
    plugin_bridge::CallSite& site = sites_[static_cast<size_t>(info.door)];
    site.text = "plugin '" + of.name + "' (" + of.plugin_id + ' ' + of.version + ") in " + info.name;
    site.instance_number = of.number;
    site.heat = info.heat;
  }
}

patchbay_status ServiceAccount::invalid(std::string_view what) {
  log.host_line(base::LogLevel::warning, what);
  return PATCHBAY_INVALID;
}

void ServiceAccount::tell_exception(Door door) noexcept {
  const std::string name = kDoors[static_cast<size_t>(door)].name;
  try {
    throw;
  } catch (const std::exception& failure) {
    log.host_line(base::LogLevel::error, name + " has thrown: " + failure.what());
  } catch (...) {
    log.host_line(base::LogLevel::error, name + " has thrown something that is no std::exception");
  }
}

}  // namespace patchbay::plugin_services
