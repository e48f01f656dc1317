#pragma once

/// show(event) for every event of the hook table: the ABI's struct on the caller's stack.
#include "plugin_bridge/events/access_events.h"
#include "plugin_bridge/events/connection_events.h"
#include "plugin_bridge/events/control_events.h"
#include "plugin_bridge/events/delivery_events.h"
#include "plugin_bridge/events/router_events.h"
#include "plugin_bridge/events/session_events.h"
