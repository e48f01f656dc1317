#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::bench {

// What becomes of the n-th message (1, 2, ...) that goes to a subscriber.
enum class Fate : std::uint8_t { deliver, lose, deliver_twice, hold_until_next };

// A broker just good enough to be measured, for the tests of the tool: MQTT 3.1.1, QoS 0, exact filters, one thread. It
// commits the faults that it is told to, which a real broker should not; and it can write its output byte by byte.
class RelayBroker {
 public:
  using FateOf = std::function<Fate(std::uint64_t)>;

  explicit RelayBroker(FateOf fate_of, bool byte_by_byte = false);
  ~RelayBroker();
  RelayBroker(const RelayBroker&) = delete;
  RelayBroker& operator=(const RelayBroker&) = delete;

  unsigned port() const { return port_; }
  // Closes every connection after so many messages; 0 = never.
  void hang_up_after(std::uint64_t messages) { hang_up_after_.store(messages); }
  // The next CONNECTs are answered with this return code.
  void refuse_with(std::uint8_t return_code) { return_code_.store(return_code); }

 private:
  struct Peer {
    int fd = -1;
    std::string input;
    std::string topic_filter;
    std::string held;  // a PUBLISH that waits for the next one to pass it
  };

  void serve();
  void accept_peer();
  bool read_from(Peer& peer);
  void handle(Peer& peer, std::uint8_t type, const std::string& packet, std::size_t header_size);
  void relay(const std::string& packet, std::size_t header_size);
  void deliver(Peer& peer, const std::string& packet);
  void send_to(Peer& peer, const std::string& bytes) const;

  FateOf fate_of_;
  bool byte_by_byte_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> hang_up_after_{0};
  std::atomic<std::uint8_t> return_code_{0};
  std::uint64_t messages_ = 0;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::thread thread_;
};

}  // namespace patchbay::bench
