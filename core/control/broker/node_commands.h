#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/node_commands.h"
#include "broker/live_node.h"

namespace patchbay::broker {

/// What the REST server may have the node do: changes of the configuration that are checked as a start would, kept in
/// the data directory, and applied where that needs no restart; listeners; log levels. Whether plugins allow a change
/// (admin.before) is asked by the server, for all its routes. [control]
class NodeCommands final : public admin::NodeCommands {
 public:
  /// The parts must outlive this. `problems` tells what the flow plane and the plugin host would refuse,
  /// `has_authenticator` whether a plugin decides who may connect.
  NodeCommands(LiveNode live, std::function<std::vector<std::string>(const config::Config&)> problems,
               std::function<bool(const config::Config&)> has_authenticator);

  [[nodiscard]] config::Config configuration() const override;
  [[nodiscard]] base::Result<admin::ConfigOutcome, std::vector<std::string>> change_configuration(
      const std::function<void(config::Config&)>& change, std::string_view author) override;
  [[nodiscard]] std::vector<admin::ListenerView> listeners() const override;
  [[nodiscard]] base::Result<bool, std::string> start_listener(std::string_view id) override;
  [[nodiscard]] base::Result<bool, std::string> stop_listener(std::string_view id) override;
  [[nodiscard]] base::Result<bool, std::vector<std::string>> put_listener(const admin::ListenerView& listener) override;
  [[nodiscard]] base::Result<bool, std::string> remove_listener(std::string_view id) override;
  [[nodiscard]] std::vector<admin::ProtocolView> protocols() const override;
  [[nodiscard]] base::Result<bool, std::string> set_log_level(std::string_view area, std::string_view level) override;

 private:
  using Problems = std::vector<std::string>;

  /// The text of the file of changes with those that `after` brings, checked; the error is a line for each problem.
  [[nodiscard]] base::Result<std::string, Problems> checked(const config::Config& after) const;
  [[nodiscard]] Problems problems_of_start(const config::Config& after, const config::ConfigSources& sources) const;
  /// Keeps the text on disk and as a source.
  [[nodiscard]] base::Result<bool, std::string> keep(std::string text);
  [[nodiscard]] std::string runtime_path() const;
  /// Stops the listener if it runs, and starts it as `config` says, if it is to run; where that fails, the old one runs
  /// again. Clients of one that goes on stay connected.
  [[nodiscard]] base::Result<bool, std::string> rerun(std::string_view id, const config::Config& config);

  mutable LiveNode live_;
  std::function<Problems(const config::Config&)> flow_problems_;
  std::function<bool(const config::Config&)> has_authenticator_;
};

}  // namespace patchbay::broker
