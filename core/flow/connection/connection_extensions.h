#pragma once

#include "connection/protocol_directory.h"
#include "hooks/hook_points.h"

namespace patchbay::connection {

/// What connections let others take part in: hook points and further protocols. One for the node; outlives the
/// connections. [any-thread]
struct ConnectionExtensions {
  const hooks::HookPoints& hooks;
  const ProtocolDirectory& protocols;

  /// Nobody takes part.
  [[nodiscard]] static const ConnectionExtensions& none() {
    static const hooks::HookPoints kNoHooks;
    static const ProtocolDirectory kNoProtocols;
    static const ConnectionExtensions kNone{kNoHooks, kNoProtocols};
    return kNone;
  }
};

}  // namespace patchbay::connection
