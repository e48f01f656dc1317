#include "bench/user_time/reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "bench/clock.h"
#include "bench/user_time/layout.h"

namespace patchbay::bench {
namespace {

using user_time::Layout;

UserTimeSample sum_of(const Layout& layout) {
  UserTimeSample sample;
  sample.at_ns = monotonic_ns();
  sample.stamp = user_time::stamp();
  const std::uint32_t threads = layout.threads.load();
  const std::uint32_t placed = std::min(threads, user_time::kThreads);
  for (std::uint32_t i = 0; i < placed; ++i) {
    const user_time::ThreadTime& thread = layout.thread[i];
    sample.ticks += thread.ticks.load(std::memory_order_relaxed);
    sample.calls += thread.calls.load(std::memory_order_relaxed);
    sample.left_out += thread.left_out.load(std::memory_order_relaxed);
  }
  sample.threads_without_place = threads - placed;
  return sample;
}

}  // namespace

std::optional<UserTimeSample> read_user_time(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  struct stat facts {};
  void* memory = MAP_FAILED;
  if (fstat(fd, &facts) == 0 && facts.st_size == static_cast<off_t>(sizeof(Layout)))
    memory = mmap(nullptr, sizeof(Layout), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) return std::nullopt;
  const auto& layout = *static_cast<const Layout*>(memory);
  std::optional<UserTimeSample> sample;
  if (layout.magic.load(std::memory_order_acquire) == user_time::kMagic) sample = sum_of(layout);
  munmap(memory, sizeof(Layout));
  return sample;
}

double user_time_us(const UserTimeSample& before, const UserTimeSample& after) {
  const auto ticks = static_cast<double>(after.stamp - before.stamp);
  const auto elapsed_us = static_cast<double>(after.at_ns - before.at_ns) / 1'000;
  return ticks <= 0 ? 0 : static_cast<double>(after.ticks - before.ticks) * elapsed_us / ticks;
}

}  // namespace patchbay::bench
