#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/accounts.h"
#include "admin/admin_hooks.h"
#include "admin/audit_log.h"
#include "admin/http_handler.h"
#include "admin/request_limits.h"
#include "admin/route.h"
#include "base/clock.h"

namespace patchbay::admin {

inline constexpr std::string_view kApiRoot = "/api/v5";

struct DispatcherOptions {
  std::vector<std::string> hosts;         ///< names in the header Host besides addresses and localhost; "*": any
  uint64_t body_bytes_max = 10u << 20;    ///< of JSON
  uint64_t upload_bytes_max = 64u << 20;  ///< of multipart/form-data
  uint32_t user_requests_per_s = 50;      ///< of one user; 0: no limit
  uint32_t key_requests_per_s = 2'000;    ///< of one API key
};

/// From a request to its answer: host, route, who, may they, is it in order, do plugins agree, the handler, the audit
/// log. [any-thread]
class Dispatcher final : public HttpHandler {
 public:
  /// `api` is served below /api/v5, `pages` at the root. Everything outlives this.
  Dispatcher(const RouteTable& api, const RouteTable& pages, Accounts& accounts, AdminHooks& hooks, AuditLog& audit,
             const base::Clock& clock, DispatcherOptions options);

  [[nodiscard]] Admission admit(const HttpHead& head, std::string_view peer_address) override;
  /// A route that waits for nobody, at a moment at which no plugin wants to be asked.
  [[nodiscard]] bool is_prompt(const HttpHead& head) const override;

 private:
  /// A request on its way.
  struct Visit {
    const Route* route = nullptr;
    bool open = false;  ///< whoever sends it
    ApiRequest request;
    uint64_t begun_ms = 0;
  };

  /// Each fills its part of the visit; an answer ends it.
  [[nodiscard]] std::optional<ApiResponse> check_origin(const HttpHead& head) const;
  [[nodiscard]] std::optional<ApiResponse> find_route(const HttpHead& head, Visit& visit) const;
  [[nodiscard]] std::optional<ApiResponse> identify(const HttpHead& head, Visit& visit);
  [[nodiscard]] std::optional<ApiResponse> check_caller(const Visit& visit);
  [[nodiscard]] std::optional<ApiResponse> check_body_type(const HttpHead& head, const Visit& visit) const;
  [[nodiscard]] uint64_t body_bytes_max(const Visit& visit) const;

  [[nodiscard]] ApiResponse handle(Visit& visit, std::string body);
  [[nodiscard]] ApiResponse checked_and_handled(Visit& visit, std::string body);
  [[nodiscard]] Begun begin(Visit& visit, std::string body, AnswerLater later);
  [[nodiscard]] std::optional<ApiResponse> check_content(Visit& visit, std::string body) const;
  [[nodiscard]] std::optional<ApiResponse> ask_plugins(const Visit& visit);
  void write_audit(const Visit& visit, const ApiResponse& response);

  const RouteTable& api_;
  const RouteTable& pages_;
  Accounts& accounts_;
  AdminHooks& hooks_;
  AuditLog& audit_;
  const base::Clock& clock_;
  const DispatcherOptions options_;
  RequestLimits limits_;
};

}  // namespace patchbay::admin
