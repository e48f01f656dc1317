#pragma once

/// What the hook points show, and what answers may carry. Views and pointers are valid during the call; `client` is
/// null where there is none. What an entry may answer stands at each event; observers are not asked.
#include "hooks/access_hook_events.h"
#include "hooks/connection_events.h"
#include "hooks/delivery_events.h"
#include "hooks/replacements.h"
#include "hooks/reply_out_event.h"
#include "hooks/router_events.h"
#include "hooks/session_events.h"
#include "hooks/session_open_events.h"
