#pragma once

#include "patchbay/host.h"

namespace patchbay::plugin_bridge {

class Instance;

/// The host's table for one instance: what its functions do is in host_core.cpp, host_messages.cpp and
/// host_clients.cpp.
[[nodiscard]] patchbay_host make_host_table(Instance& instance);

/// The parts of it. Each fills the functions that it has.
void fill_message_functions(patchbay_host& table);
void fill_client_functions(patchbay_host& table);

}  // namespace patchbay::plugin_bridge
