// SPDX-License-Identifier: Apache-2.0
// REST routes of an instance; each is named in the manifest's `routes`. The core does authentication, scopes, limits,
// audit.
#pragma once

#include <deque>
#include <functional>

#include "patchbay/host.hpp"

namespace patchbay {

/// What a route's function sees; valid during the call, except the number, which respond() takes.
class request {
 public:
  explicit request(const patchbay_request* raw) : raw_(raw) {}
  std::string_view method() const { return text(raw_->method); }
  std::string_view path() const { return text(raw_->path); }
  std::string_view user() const { return text(raw_->user); }
  std::string_view body() const { return as_text(span(raw_->body)); }
  std::uint64_t number() const { return raw_->request; }
  /// Of the query, or of a placeholder in the path; empty: none.
  std::string_view parameter(std::string_view name) const {
    for (std::size_t i = 0; i < raw_->parameter_count; ++i) {
      if (text(raw_->parameters[i].name) == name) return text(raw_->parameters[i].value);
    }
    return {};
  }

 private:
  const patchbay_request* raw_;
};

/// A response; an empty one means: it comes later, by respond().
struct reply {
  std::uint32_t http_status = 0;
  std::string body;
  std::string content_type = "application/json";

  static reply json(std::string text, std::uint32_t http_status = 200) {
    return {http_status, std::move(text), "application/json"};
  }
  static reply later() { return {}; }
};

/// The routes of a plugin: a member of its class. Functions run on a worker and may block. What one throws becomes
/// status 500.
class routes {
 public:
  using handler = std::function<reply(const request&)>;
  explicit routes(host of) : host_(of), table_(of.get<patchbay_routes>(PATCHBAY_ROUTES_1)) {}
  routes(const routes&) = delete;
  routes& operator=(const routes&) = delete;

  /// Only in start(). Throws what the host refuses.
  void add(std::string_view method, std::string_view path, handler what) {
    if (table_ == nullptr) throw error(PATCHBAY_DENIED, "the host doesn't offer " PATCHBAY_ROUTES_1);
    served_.push_back({this, std::move(what)});
    require(table_->add(host_.raw(), raw_text(method), raw_text(path), &serve, &served_.back()), path);
  }
  /// Answers a request. OK, STALE, INVALID. [any-thread]
  status respond(std::uint64_t number, const reply& with) const {
    return table_->respond(host_.raw(), number, with.http_status, raw_text(with.content_type),
                           raw_bytes(as_bytes(with.body)));
  }

 private:
  struct served {
    routes* of;
    handler what;
  };
  static void serve(void* self, const patchbay_request* raw) noexcept {
    const auto& route = *static_cast<served*>(self);
    try {
      const reply given = route.what(request(raw));
      if (given.http_status != 0) route.of->respond(raw->request, given);
    } catch (const std::exception& e) {
      route.of->host_.log_error(text(raw->path), " threw: ", e.what());
      route.of->table_->respond(route.of->host_.raw(), raw->request, 500, {}, {});
    } catch (...) {
      route.of->table_->respond(route.of->host_.raw(), raw->request, 500, {}, {});
    }
  }
  host host_;
  const patchbay_routes* table_;
  std::deque<served> served_;  // addresses stay
};

}  // namespace patchbay
