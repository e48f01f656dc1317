#include "session/peer_info.h"

#include <arpa/inet.h>

#include <algorithm>

namespace patchbay::session {

namespace {
constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
}

std::string PeerInfo::address_text() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (std::equal(std::begin(kMappedPrefix), std::end(kMappedPrefix), address)) {
    inet_ntop(AF_INET, address + sizeof(kMappedPrefix), text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, address, text, sizeof(text));
  }
  return text;
}

}  // namespace patchbay::session
