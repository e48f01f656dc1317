// SPDX-License-Identifier: Apache-2.0
// Secrets and the instance's own small store. [control], [worker]; made on the control thread.
#pragma once

#include <optional>

#include "patchbay/host.hpp"

namespace patchbay {

/// What must survive a restart and an upgrade; not for messages. Each call is durable when it returns.
class key_value_store {
 public:
  explicit key_value_store(host of) : host_(of), table_(of.get<patchbay_kv>(PATCHBAY_KV_1)) {}
  explicit operator bool() const { return table_ != nullptr; }

  /// Nothing: no such key. Throws FAILED.
  std::optional<std::string> get(std::string_view key) const {
    string_writer out;
    const status code = table().get(host_.raw(), raw_text(key), &out.raw);
    if (code == PATCHBAY_NOT_FOUND) return {};
    require(code, "kv get");
    return std::move(out.value);
  }
  /// OK, TOO_LARGE, BUSY, FAILED.
  status put(std::string_view key, std::string_view value) const {
    return table().put(host_.raw(), raw_text(key), raw_bytes(as_bytes(value)));
  }
  /// OK, NOT_FOUND, FAILED.
  status remove(std::string_view key) const { return table().remove(host_.raw(), raw_text(key)); }
  /// Calls `visit(key, value)` for each key that begins with `prefix`, in order; it returns whether to go on, and
  /// throws nothing.
  template <typename Visit>
  status scan(std::string_view prefix, Visit visit) const {
    const auto each = [](void* self, patchbay_str key, patchbay_bytes value) noexcept -> std::uint32_t {
      return (*static_cast<Visit*>(self))(text(key), as_text(span(value))) ? 0 : 1;
    };
    return table().scan(host_.raw(), raw_text(prefix), each, &visit);
  }

 private:
  const patchbay_kv& table() const {
    if (table_ == nullptr) throw error(PATCHBAY_DENIED, "the host doesn't offer " PATCHBAY_KV_1);
    return *table_;
  }
  host host_;
  const patchbay_kv* table_;
};

/// Secrets by reference. Permission: "secrets".
class secrets {
 public:
  explicit secrets(host of) : host_(of), table_(of.get<patchbay_secret>(PATCHBAY_SECRET_1)) {}
  /// Shows the value to `use(std::string_view)`; it is wiped afterwards, so copy nothing of it. OK, NOT_FOUND, DENIED,
  /// INVALID.
  template <typename Use>
  status with(std::string_view reference, Use use) const {
    if (table_ == nullptr) return PATCHBAY_DENIED;
    const auto show = [](void* self, patchbay_bytes value) noexcept {
      (*static_cast<Use*>(self))(as_text(span(value)));
    };
    return table_->resolve(host_.raw(), raw_text(reference), show, &use);
  }

 private:
  host host_;
  const patchbay_secret* table_;
};

}  // namespace patchbay
