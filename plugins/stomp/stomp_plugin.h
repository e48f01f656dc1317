// The plugin's object: settings, counters, and what the connections of one shard share.
#pragma once

#include <string>
#include <vector>

#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/protocol.hpp>

#include "connection.h"
#include "scratch.h"
#include "settings.h"

namespace patchbay::stomp {

struct StompPlugin final : patchbay::plugin<StompPlugin, Settings>, patchbay::protocol<StompPlugin, Connection> {
  static constexpr patchbay_str kSubprotocols[] = {{"v12.stomp", 9}, {"v11.stomp", 9}, {"v10.stomp", 9}};
  static constexpr patchbay::protocol_description description{
      .id = "stomp",
      .name = "STOMP",
      .transports = PATCHBAY_TRANSPORT_TCP | PATCHBAY_TRANSPORT_TLS | PATCHBAY_TRANSPORT_WS | PATCHBAY_TRANSPORT_WSS,
      .maximum_unconsumed_bytes = 24u << 20,  // more than the largest frame that the settings can allow
      .websocket_subprotocols = kSubprotocols};

  struct Counters {
    explicit Counters(patchbay::host host);
    patchbay::counter frames_received;
    patchbay::counter messages_received;
    patchbay::counter messages_delivered;
    patchbay::counter messages_refused;
    patchbay::counter messages_not_representable;
    patchbay::counter headers_omitted;
    patchbay::counter errors_sent;
    patchbay::counter limits_reached;
    patchbay::counter heart_beat_timeouts;
  };

  explicit StompPlugin(patchbay::host of);
  void start() { scratch_ = std::vector<Scratch>(host().shard_count()); }
  void stop();
  /// Rules that a schema cannot say.
  void check(const Settings& settings, patchbay::error_list& errors) const;

  [[nodiscard]] Scratch& scratch() { return scratch_[host().shard_index()]; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  Counters counters_;
  std::vector<Scratch> scratch_;
};

}  // namespace patchbay::stomp
