#pragma once

#include <memory>
#include <string>
#include <vector>

#include "access/access_control.h"
#include "base/result.h"
#include "config/config.h"
#include "connection/connection_limits.h"
#include "net/listener_options.h"
#include "net/net_limits.h"
#include "router/router_limits.h"
#include "router/topic_rewrite.h"
#include "session/session_limits.h"

namespace patchbay::broker {

/// The configuration in the words of each flow layer, so that none of them knows the configuration. Pure. [any-thread]
[[nodiscard]] size_t shard_count(const config::Config& config);
[[nodiscard]] session::SessionLimits session_limits(const config::Config& config);
[[nodiscard]] router::RouterLimits router_limits(const config::Config& config);
[[nodiscard]] connection::ConnectionLimits connection_limits(const config::Config& config);
[[nodiscard]] net::NetLimits net_limits(const config::Config& config);
[[nodiscard]] access::AccessSettings access_settings(const config::Config& config);
/// All listeners that are enabled and whose bind is not empty.
[[nodiscard]] std::vector<net::ListenerOptions> listener_options(const config::Config& config);
/// What is wrong with filters and expressions, which the configuration layer does not know how to read: a line each.
[[nodiscard]] std::vector<std::string> flow_problems(const config::Config& config);
/// The rules of topic_rewrite, null when there are none; or what is wrong with them, a line for each.
[[nodiscard]] base::Result<std::shared_ptr<const router::TopicRewrite>, std::string> topic_rewrite(
    const config::Config& config);

}  // namespace patchbay::broker
