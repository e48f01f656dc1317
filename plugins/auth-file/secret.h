#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>

namespace patchbay::auth_file {

/// A password that is wiped where it is not needed any more, also where it was before it was moved.
class Secret {
 public:
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(Secret&& from) : text_(from.text_) { from.wipe(); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  void wipe() { OPENSSL_cleanse(text_.data(), text_.size()); }
  std::string text_;
};

}  // namespace patchbay::auth_file
