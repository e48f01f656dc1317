#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/http_message.h"

namespace patchbay::webhook {

/// Requests wait until the test answers them.
class FakeTransport final : public support::HttpTransport {
 public:
  uint64_t send(support::HttpRequest request, Done done) override {
    const uint64_t number = ++last_;
    open_[number] = {std::move(request), std::move(done)};
    return number;
  }
  void cancel(uint64_t request) override { open_.erase(request); }

  [[nodiscard]] size_t open() const { return open_.size(); }
  /// The bodies of all that wait, oldest first.
  [[nodiscard]] std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& [number, each] : open_) out.push_back(each.first.body);
    return out;
  }
  [[nodiscard]] const support::HttpRequest& oldest() const { return open_.begin()->second.first; }
  /// Answers the oldest; its body.
  std::string answer(uint32_t status, std::optional<std::chrono::seconds> retry_after = {}) {
    support::HttpResponse response;
    response.status = status;
    response.retry_after = retry_after;
    return answer_with(std::move(response));
  }
  std::string fail(support::HttpError error) {
    support::HttpResponse response;
    response.error = error;
    response.error_text = "no luck";
    return answer_with(std::move(response));
  }
  std::string answer_with(support::HttpResponse response) {
    auto [request, done] = std::move(open_.begin()->second);
    open_.erase(open_.begin());
    done(std::move(response));
    return request.body;
  }

 private:
  std::map<uint64_t, std::pair<support::HttpRequest, Done>> open_;
  uint64_t last_ = 0;
};

}  // namespace patchbay::webhook
