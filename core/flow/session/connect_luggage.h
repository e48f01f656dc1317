#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/connection_port.h"

namespace patchbay::session {

/// What auth.connect_rewrite made of a CONNECT. The hook is asked where the connection was accepted, since the client
/// id that comes out says which shard is the client's home; the answer goes along, and the CONNECT, which is read again
/// there, is taken for this one. So a connection moves once, and is asked about once.
class ConnectLuggage final : public MachineLuggage {
 public:
  std::vector<uint8_t> packet;  ///< body of the CONNECT that counts; empty: as it came
  std::string sent_client_id;   ///< what the client itself said: CONNACK tells it what differs
  uint16_t sent_keep_alive_s = 0;
};

}  // namespace patchbay::session
