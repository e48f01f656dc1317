// Access control and log-ins by a MySQL or MariaDB server; README.md says what an operator sees. This file only wires.
#include <memory>
#include <optional>

#include <patchbay/directory.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/routes.hpp>
#include <patchbay/timers.hpp>

#include "authenticator.h"
#include "authorizer.h"
#include "cache_route.h"
#include "settings.h"

namespace patchbay::acl_mysql {

namespace {

/// How often the queue is looked through for questions that have waited too long.
constexpr std::chrono::milliseconds kSweepEvery{200};
/// An answer of our own comes in time even when the server says nothing at all: the library counts in whole seconds.
/// Only behind that the host's deadline and the operator's fallback count.
constexpr std::chrono::milliseconds kGrace{3'000};

/// Everything of one life; the order is that in which the parts need each other.
struct Parts {
  Parts(host of, answers made, const Settings& settings)
      : metrics(of),
        runner(of, metrics),
        no_answer(of, settings),
        pool(of, make_connector(settings), settings, metrics) {
    std::uint32_t numbers = 0;
    const auto limit = settings.query_timeout;
    if (settings.authentication.enabled) {
      authenticator.emplace(of, made, settings.authentication, limit, numbers, pool, runner, metrics, no_answer);
    }
    if (settings.authorization.enabled) {
      authorizer.emplace(of, settings.authorization, limit, numbers, pool, runner, metrics, no_answer);
    }
  }
  PoolMetrics metrics;
  QueryRunner runner;
  NoAnswer no_answer;
  ConnectionPool pool;
  std::optional<Authenticator> authenticator;
  std::optional<Authorizer> authorizer;
};

}  // namespace

class AclMysql final : public plugin<AclMysql, Settings> {
 public:
  using plugin::plugin;

  void check(const Settings& wanted, error_list& errors) const { check_settings(wanted, errors); }
  /// An instance is made for its settings: for others the host makes a new one beside it and swaps.
  status configure(const Settings& wanted) const {
    return parts_ && !(wanted == settings()) ? PATCHBAY_NEEDS_RESTART : PATCHBAY_OK;
  }
  void start();
  void stop() {
    sweep_.cancel();
    if (parts_) parts_->pool.stop();
  }
  health_report health() const;

 private:
  static patchbay_verdict authenticate(void* self, const void* raw, patchbay_token token) noexcept;
  static patchbay_verdict authorize(void* self, const void* raw, patchbay_token token) noexcept;
  /// Hooks are registered by hand: an authenticator that is only there to have no opinion would change what an
  /// anonymous client may.
  void add(std::uint32_t number, std::string_view name, patchbay_hook_fn function);
  reply clean_cache(const request& asked);
  reply show_status() const;

  std::unique_ptr<Parts> parts_;
  timer sweep_;
  client_directory directory_{host()};
  routes routes_{host()};
};

void AclMysql::start() {
  parts_ = std::make_unique<Parts>(host(), answer(), settings());
  if (parts_->authenticator) add(PATCHBAY_HOOK_auth_authenticate, "auth.authenticate", &authenticate);
  if (parts_->authorizer) {
    add(PATCHBAY_HOOK_acl_publish, "acl.publish", &authorize);
    add(PATCHBAY_HOOK_acl_subscribe, "acl.subscribe", &authorize);
  }
  if (host().get<patchbay_routes>(PATCHBAY_ROUTES_1) != nullptr) {
    routes_.add("POST", "/cache/clean", [this](const request& asked) { return clean_cache(asked); });
    routes_.add("GET", "/status", [this](const request&) { return show_status(); });
  }
  parts_->pool.start();
  sweep_ = timer(*this, kSweepEvery, kSweepEvery, [this] { parts_->pool.sweep(); });
}

void AclMysql::add(std::uint32_t number, std::string_view name, patchbay_hook_fn function) {
  hook_options options(number, name);
  options.deadline = settings().query_timeout + kGrace;
  patchbay_hook hook{};
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.self = this;
  hook.fn = function;
  require(options.add_to(host().raw(), hook), name);
}

patchbay_verdict AclMysql::authenticate(void* self, const void* raw, patchbay_token token) noexcept {
  auto& plugin = *static_cast<AclMysql*>(self);
  try {
    const auth_request asked(plugin.host().raw(), static_cast<const patchbay_authenticate_event*>(raw), token);
    return plugin.parts_->authenticator->decide(asked).raw();
  } catch (const std::exception& e) {
    plugin.host().log_error("auth.authenticate: ", e.what());
  } catch (...) {
    plugin.host().log_error("auth.authenticate: an exception of unknown type");
  }
  return verdict::failed().raw();
}

patchbay_verdict AclMysql::authorize(void* self, const void* raw, patchbay_token token) noexcept {
  auto& plugin = *static_cast<AclMysql*>(self);
  try {
    const acl_request asked(plugin.host().raw(), static_cast<const patchbay_authorize_event*>(raw), token);
    return plugin.parts_->authorizer->decide(asked).raw();
  } catch (const std::exception& e) {
    plugin.host().log_error("access: ", e.what());
  } catch (...) {
    plugin.host().log_error("access: an exception of unknown type");
  }
  return verdict::failed().raw();
}

health_report AclMysql::health() const {
  if (!parts_) return health_report::down("not started");
  const ConnectionPool::State state = parts_->pool.state();
  const std::string count = std::to_string(state.connected) + " of " + std::to_string(state.size) + " connections";
  if (state.connected == 0 && state.failing == 0) return health_report::connecting("connecting to the database");
  if (state.connected == 0) return health_report::down("no connection to the database: " + state.error);
  if (state.failing != 0) return health_report::connecting(count + "; others fail: " + state.error);
  const std::string error = parts_->runner.last_error();
  if (!error.empty()) return health_report::connecting(count + "; the last query was not answered: " + error);
  return health_report::healthy(count);
}

reply AclMysql::clean_cache(const request& asked) {
  std::string reason;
  const auto cleaning = read_cleaning(asked.body(), reason);
  if (!cleaning) return reply::json("{\"code\": \"BAD_REQUEST\", \"message\": " + json::quoted(reason) + "}", 400);
  // First what is kept here: what the broker asks after it has forgotten must be read from the database.
  if (parts_->authorizer) parts_->authorizer->clean(cleaning->client_id, cleaning->username);
  const bool told = directory_.invalidate_acl(cleaning->client_id, cleaning->username) == PATCHBAY_OK;
  host().log_info("kept rules cleaned by ", asked.user());
  return reply::json(std::string("{\"broker_cache_cleaned\": ") + (told ? "true" : "false") + "}");
}

reply AclMysql::show_status() const {
  const ConnectionPool::State state = parts_->pool.state();
  const health_report health_now = health();
  return reply::json("{\"pool_size\": " + std::to_string(state.size) + ", \"connected\": " +
                     std::to_string(state.connected) + ", \"queued\": " + std::to_string(state.queued) +
                     ", \"healthy\": " + (health_now.code == PATCHBAY_OK ? "true" : "false") +
                     ", \"text\": " + json::quoted(health_now.text) + "}");
}

}  // namespace patchbay::acl_mysql

PATCHBAY_PLUGIN(patchbay::acl_mysql::AclMysql)
