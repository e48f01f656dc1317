#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "operations/operations_environment.h"
#include "operations/work_queue.h"

namespace patchbay::operations {

class Banned;

struct FlappingSettings {
  bool enable = false;
  uint32_t max_count = 15;  ///< disconnections within the window
  uint32_t window_s = 60;
  uint32_t ban_s = 300;

  bool operator==(const FlappingSettings&) const = default;
};

/// Bans clients that come and go too often: an observer of client.disconnected while it is enabled, nothing otherwise.
/// Each shard counts for itself the clients that are at home there.
class Flapping {
 public:
  /// Clients that a shard remembers; the one that was seen first gives way.
  static constexpr size_t kClientsMax = 10'000;
  static constexpr const char* kAuthor = "flapping detector";

  Flapping(const OperationsEnvironment& environment, WorkQueue& queue, Banned& banned);
  ~Flapping();
  Flapping(const Flapping&) = delete;
  Flapping& operator=(const Flapping&) = delete;

  /// [control]
  void configure(const FlappingSettings& settings);

 private:
  struct Counts;
  struct View;
  static base::Verdict on_disconnected(void* self, hooks::ClientEvent& event, base::Token token) noexcept;
  void ban(const std::string& client_id, const FlappingSettings& settings);

  const OperationsEnvironment& environment_;
  WorkQueue& queue_;
  Banned& banned_;
  FlappingSettings settings_;
  std::vector<std::unique_ptr<Counts>> counts_;  ///< by shard; each is touched by its shard alone
};

}  // namespace patchbay::operations
