// STOMP 1.0, 1.1 and 1.2 for the broker; see README.md.
#include "stomp_plugin.h"

using patchbay::stomp::StompPlugin;
PATCHBAY_PLUGIN(StompPlugin)
