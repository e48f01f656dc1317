#pragma once

#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "wire/support/broker.h"
#include "wire/support/process.h"
#include "wire/support/tcp_socket.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::wire {

/// The real broker with a configuration file and a folder of plugins that a test changes while it runs.
class PluginBroker {
 public:
  /// Nothing runs before start(). `text`: the part of the configuration about plugins; `api_bind`: of the REST API, ""
  /// for none.
  explicit PluginBroker(const std::string& text = {}, std::string api_bind = {})
      : port_(free_port()), api_bind_(std::move(api_bind)) {
    std::filesystem::create_directories(plugins());
    std::filesystem::permissions(plugins(), std::filesystem::perms::owner_all);
    configure(text);
  }

  [[nodiscard]] std::string plugins() const { return folder_.path("plugins"); }
  [[nodiscard]] std::string data() const { return folder_.path("data"); }
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] Process& process() { return *process_; }

  /// Puts a plugin of the tests into the folder, in place of what was there, as an installer does: whole or not at all.
  void put(const std::string& plugin, const std::string& file) const {
    const std::filesystem::path target = std::filesystem::path(plugins()) / file;
    const std::filesystem::path fresh = target.string() + ".new";
    std::filesystem::copy_file(std::filesystem::path(PATCHBAY_TEST_PLUGINS) / (plugin + ".so"), fresh,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(fresh, std::filesystem::perms::owner_all);
    std::filesystem::rename(fresh, target);
  }

  void configure(const std::string& text) const {
    folder_.write("patchbay.toml", "[node]\nshards = 2\n[api]\nbind = \"" + api_bind_ +
                                       "\"\n[log]\nlevel = \"info\"\n[listeners.tcp.default]\nbind = "
                                       "\"127.0.0.1:" +
                                       std::to_string(port_) +
                                       "\"\n[listeners.ws.default]\nbind = \"\"\n[plugins]\ndir = \"" + plugins() +
                                       "\"\n" + text);
  }

  /// Starts, and returns when it is ready.
  void start() {
    launch();
    if (!process_->wait_for("patchbay ready"))
      throw std::runtime_error("the broker is not ready:\n" + process_->output() + process_->error());
  }
  void launch() {
    process_ = std::make_unique<Process>(std::vector<std::string>{Broker::program(), "start", "--config",
                                                                  folder_.path("patchbay.toml"), "--data", data()});
  }
  /// SIGHUP; returns when the log says this.
  void reload_until(const std::string& text) {
    const size_t mark = process_->error_mark();
    process_->signal(SIGHUP);
    if (!process_->wait_for_error(text, mark))
      throw std::runtime_error("after SIGHUP the log does not say \"" + text + "\":\n" + process_->error());
  }
  int stop() {
    process_->signal(SIGTERM);
    const auto code = process_->wait_exit(20s);
    if (!code) throw std::runtime_error("the broker does not stop:\n" + process_->error());
    return *code;
  }
  [[nodiscard]] bool says(const std::string& text) const { return process_->error().find(text) != std::string::npos; }

 private:
  TemporaryFolder folder_;
  uint16_t port_;
  std::string api_bind_;
  std::unique_ptr<Process> process_;
};

}  // namespace patchbay::wire
