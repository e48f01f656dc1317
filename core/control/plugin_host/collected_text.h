#pragma once

#include <cstddef>
#include <string>

#include "patchbay/types.h"

namespace patchbay::plugin_host {

/// A writer for a plugin that collects what it writes, up to a bound. One call's use.
class CollectedText {
 public:
  explicit CollectedText(size_t bytes_max) : bytes_max_(bytes_max) {
    writer_.size = sizeof(writer_);
    writer_.ctx = this;
    writer_.write = &CollectedText::write;
  }
  CollectedText(const CollectedText&) = delete;
  CollectedText& operator=(const CollectedText&) = delete;

  [[nodiscard]] patchbay_writer* writer() { return &writer_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  static patchbay_status write(patchbay_writer* writer, const void* data, size_t len) {
    auto& self = *static_cast<CollectedText*>(writer->ctx);
    if (data == nullptr && len != 0) return PATCHBAY_INVALID;
    if (len > self.bytes_max_ - self.text_.size()) return PATCHBAY_TOO_LARGE;
    self.text_.append(static_cast<const char*>(data), len);
    return PATCHBAY_OK;
  }

  size_t bytes_max_;
  patchbay_writer writer_{};
  std::string text_;
};

}  // namespace patchbay::plugin_host
