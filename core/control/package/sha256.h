#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace patchbay::package {

/// A SHA-256 that takes its input in pieces. [any-thread], one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(const void* bytes, size_t size);
  /// 64 small hexadecimal digits. The last call on the object.
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The SHA-256 of a text in one piece, as `finish` writes it. Leaves nothing of the text behind. [any-thread]
[[nodiscard]] std::string sha256_text(std::string_view text);

/// Whether the text is a SHA-256 as `finish` writes it, in either case. [any-thread]
[[nodiscard]] bool is_sha256_text(std::string_view text);

}  // namespace patchbay::package
