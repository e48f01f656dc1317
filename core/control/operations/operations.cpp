#include "operations/operations.h"

#include <utility>

namespace patchbay::operations {

Operations::Operations(OperationsEnvironment environment)
    : environment_(std::move(environment)),
      banned_(environment_),
      flapping_(environment_, queue_, banned_),
      topic_metrics_(environment_),
      slow_(environment_),
      traces_(environment_, queue_),
      monitor_(environment_),
      node_watch_(environment_) {}

base::Result<bool, std::string> Operations::start(const OperationsSettings& settings) {
  if (auto loaded = banned_.load(); !loaded) return loaded;
  if (auto loaded = topic_metrics_.load(); !loaded) return loaded;
  if (auto loaded = traces_.load(); !loaded) return loaded;
  configure(settings);
  queue_.start([this] { tick(); });
  return true;
}

void Operations::configure(const OperationsSettings& settings) {
  flapping_.configure(settings.flapping);
  slow_.configure(settings.slow);
}

void Operations::tick() {
  banned_.tick();
  topic_metrics_.tick();
  slow_.tick();
  traces_.tick();
  monitor_.tick();
  node_watch_.tick();
}

}  // namespace patchbay::operations
