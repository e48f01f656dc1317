#include "net/tls_context.h"

#include <utility>

#include "base/log.h"
#include "net/tls_generation.h"

namespace patchbay::net {

base::Result<std::unique_ptr<TlsContext>, std::string> TlsContext::create(const TlsOptions& options) {
  std::unique_ptr<TlsContext> context(new TlsContext(options));
  if (auto loaded = context->reload(); !loaded) return base::fail(loaded.error());
  return context;
}

base::Result<bool, std::string> TlsContext::reload() {
  auto generation = TlsGeneration::load(options_);
  if (!generation) {
    base::log(base::LogArea::net, base::LogLevel::error, "TLS files not loaded", {{"error", generation.error()}});
    return base::fail(generation.error());
  }
  const std::lock_guard lock(mutex_);
  current_ = std::move(generation.value());
  return true;
}

}  // namespace patchbay::net
