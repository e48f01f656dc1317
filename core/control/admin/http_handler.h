#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "admin/api_response.h"
#include "admin/http_head.h"

namespace patchbay::admin {

/// Makes an answer out of what somebody found out; called by the thread that sends it.
using AnswerMaker = std::function<ApiResponse()>;
/// Takes the answer of a request that was begun: at most once, from any thread; never waits. Where it is not called,
/// the request is answered by `Begun::late` when its time is over.
using AnswerLater = std::function<void(AnswerMaker)>;

/// A request that was begun by a thread that must not wait.
struct Begun {
  std::optional<ApiResponse> answer;  ///< nothing: it comes later
  AnswerMaker late;                   ///< of a request that is answered later, and was not in time
};

/// How long the answer of a request that was begun is awaited.
inline constexpr uint64_t kBegunAnswerMs = 5'000;

/// What is to become of a request whose head has come.
struct Admission {
  std::optional<ApiResponse> answer;  ///< decided already; the body is not looked at
  uint64_t body_bytes_max = 0;        ///< larger bodies get 413
  std::function<ApiResponse(std::string body)> handle;
  /// Of a request that is_prompt(): the same without waiting.
  std::function<Begun(std::string body, AnswerLater later)> begin;
};

/// Role: what the HTTP server serves. Called by several threads at once.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Decides from the head alone: who may send a body at all is known before it is read.
  [[nodiscard]] virtual Admission admit(const HttpHead& head, std::string_view peer_address) = 0;
  /// Whether the request will be answered without waiting for anybody, or later: it may then be begun by the thread
  /// that collects the requests of all connections, and costs no other thread's waking.
  [[nodiscard]] virtual bool is_prompt(const HttpHead& head) const {
    static_cast<void>(head);
    return false;
  }
};

/// What the handler decides, with two things that it need not know: a body that is too large is answered, and so is a
/// handler that throws. What nobody has foreseen costs the request, not the node.
[[nodiscard]] Admission admission_of(HttpHandler& handler, const HttpHead& head, std::string_view peer_address);
/// The answer of an admitted request; of one whose handler throws, 500.
[[nodiscard]] ApiResponse handled(const Admission& admission, std::string body);
/// The same for a request that is begun.
[[nodiscard]] Begun begun(const Admission& admission, std::string body, AnswerLater later);

}  // namespace patchbay::admin
