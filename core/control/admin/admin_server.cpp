#include "admin/admin_server.h"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "admin/account_endpoints.h"
#include "admin/dispatcher.h"
#include "admin/endpoints.h"
#include "admin/http_front.h"
#include "admin/node_endpoints.h"
#include "admin/openapi.h"
#include "admin/plugin_json.h"
#include "base/log.h"
#include "config/bind_address.h"

namespace patchbay::admin {

namespace {

AccountOptions account_options(const config::ApiConfig& config, const std::string& data_dir) {
  AccountOptions options;
  options.data_dir = data_dir;
  options.admin_password = config.admin_password;
  options.bootstrap_file = config.bootstrap_file;
  options.token_lifetime_ms = uint64_t{config.token_expiry_s} * 1000;
  options.login_limits.attempts_max = config.login_max_attempts;
  options.login_limits.window_ms = uint64_t{config.login_window_s} * 1000;
  options.login_limits.lock_ms = uint64_t{config.login_lock_s} * 1000;
  return options;
}

DispatcherOptions dispatcher_options(const config::Config& config) {
  constexpr uint64_t kFormBytes = 64 * 1024;  // of a form around a plugin's file
  DispatcherOptions options;
  options.hosts = config.api.hosts;
  options.body_bytes_max = config.api.max_body_size_bytes;
  options.upload_bytes_max = config.plugins.max_file_size_bytes + kFormBytes;
  options.user_requests_per_s = config.api.max_user_requests_per_s;
  options.key_requests_per_s = config.api.max_key_requests_per_s;
  return options;
}

HttpFrontOptions front_options(const config::ApiConfig& config, const plugin_services::ServiceShards& shards) {
  HttpFrontOptions options;
  options.hurry = [&shards] { shards.hurry(); };
  options.bind = config.bind;
  options.tls_on = !config.certfile.empty();
  options.tls.certificate_file = config.certfile;
  options.tls.key_file = config.keyfile;
  options.threads = config.threads;
  options.connections_max = config.max_connections;
  return options;
}

/// Where this machine reaches what is bound: "every address" is no address to connect to.
std::string local_url(std::string bound, bool tls) {
  for (const auto& [any, loopback] : {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")}) {
    if (bound.starts_with(any)) bound.replace(0, std::string_view(any).size(), loopback);
  }
  return (tls ? "https://" : "http://") + bound;
}

void warn_of_open_bind(const std::string& bound, bool tls) {
  const auto address = config::parse_bind_address(bound);
  if (tls || !address || address->is_loopback()) return;
  base::log(base::LogArea::admin, base::LogLevel::warning,
            "the REST API is open to other machines without TLS: passwords and tokens can be read on the way",
            {{"bind", bound}, {"remedy", "api.certfile and api.keyfile"}});
}

void tell_first_password(const std::string& password, const std::string& data_dir) {
  if (password.empty()) return;
  std::fprintf(stderr,
               "The password of the first administrator, \"%s\", is %s\n"
               "It is told this once, kept in %s/initial-admin, and only serves to set another one.\n",
               kDefaultAdmin, password.c_str(), data_dir.c_str());
  std::fflush(stderr);
}

}  // namespace

struct AdminServer::State {
  State(const config::Config& config, NodeAccess access)
      : node(std::move(access)),
        tls(!config.api.certfile.empty()),
        accounts(account_options(config.api, node.data_dir), node.clock),
        audit(std::filesystem::path(node.data_dir) / "admin" / "audit.log"),
        hooks(node.plugins),
        dispatcher(api, pages, accounts, hooks, audit, node.clock, dispatcher_options(config)),
        front(front_options(config.api, node.shards), dispatcher, node.clock) {}

  const NodeAccess node;
  const bool tls;
  RouteTable api;
  RouteTable pages;
  Accounts accounts;
  AuditLog audit;
  PluginAdminHooks hooks;
  Dispatcher dispatcher;
  HttpFront front;
};

AdminServer::AdminServer(const config::Config& config, NodeAccess node)
    : state_(std::make_unique<State>(config, std::move(node))) {
  State& state = *state_;
  add_user_routes(state.api, state.accounts, {state.node.version});
  add_api_key_routes(state.api, state.accounts, state.node.clock);
  add_node_routes(state.api, state.node);
  add_audit_routes(state.api, state.node, state.audit);
  add_endpoint_routes(state.api, state.node);
  state.pages.add(status_route(state.node));
  add_document_pages(state.pages, state.api, state.node.version, [&state] { return plugin_api_routes(state.node); });
}

AdminServer::~AdminServer() {
  stop();
}

base::Result<std::string, std::string> AdminServer::start() {
  State& state = *state_;
  const auto password = state.accounts.open();
  if (!password) return base::fail(password.error());
  state.audit.load();
  auto bound = state.front.start();
  if (!bound) return base::fail("api.bind: " + bound.error());
  warn_of_open_bind(*bound, state.tls);
  const auto written = state.accounts.write_local_token(local_url(*bound, state.tls));
  if (!written) return base::fail(written.error());
  tell_first_password(*password, state.node.data_dir);
  return bound;
}

void AdminServer::accept() {
  state_->front.accept();
}

base::Result<bool, std::string> AdminServer::reload_tls() {
  return state_->front.reload_tls();
}

void AdminServer::stop() {
  state_->front.stop();
}

}  // namespace patchbay::admin
