#pragma once

#include <span>
#include <string_view>

#include "package/plugin_checks.h"

namespace patchbay::package {

/// Ids of the interfaces that this release's SDK defines for the host to give, without drafts. [any-thread]
[[nodiscard]] std::span<const std::string_view> sdk_host_interfaces();

/// The same for drafts, of host and plugin. [any-thread]
[[nodiscard]] std::span<const std::string_view> sdk_draft_interfaces();

/// What a host offers that gives everything of this release's SDK; permissions undecided, drafts not allowed.
/// [any-thread]
[[nodiscard]] HostOffer sdk_offer();

}  // namespace patchbay::package
