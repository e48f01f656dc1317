// SPDX-License-Identifier: Apache-2.0
// What every header of the C++ layer stands on: texts, bytes, statuses, errors, writers. The layer is compiled into the
// plugin with the plugin's own compiler; only the C types of patchbay/*.h cross the boundary.
#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "patchbay/patchbay.h"

namespace patchbay {

/// Bytes that belong to somebody else.
using bytes = std::span<const std::uint8_t>;

/// A status of the ABI: PATCHBAY_OK and the others.
using status = patchbay_status;

inline std::string_view text(patchbay_str value) {
  return {value.len == 0 ? "" : value.ptr, value.len};
}
inline bytes span(patchbay_bytes value) {
  return {value.ptr, value.len};
}
inline patchbay_str raw_text(std::string_view value) {
  return {value.data(), value.size()};
}
inline patchbay_bytes raw_bytes(bytes value) {
  return {value.data(), value.size()};
}

inline std::string_view as_text(bytes value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}
inline bytes as_bytes(std::string_view value) {
  return {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
}

/// The word for a status, for logs.
inline std::string_view status_name(status value) {
  constexpr std::string_view names[] = {"OK",     "STALE",       "INVALID",   "BUSY",   "NOMEM",         "NOT_FOUND",
                                        "DENIED", "UNSUPPORTED", "TOO_LARGE", "EXISTS", "NEEDS_RESTART", "WRONG_THREAD",
                                        "CLOSED", "FAILED"};
  return value < std::size(names) ? names[value] : names[PATCHBAY_FAILED];
}

/// Thrown inside a plugin, never across the boundary: the fence around every entry turns it into an answer and a log
/// line.
class error : public std::exception {
 public:
  error(status code, std::string text) : code_(code), text_(std::move(text)) {
    text_.append(" (").append(status_name(code)).append(")");
  }
  status code() const noexcept { return code_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  status code_;
  std::string text_;
};

/// Throws `error` with `what` unless `code` is OK.
inline void require(status code, std::string_view what) {
  if (code != PATCHBAY_OK) throw error(code, std::string(what));
}

/// Where text or bytes for the host go. Borrowed for the call that brought it.
class writer {
 public:
  explicit writer(patchbay_writer* raw) : raw_(raw) {}
  /// Appends; without a receiver nothing happens. OK, TOO_LARGE.
  status write(std::string_view value) const {
    return raw_ == nullptr ? PATCHBAY_OK : raw_->write(raw_, value.data(), value.size());
  }
  status write(bytes value) const { return write(as_text(value)); }

 private:
  patchbay_writer* raw_;
};

/// A writer of our own, to receive what the host writes: pass `&raw` and read `value`.
struct string_writer {
  std::string value;
  patchbay_writer raw{sizeof(patchbay_writer), 0, this, &append};

  string_writer() = default;
  string_writer(const string_writer&) = delete;
  string_writer& operator=(const string_writer&) = delete;

 private:
  static patchbay_status append(patchbay_writer* to, const void* data, std::size_t len) noexcept {
    try {
      static_cast<string_writer*>(to->ctx)->value.append(static_cast<const char*>(data), len);
      return PATCHBAY_OK;
    } catch (...) {
      return PATCHBAY_TOO_LARGE;
    }
  }
};

}  // namespace patchbay
