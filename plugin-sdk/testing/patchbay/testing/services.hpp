// SPDX-License-Identifier: Apache-2.0
// REST routes, services between plugins, and the administration of other instances, as the fake host has them.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "patchbay/testing/core.hpp"

namespace patchbay::testing {

/// A response to a REST request.
struct response {
  std::uint32_t http_status = 0;
  std::string content_type;
  std::string body;
};

/// A REST request, for tests to make.
struct request_fields {
  std::string method = "GET";
  std::string path = "/";
  std::string body = {};
  std::string user = "admin";
  std::vector<std::pair<std::string, std::string>> parameters = {};
};

class routes : public part<routes> {
 public:
  explicit routes(core& shared) : part(shared) {
    table_.size = sizeof table_;
    table_.add = [](const patchbay_host* h, patchbay_str method, patchbay_str path, patchbay_route_fn fn, void* self) {
      return of(h).add(method, path, fn, self);
    };
    table_.respond = [](const patchbay_host* h, std::uint64_t id, std::uint32_t status, patchbay_str type,
                        patchbay_bytes body) { return of(h).respond(id, status, type, body); };
    shared.interfaces[PATCHBAY_ROUTES_1] = &table_;
  }
  /// Calls the route, on a worker. The response fills in when the plugin responds; 404 where nothing serves the path.
  std::shared_ptr<response> request(const request_fields& asked) {
    auto out = std::make_shared<response>();
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const entry& each) {
      return each.method == asked.method && matches(each.path, asked.path);
    });
    if (found == all_.end()) {
      out->http_status = 404;
      return out;
    }
    std::vector<patchbay_pair> pairs;
    for (const auto& [name, value] : asked.parameters) pairs.push_back({str(name), str(value)});
    patchbay_request raw{};
    raw.size = sizeof raw;
    raw.method = str(asked.method);
    raw.path = str(asked.path);
    raw.user = str(asked.user);
    raw.parameters = pairs.data();
    raw.parameter_count = pairs.size();
    raw.body = raw_bytes(asked.body);
    raw.request = core_.next_number();
    {
      const std::lock_guard lock(core_.mutex);
      open_[raw.request] = out;
    }
    const role_scope role(PATCHBAY_THREAD_WORKER);
    found->fn(found->self, &raw);
    return out;
  }
  std::size_t count() const { return all_.size(); }
  std::size_t unanswered() const { return open_.size(); }
  void clear() { all_.clear(), open_.clear(); }

 private:
  struct entry {
    std::string method;
    std::string path;
    patchbay_route_fn fn;
    void* self;
  };
  /// A {placeholder} stands for one level.
  static bool matches(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
      const std::size_t a = pattern.find('/', 1);
      const std::size_t b = path.find('/', 1);
      const std::string_view level = pattern.substr(0, a);
      if (!level.starts_with("/{") && level != path.substr(0, b)) return false;
      pattern = a == std::string_view::npos ? std::string_view() : pattern.substr(a);
      path = b == std::string_view::npos ? std::string_view() : path.substr(b);
    }
    return pattern.empty() && path.empty();
  }
  patchbay_status add(patchbay_str method, patchbay_str path, patchbay_route_fn fn, void* self) {
    if (const auto failed = core_.enter("routes.add"); failed != PATCHBAY_OK) return failed;
    if (!core_.inside_start) core_.violation("routes.add outside start()");
    for (const auto& each : all_) {
      if (each.method == text(method) && each.path == text(path)) return PATCHBAY_EXISTS;
    }
    all_.push_back({std::string(text(method)), std::string(text(path)), fn, self});
    return PATCHBAY_OK;
  }
  patchbay_status respond(std::uint64_t id, std::uint32_t status, patchbay_str type, patchbay_bytes body) {
    const std::lock_guard lock(core_.mutex);
    core_.enter("routes.respond", false);
    if (status < 200 || status > 599) return PATCHBAY_INVALID;
    const auto found = open_.find(id);
    if (found == open_.end()) return PATCHBAY_STALE;
    *found->second = {status, std::string(text(type)), std::string(text(body))};
    open_.erase(found);
    return PATCHBAY_OK;
  }
  patchbay_routes table_{};
  std::vector<entry> all_;
  std::map<std::uint64_t, std::shared_ptr<response>> open_;
};

/// Services that several fake hosts may share: one for each provider, and who wants which.
struct service_board {
  struct provider {
    const void* owner;
    std::string id, name;
    std::uint32_t revision;
    const void* table;
    void* self;
  };
  struct lease {
    const void* owner;
    std::string id, name;
    std::uint32_t minimum_revision;
    patchbay_service_up_fn up;
    patchbay_service_down_fn down;
    void* self;
    const provider* holds = nullptr;
    bool waits = true;
  };
  std::vector<std::unique_ptr<provider>> providers;
  std::map<std::uint64_t, lease> leases;
  static inline std::atomic<std::uint64_t> numbers = 0;  ///< of leases, on all boards

  /// Tells those who wait of a provider that fits.
  void match() {
    for (auto& [id, each] : leases) {
      if (each.holds != nullptr || !each.waits) continue;
      for (const auto& p : providers) {
        if (p->id != each.id || (!each.name.empty() && p->name != each.name) || p->revision < each.minimum_revision)
          continue;
        each.holds = p.get();
        const role_scope role(PATCHBAY_THREAD_CONTROL);
        each.up(each.self, id, p->table, p->self, p->revision);
        break;
      }
    }
  }
  /// The provider goes: every user is told and must give back.
  void withdraw(const void* owner) {
    for (auto& [id, each] : leases) {
      if (each.holds == nullptr || each.holds->owner != owner) continue;
      const role_scope role(PATCHBAY_THREAD_CONTROL);
      each.down(each.self, id);
    }
    std::erase_if(providers, [&](const auto& p) { return p->owner == owner; });
  }
  std::size_t held_by(const void* owner) const {
    return static_cast<std::size_t>(std::count_if(leases.begin(), leases.end(), [&](const auto& each) {
      return each.second.owner == owner && each.second.holds != nullptr;
    }));
  }
  std::size_t users_of(const void* owner) const {
    return static_cast<std::size_t>(std::count_if(leases.begin(), leases.end(), [&](const auto& each) {
      return each.second.holds != nullptr && each.second.holds->owner == owner;
    }));
  }
};

class registry : public part<registry> {
 public:
  explicit registry(core& shared) : part(shared), board_(std::make_shared<service_board>()) {
    table_.size = sizeof table_;
    table_.provide = [](const patchbay_host* h, patchbay_str id, patchbay_str name, std::uint32_t revision,
                        const void* table, void* self) { return of(h).provide(id, name, revision, table, self); };
    table_.acquire = [](const patchbay_host* h, patchbay_str id, patchbay_str name, std::uint32_t minimum,
                        patchbay_service_up_fn up, patchbay_service_down_fn down, void* self,
                        std::uint64_t* out) { return of(h).acquire(id, name, minimum, up, down, self, out); };
    table_.release = [](const patchbay_host* h, std::uint64_t id, std::uint32_t again) {
      return of(h).release(id, again);
    };
    admin_.size = sizeof admin_;
    admin_.list = [](const patchbay_host* h, void (*fn)(void*, patchbay_str, patchbay_str, patchbay_str), void* self) {
      for (const auto& [name, state] : of(h).instances) fn(self, str(name), str(state), str(""));
      return core_of(h).enter("admin.list", false);
    };
    admin_.start = [](const patchbay_host* h, patchbay_str name) { return of(h).change(name, "started"); };
    admin_.stop = [](const patchbay_host* h, patchbay_str name) { return of(h).change(name, "stopped"); };
    shared.interfaces[PATCHBAY_REGISTRY_1] = &table_;
    shared.interfaces[PATCHBAY_ADMIN_1] = &admin_;
  }
  /// Lets the plugins of two fake hosts find each other: what `other` offers is offered here too, until it is
  /// withdrawn.
  void adopt(registry& other) {
    for (auto& each : other.board_->providers) board_->providers.push_back(std::move(each));
    board_->leases.merge(other.board_->leases);
    other.board_ = board_;
    board_->match();
  }
  const std::shared_ptr<service_board>& board() const { return board_; }
  std::size_t leases() const { return board_->held_by(&core_); }
  std::size_t users() const { return board_->users_of(&core_); }
  void started() { board_->match(); }
  void withdraw() { board_->withdraw(&core_); }
  void forget() {
    std::erase_if(board_->leases, [&](const auto& each) { return each.second.owner == &core_; });
  }
  std::map<std::string, std::string> instances;  ///< for admin: name -> state

 private:
  patchbay_status provide(patchbay_str id, patchbay_str name, std::uint32_t revision, const void* table, void* self) {
    if (const auto failed = core_.enter("registry.provide"); failed != PATCHBAY_OK) return failed;
    if (!core_.inside_start) core_.violation("registry.provide outside start()");
    for (const auto& each : board_->providers) {
      if (each->id == text(id) && each->name == text(name)) return PATCHBAY_EXISTS;
    }
    board_->providers.push_back(std::make_unique<service_board::provider>(
        service_board::provider{&core_, std::string(text(id)), std::string(text(name)), revision, table, self}));
    return PATCHBAY_OK;
  }
  patchbay_status acquire(patchbay_str id, patchbay_str name, std::uint32_t minimum, patchbay_service_up_fn up,
                          patchbay_service_down_fn down, void* self, std::uint64_t* out) {
    if (const auto failed = core_.enter("registry.acquire"); failed != PATCHBAY_OK) return failed;
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    *out = ++board_->numbers;
    board_->leases[*out] = {&core_, std::string(text(id)), std::string(text(name)), minimum, up, down, self, nullptr,
                            true};
    board_->match();
    return PATCHBAY_OK;
  }
  patchbay_status release(std::uint64_t id, std::uint32_t again) {
    core_.enter("registry.release", false);
    const auto found = board_->leases.find(id);
    if (found == board_->leases.end()) return PATCHBAY_NOT_FOUND;
    found->second.holds = nullptr;
    if (again == 0) board_->leases.erase(found);
    return PATCHBAY_OK;
  }
  patchbay_status change(patchbay_str name, const char* state) {
    const auto found = instances.find(std::string(text(name)));
    if (found == instances.end()) return PATCHBAY_NOT_FOUND;
    found->second = state;
    return PATCHBAY_OK;
  }
  patchbay_registry table_{};
  patchbay_admin admin_{};
  std::shared_ptr<service_board> board_;
};

}  // namespace patchbay::testing
