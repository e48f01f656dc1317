#include "admin/http_handler.h"

#include <exception>
#include <utility>

#include "admin/error_codes.h"
#include "base/log.h"

namespace patchbay::admin {

namespace {

ApiResponse failed(const std::exception& error) {
  base::log(base::LogArea::admin, base::LogLevel::error, "a request has failed", {{"error", error.what()}});
  return ApiResponse::error(500, code::kInternalError, "the server has failed, its log says how");
}

}  // namespace

Admission admission_of(HttpHandler& handler, const HttpHead& head, std::string_view peer_address) {
  Admission admission;
  try {
    admission = handler.admit(head, peer_address);
  } catch (const std::exception& error) {
    admission.answer = failed(error);
  }
  const uint64_t length = head.content_length.value_or(0);
  if (!admission.answer && length > admission.body_bytes_max)
    admission.answer = ApiResponse::error(413, code::kPayloadTooLarge,
                                          "the body has " + std::to_string(length) + " bytes, at most " +
                                              std::to_string(admission.body_bytes_max) + " are allowed here");
  return admission;
}

ApiResponse handled(const Admission& admission, std::string body) {
  try {
    return admission.handle(std::move(body));
  } catch (const std::exception& error) {
    return failed(error);
  }
}

Begun begun(const Admission& admission, std::string body, AnswerLater later) {
  try {
    return admission.begin(std::move(body), std::move(later));
  } catch (const std::exception& error) {
    return {failed(error), {}};
  }
}

}  // namespace patchbay::admin
