// Settings of the plugin, as manifest.json describes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "destination.h"
#include "frame_parser.h"
#include "heart_beat.h"

namespace patchbay::stomp {

struct Settings {
  struct FrameSettings {
    FrameLimits limits;
    template <typename Fields>
    void describe(Fields& fields) {
      fields.optional("max_headers", limits.maximum_headers);
      fields.optional("max_headers_length", limits.maximum_header_length);
      fields.optional("max_body_length", limits.maximum_body_length);
    }
  };
  FrameSettings frame;
  std::uint32_t max_subscriptions = 100;
  std::uint32_t max_transactions = 16;
  std::uint32_t max_transaction_frames = 100;
  std::uint32_t max_transaction_bytes = 1'048'576;
  std::uint32_t max_unacknowledged = 1'000;
  std::uint32_t default_prefetch_count = 0;
  std::uint8_t send_qos = 1;
  std::uint8_t subscribe_qos = 1;
  std::chrono::milliseconds heart_beat_send{10'000};
  std::chrono::milliseconds heart_beat_receive{10'000};
  DestinationRules destinations;

  [[nodiscard]] HeartBeatOffer heart_beat() const {
    return {static_cast<std::uint32_t>(heart_beat_send.count()),
            static_cast<std::uint32_t>(heart_beat_receive.count())};
  }

  template <typename Fields>
  void describe(Fields& fields) {
    fields.optional("frame", frame);
    fields.optional("max_subscriptions", max_subscriptions);
    fields.optional("max_transactions", max_transactions);
    fields.optional("max_transaction_frames", max_transaction_frames);
    fields.optional("max_transaction_bytes", max_transaction_bytes);
    fields.optional("max_unacknowledged", max_unacknowledged);
    fields.optional("default_prefetch_count", default_prefetch_count);
    fields.optional("send_qos", send_qos);
    fields.optional("subscribe_qos", subscribe_qos);
    fields.optional("heart_beat_send", heart_beat_send);
    fields.optional("heart_beat_receive", heart_beat_receive);
    fields.optional("destinations", destinations);
  }
};

}  // namespace patchbay::stomp
