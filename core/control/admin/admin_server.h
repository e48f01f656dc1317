#pragma once

#include <memory>
#include <string>

#include "admin/node_access.h"
#include "base/result.h"
#include "config/config.h"

namespace patchbay::admin {

/// The REST server of a node: accounts, routes, sockets, put together. [control]
class AdminServer {
 public:
  AdminServer(const config::Config& config, NodeAccess node);
  /// stop()
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Reads the accounts, binds, starts the threads; nothing is accepted yet. To be called before plugins start, which
  /// would take later threads for threads of their own doing. Returns the address that is bound; the error is a
  /// sentence.
  [[nodiscard]] base::Result<std::string, std::string> start();
  /// From here on requests are answered.
  void accept();
  /// Reads certificates again; the error is a sentence, and the old ones stay.
  [[nodiscard]] base::Result<bool, std::string> reload_tls();
  /// Ends all connections, after what is being handled. Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::admin
