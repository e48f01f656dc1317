#pragma once

#include <cstdint>

#include "plugin_host/host_status.h"

namespace patchbay::admin {

/// The name of a kind of fault, in REST's answers and as the label `fault`, and where it is counted.
struct PluginFaultName {
  const char* name;
  uint64_t plugin_host::PluginFaults::*count;
};
inline constexpr PluginFaultName kPluginFaultNames[] = {
    {"threw", &plugin_host::PluginFaults::thrown},
    {"bad_answer", &plugin_host::PluginFaults::bad_answers},
    {"hung", &plugin_host::PluginFaults::hung_calls},
    {"late", &plugin_host::PluginFaults::late_answers},
    {"stale", &plugin_host::PluginFaults::stale_answers},
    {"leak", &plugin_host::PluginFaults::leaks},
    {"thread_left", &plugin_host::PluginFaults::threads_left},
};

}  // namespace patchbay::admin
