#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/encoder.h"
#include "bench/message_stamp.h"
#include "bench/tcp_socket.h"

namespace patchbay::bench {

struct PublisherPlan {
  std::string topic;
  std::size_t fan_out = 1;  // deliveries that each message leads to
};

struct SubscriberPlan {
  std::string topic_filter;
  std::uint32_t first_publisher = 0;  // whose messages it is to receive: a range of publisher numbers
  std::uint32_t publisher_count = 0;
};

// Who talks to whom, and how; constant during a run.
struct TrafficPlan {
  std::vector<PublisherPlan> publishers;
  std::vector<SubscriberPlan> subscribers;
  bool shared = false;  // the subscribers divide the messages among themselves

  BrokerAddress broker;
  ConnectFields connect;  // the client id is a prefix
  std::uint8_t qos = 0;
  std::size_t payload_size = 64;
  std::size_t window = 64;          // closed loop: most messages of one publisher that are under way
  double rate = 0;                  // open loop: messages per second of all publishers together; 0 = closed loop
  std::uint64_t message_limit = 0;  // of each publisher; 0 = none
  double connect_rate = 0;          // connections per second; 0 = as fast as the broker accepts
  std::size_t threads = 1;
  std::size_t slots = 0;  // in which another process is held or let go; 0 = there is none

  bool open_loop() const { return rate > 0; }
  // Below this many bytes a payload has no room for the stamp, and nothing but counts can be told.
  bool stamped() const { return payload_size >= kStampSize; }
};

}  // namespace patchbay::bench
