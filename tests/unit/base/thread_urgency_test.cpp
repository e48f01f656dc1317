#include "base/thread_urgency.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

namespace {

void in_thread(const std::function<void()>& body) {
  std::thread thread(body);
  thread.join();
}

std::string own_name() {
  std::array<char, 16> name{};
  REQUIRE(::pthread_getname_np(::pthread_self(), name.data(), name.size()) == 0);
  return name.data();
}

// sched_getattr(2): the slice stands at byte 24; 0 before Linux 6.12.
uint64_t own_slice_ns() {
  std::array<unsigned char, 48> attributes{};
  REQUIRE(::syscall(SYS_sched_getattr, 0, attributes.data(), attributes.size(), 0) == 0);
  uint64_t slice_ns = 0;
  std::memcpy(&slice_ns, attributes.data() + 24, sizeof slice_ns);
  return slice_ns;
}

int own_nice() {
  return ::getpriority(PRIO_PROCESS, 0);
}

}  // namespace

TEST_CASE("thread urgency: a patient thread is nicer than the process, and one that it starts no more than that") {
  const int before = own_nice();
  in_thread([&] {
    patchbay::base::begin_patient_thread("patient");
    CHECK(own_name() == "patient");
    CHECK(own_nice() == std::min(before + 10, 19));
    in_thread([&] {
      patchbay::base::begin_patient_thread("patient too");
      CHECK(own_nice() == std::min(before + 10, 19));
    });
  });
  CHECK(own_nice() == before);
}

TEST_CASE("thread urgency: an urgent thread asks for short slices and keeps its nice value") {
  const int before = own_nice();
  const uint64_t slice_before_ns = own_slice_ns();
  in_thread([&] {
    patchbay::base::begin_urgent_thread("urgent");
    CHECK(own_name() == "urgent");
    CHECK(own_nice() == before);
    // Where the kernel tells a slice at all it has taken ours.
    CHECK(own_slice_ns() == (slice_before_ns == 0 ? 0 : 100'000));
  });
  CHECK(own_slice_ns() == slice_before_ns);
}
