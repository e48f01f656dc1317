// Log-ins and permissions by a server that is asked over HTTP: settings, hooks, and the thread that asks.
#include <patchbay/hook_options.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/workers.hpp>

#include "questions.h"
#include "subject.h"
#include "support/http_client.h"

namespace patchbay::auth_http {

struct AuthHttp final : patchbay::plugin<AuthHttp, Settings> {
  using plugin::plugin;

  void check(const Settings& settings, patchbay::error_list& errors) const { check_settings(settings, errors); }
  status configure(const Settings&) const { return questions_ ? PATCHBAY_NEEDS_RESTART : PATCHBAY_OK; }

  void start() {
    const size_t pool = settings().pool_size;
    client_ = std::make_unique<support::HttpClient>(support::HttpLimits{pool, 2 * pool});
    questions_ =
        std::make_unique<Questions>(host(), host().need<patchbay_answers>(PATCHBAY_ANSWERS_1), settings(), *client_);
    if (questions_->has_authentication()) add<PATCHBAY_HOOK_auth_authenticate>("auth.authenticate");
    if (questions_->has_authorization()) {
      add<PATCHBAY_HOOK_acl_publish>("acl.publish");
      add<PATCHBAY_HOOK_acl_subscribe>("acl.subscribe");
    }
    thread_ = patchbay::thread(host(), "auth-http", [this](const patchbay::thread::stop_flag&) {
      while (!stopping_) client_->run_once(std::chrono::milliseconds(1'000));
    });
  }
  void stop() {
    stopping_ = true;
    if (client_) client_->wake();
    thread_.join();
    if (questions_) questions_->end();
  }

  void on_cancel(patchbay_token token) {
    if (questions_) questions_->forget(token);
  }

  patchbay::health_report health() {
    const std::string trouble = questions_ ? questions_->trouble() : "";
    if (trouble.empty()) return patchbay::health_report::healthy("asking");
    return patchbay::health_report::down(trouble);
  }

 private:
  // Registered by hand, so that a point about which nobody is to be asked costs nothing.
  template <uint32_t Hook>
  void add(std::string_view name) {
    patchbay::hook_options options(Hook, name);
    options.deadline =
        settings().request_timeout + std::chrono::milliseconds(500);  // the reply's own limit comes first
    patchbay_hook hook{};
    hook.self = this;
    hook.phase = PATCHBAY_PHASE_DECIDE;
    hook.fn = [](void* self, const void* event, patchbay_token token) noexcept {
      return static_cast<AuthHttp*>(self)->answer_to<Hook>(event, token).raw();
    };
    patchbay::require(options.add_to(host().raw(), hook), name);
  }
  template <uint32_t Hook>
  verdict answer_to(const void* event, patchbay_token token) noexcept {
    try {
      if constexpr (Hook == PATCHBAY_HOOK_auth_authenticate) {
        const auth_request asked(host().raw(), static_cast<const patchbay_authenticate_event*>(event), token);
        return questions_->authenticate(token, subject_of(asked));
      } else {
        const acl_request asked(host().raw(), static_cast<const patchbay_authorize_event*>(event), token);
        return questions_->authorize(token, subject_of(asked));
      }
    } catch (const std::exception& e) {
      host().log_error("a question can't be asked: ", e.what());
      return verdict::failed();
    }
  }
  std::unique_ptr<support::HttpClient> client_;
  std::unique_ptr<Questions> questions_;
  std::atomic<bool> stopping_{false};
  patchbay::thread thread_;
};

}  // namespace patchbay::auth_http

PATCHBAY_PLUGIN(patchbay::auth_http::AuthHttp)
