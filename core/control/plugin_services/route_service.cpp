#include "plugin_services/route_service.h"

#include <algorithm>
#include <atomic>

#include "base/shard.h"

namespace patchbay::plugin_services {

using plugin_bridge::Held;

namespace {

std::string json_text(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 0xF];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string_view next_segment(std::string_view& path) {
  const size_t end = path.find('/');
  const std::string_view segment = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
  return segment;
}

bool is_placeholder(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// Whether `path` is one of the paths that `pattern` stands for; adds the placeholders' values.
bool matches(std::string_view pattern, std::string_view path,
             std::vector<std::pair<std::string, std::string>>& parameters) {
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/')) return false;
  const size_t before = parameters.size();
  for (auto segments = std::count(pattern.begin(), pattern.end(), '/') + 1; segments > 0; --segments) {
    const std::string_view expected = next_segment(pattern);
    const std::string_view found = next_segment(path);
    if (is_placeholder(expected) && !found.empty()) {
      parameters.emplace_back(expected.substr(1, expected.size() - 2), found);
    } else if (expected != found) {
      parameters.resize(before);
      return false;
    }
  }
  return true;
}

}  // namespace

RouteResponse error_response(uint32_t http_status, std::string_view code, std::string_view message) {
  return {http_status, "application/json", "{\"code\":" + json_text(code) + ",\"message\":" + json_text(message) + '}'};
}

/// The requests that wait for an answer; whoever takes one out answers it.
class RouteService::Pending {
 public:
  explicit Pending(uint32_t maximum) : maximum_(maximum) {}

  /// 0: too many wait, or it is closed.
  [[nodiscard]] uint64_t add(RouteAnswer& answer) {
    const std::lock_guard lock(mutex_);
    if (closed_ || waiting_.size() >= maximum_) return 0;
    waiting_.emplace(next_, std::move(answer));
    return next_++;
  }
  [[nodiscard]] bool answer(uint64_t request, RouteResponse response) {
    RouteAnswer answer;
    {
      const std::lock_guard lock(mutex_);
      const auto found = waiting_.find(request);
      if (found == waiting_.end()) return false;
      answer = std::move(found->second);
      waiting_.erase(found);
    }
    answer(std::move(response));
    return true;
  }
  void close(const RouteResponse& response) {
    std::map<uint64_t, RouteAnswer> left;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      left.swap(waiting_);
    }
    for (const auto& [request, answer] : left) answer(response);
  }
  [[nodiscard]] size_t size() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  const uint32_t maximum_;
  mutable std::mutex mutex_;  // guards what follows; not held while an answer is given
  std::map<uint64_t, RouteAnswer> waiting_;
  uint64_t next_ = 1;
  bool closed_ = false;
};

RouteService::RouteService(ServiceAccount& account, plugin_bridge::WorkerPool& workers,
                           plugin_bridge::HeldCounters& node, const base::Clock& clock,
                           std::vector<RouteDeclaration> declared)
    : account_(account),
      workers_(workers),
      node_(node),
      clock_(clock),
      declared_(std::move(declared)),
      pending_(std::make_shared<Pending>(account.limits.max_pending_requests)) {}

RouteService::~RouteService() {
  close();
}

patchbay_status RouteService::add(std::string_view method, std::string_view path, patchbay_route_fn function,
                                  void* self) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (account_.gate.state() != plugin_bridge::GateState::starting) return PATCHBAY_CLOSED;
  if (function == nullptr) return account_.invalid("a route was added without a function");
  const auto same = [&](const RouteDeclaration& route) { return route.method == method && route.path == path; };
  if (std::none_of(declared_.begin(), declared_.end(), same)) return PATCHBAY_NOT_FOUND;
  const std::lock_guard lock(routes_mutex_);
  for (const std::unique_ptr<Route>& route : routes_) {
    if (same(route->declaration)) return PATCHBAY_EXISTS;
  }
  routes_.push_back(std::make_unique<Route>(Route{{std::string(method), std::string(path)}, function, self}));
  account_.held.add(Held::routes);
  return PATCHBAY_OK;
}

const RouteService::Route* RouteService::match(RouteRequest& request, bool& path_known) const {
  const std::lock_guard lock(routes_mutex_);
  for (const std::unique_ptr<Route>& route : routes_) {
    const size_t before = request.parameters.size();
    if (!matches(route->declaration.path, request.path, request.parameters)) continue;
    path_known = true;
    if (route->declaration.method == request.method) return route.get();
    request.parameters.resize(before);
  }
  return nullptr;
}

void RouteService::handle(RouteRequest request, RouteAnswer answer) {
  const std::string& name = account_.facts.name;
  if (!account_.takes_work() || pending_->closed()) {
    return answer(error_response(503, "SERVICE_UNAVAILABLE", "plugin '" + name + "' is stopping"));
  }
  bool path_known = false;
  const Route* route = match(request, path_known);
  if (route == nullptr) {
    return answer(path_known
                      ? error_response(405, "METHOD_NOT_ALLOWED", "plugin '" + name + "' has no such method here")
                      : error_response(404, "NOT_FOUND", "plugin '" + name + "' has no such route"));
  }
  const uint64_t id = pending_->add(answer);
  if (id == 0) {
    account_.refusals.count(Refusal::pending_requests);
    return answer(error_response(503, "SERVICE_UNAVAILABLE", "plugin '" + name + "' has too many open requests"));
  }
  if (!post(*route, std::move(request), id)) {
    static_cast<void>(pending_->answer(
        id,
        error_response(503, "SERVICE_UNAVAILABLE", "the workers of plugins are too busy for plugin '" + name + "'")));
  }
}

bool RouteService::post(const Route& route, RouteRequest request, uint64_t id) {
  const uint64_t due_ms = clock_.steady_ms() + account_.limits.route_deadline_ms;
  const bool timed = workers_.post_at(
      node_,
      plugin_bridge::make_job(
          [pending = pending_, id, name = account_.facts.name, deadline_ms = account_.limits.route_deadline_ms] {
            static_cast<void>(pending->answer(id, error_response(503, "SERVICE_UNAVAILABLE",
                                                                 "plugin '" + name + "' has not answered within " +
                                                                     std::to_string(deadline_ms) + " ms")));
          }),
      due_ms);
  return timed && workers_.post(account_.held, plugin_bridge::make_job([this, &route, request = std::move(request),
                                                                        id] { call(route, request, id); }));
}

void RouteService::call(const Route& route, const RouteRequest& request, uint64_t id) {
  std::vector<patchbay_pair> parameters;
  for (const auto& [name, value] : request.parameters) parameters.push_back({str_of(name), str_of(value)});
  patchbay_request view{};
  view.size = sizeof(view);
  view.method = str_of(request.method);
  view.path = str_of(request.path);
  view.query = str_of(request.query);
  view.user = str_of(request.user);
  view.parameters = parameters.data();
  view.parameter_count = parameters.size();
  view.body = bytes_of(request.body);
  view.request = id;
  if (account_.call(Door::route, [&] { route.function(route.self, &view); })) return;
  const std::string incident = account_.facts.name + '-' + std::to_string(id);
  account_.log.host_line(base::LogLevel::error, "incident " + incident + ": " + request.method + ' ' + request.path);
  static_cast<void>(pending_->answer(
      id,
      error_response(500, "INTERNAL_ERROR", "plugin '" + account_.facts.name + "' has failed: incident " + incident)));
}

patchbay_status RouteService::respond(uint64_t request, uint32_t http_status, std::string_view content_type,
                                      std::string_view body) {
  if (http_status < 200 || http_status > 599) return account_.invalid("a response has a status other than 200 to 599");
  const bool open = pending_->answer(request, {http_status, std::string(content_type), std::string(body)});
  return open ? PATCHBAY_OK : PATCHBAY_STALE;
}

std::vector<RouteDeclaration> RouteService::served() const {
  const std::lock_guard lock(routes_mutex_);
  std::vector<RouteDeclaration> all;
  for (const std::unique_ptr<Route>& route : routes_) {
    const auto found = std::find_if(declared_.begin(), declared_.end(), [&route](const RouteDeclaration& declaration) {
      return declaration.method == route->declaration.method && declaration.path == route->declaration.path;
    });
    all.push_back(found == declared_.end() ? route->declaration : *found);
  }
  return all;
}

void RouteService::close() {
  pending_->close(error_response(503, "SERVICE_UNAVAILABLE", "plugin '" + account_.facts.name + "' has stopped"));
  const std::lock_guard lock(routes_mutex_);
  account_.held.remove(Held::routes, static_cast<uint32_t>(routes_.size()));
  routes_.clear();
}

size_t RouteService::pending() const {
  return pending_->size();
}

}  // namespace patchbay::plugin_services
