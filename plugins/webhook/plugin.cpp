// Events out over HTTP: settings, routes, and the life of a Webhook. What it does stands in webhook.h.
#include <patchbay/plugin.hpp>
#include <patchbay/routes.hpp>

#include "json_text.h"
#include "webhook.h"

namespace patchbay::webhook {

struct WebhookPlugin final : patchbay::plugin<WebhookPlugin, Settings> {
  using plugin::plugin;

  void check(const Settings& settings, patchbay::error_list& errors) const { check_settings(settings, errors); }
  status configure(const Settings&) const { return running_ ? PATCHBAY_NEEDS_RESTART : PATCHBAY_OK; }

  void start() {
    running_ = std::make_unique<Webhook>(host(), settings());
    routes_.add("GET", "/health", [this](const patchbay::request&) {
      const bool well = running_->down().empty();
      return patchbay::reply::json(running_->status_json(), well ? 200 : 503);
    });
    routes_.add("GET", "/targets",
                [this](const patchbay::request&) { return patchbay::reply::json(running_->status_json()); });
    routes_.add("POST", "/targets/{name}/test", [this](const patchbay::request& r) { return test(r); });
    running_->start();
  }
  void stop() {
    if (running_) running_->stop();
  }
  patchbay::health_report health() {
    using report = patchbay::health_report;
    const auto down = running_ ? running_->down() : std::vector<std::string>();
    const size_t targets = running_ ? running_->targets() : 0;
    if (down.empty()) return report::healthy(std::to_string(targets) + " targets");
    std::string line = "down: ";
    for (const auto& each : down) line.append(each).append(each == down.back() ? "" : ", ");
    return down.size() < targets ? report::connecting(line) : report::down(line);
  }

 private:
  patchbay::reply test(const patchbay::request& request) {
    const uint64_t number = request.number();
    const bool known = running_->test(request.parameter("name"), [this, number](const support::HttpResponse& response) {
      const bool well = response.error == support::HttpError::none && response.status >= 200 && response.status < 300;
      std::string out = well ? "{\"result\":\"arrived\"" : "{\"result\":\"failed\"";
      out += ",\"status\":" + std::to_string(response.status) + ",\"error\":";
      append_quoted(out, response.error == support::HttpError::none ? "" : support::http_error_name(response.error));
      out += ",\"text\":";
      append_quoted(out, response.error_text);
      routes_.respond(number, patchbay::reply::json(out + "}", well ? 200 : 502));
    });
    if (known) return patchbay::reply::later();
    return patchbay::reply::json(R"({"code":"NOT_FOUND","message":"no target has this name"})", 404);
  }
  patchbay::routes routes_{host()};
  std::unique_ptr<Webhook> running_;
};

}  // namespace patchbay::webhook

PATCHBAY_PLUGIN(patchbay::webhook::WebhookPlugin)
