#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchbay::bench {

// What an epoll event is handed to. A target must not be destroyed before the turn in which its socket is closed is
// over.
class EventTarget {
 public:
  virtual void on_events(std::uint32_t epoll_events) = 0;

 protected:
  ~EventTarget() = default;
};

// One thread's epoll set, and the one read buffer that all of its connections share: a connection keeps only the bytes
// of a packet that is cut short. All but wake() belongs to the thread that turns the loop.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void add(int fd, std::uint32_t events, EventTarget& target);
  void modify(int fd, std::uint32_t events, EventTarget& target);

  // Waits at most `wait_ns` (0: not at all) and hands out what has happened.
  void turn(std::int64_t wait_ns);

  // Ends the wait of the present or the next turn. [any-thread]
  void wake();

  // At least `size` bytes; valid until the next call.
  std::uint8_t* read_buffer(std::size_t size);
  std::size_t read_buffer_size() const { return read_buffer_.size(); }

 private:
  int epoll_ = -1;
  int wake_event_ = -1;
  std::vector<std::uint8_t> read_buffer_;
};

// Lets the calling thread's waits end within microseconds of their time.
void use_precise_timers();

}  // namespace patchbay::bench
