#include "admin/upload_grants.h"

#include <algorithm>
#include <utility>

#include "admin/text_case.h"

namespace patchbay::admin {

void UploadGrants::allow(std::string instance, std::string sha256, std::vector<std::string> permissions) {
  const std::lock_guard lock(mutex_);
  if (grants_.size() == kMaximum) grants_.pop_front();
  grants_.push_back(
      {std::move(instance), in_small_letters(sha256), std::move(permissions), clock_.steady_ms() + kLifeMs});
}

std::optional<UploadGrant> UploadGrants::take(const std::string& instance, const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  std::erase_if(grants_, [now_ms = clock_.steady_ms()](const UploadGrant& grant) { return grant.until_ms <= now_ms; });
  const auto found = std::find_if(grants_.begin(), grants_.end(), [&](const UploadGrant& grant) {
    return grant.instance == instance && grant.sha256 == sha256;
  });
  if (found == grants_.end()) return std::nullopt;
  UploadGrant grant = std::move(*found);
  grants_.erase(found);
  return grant;
}

}  // namespace patchbay::admin
