#pragma once

#include <variant>

#include "mqtt/packets/acknowledgement.h"
#include "mqtt/packets/auth.h"
#include "mqtt/packets/connack.h"
#include "mqtt/packets/connect.h"
#include "mqtt/packets/disconnect.h"
#include "mqtt/packets/ping.h"
#include "mqtt/packets/publish.h"
#include "mqtt/packets/subscribe.h"
#include "mqtt/packets/unsubscribe.h"

namespace patchbay::mqtt {

/// Any packet, for clients, tools and tests; the broker's flow calls the decoder of the packet at hand.
using AnyPacket = std::variant<Connect, Connack, Publish, Acknowledgement, Subscribe, Suback, Unsubscribe, Unsuback,
                               Pingreq, Pingresp, Disconnect, Auth>;

}  // namespace patchbay::mqtt
