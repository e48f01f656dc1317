#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace patchbay::base {

/// What a decision point was told. What each kind means for a point, and which kinds it takes, stands at its event.
enum class VerdictKind : uint8_t { proceed, allow, deny, defer, replace, drop };

/// What a verdict carries beyond its sixteen bytes: an identity, a message, a topic. Made by the side that answers,
/// owned by the verdict on its way (see Verdict::owns_argument), destroyed by the side that takes it.
class VerdictArgument {
 public:
  VerdictArgument() = default;
  VerdictArgument(const VerdictArgument&) = delete;
  VerdictArgument& operator=(const VerdictArgument&) = delete;
  virtual ~VerdictArgument() = default;
};

/// An answer, sixteen bytes by value, in the shape that crosses the plugin boundary. A plain value: with
/// `owns_argument` set it must reach exactly one take_argument() or dispose().
struct Verdict {
  static constexpr uint16_t failed = 1;         ///< the hook could not answer; `kind` is deny
  static constexpr uint16_t is_fallback = 2;    ///< nobody answered: this is what counts instead; set by the core
  static constexpr uint16_t owns_argument = 4;  ///< `argument` is a VerdictArgument*
  static constexpr uint16_t hold_ack = 8;       ///< with defer at publish.accept: route now, acknowledge on completion
  static constexpr uint16_t refused = 16;       ///< with defer: no answer will come, the fallback counts at once

  VerdictKind kind = VerdictKind::proceed;
  uint8_t reason = 0;  ///< an MQTT reason code; 0 lets the point choose its own
  uint16_t flags = 0;
  uint32_t reserved = 0;
  uint64_t argument = 0;  ///< a number whose meaning belongs to the point, or an owned VerdictArgument

  [[nodiscard]] bool has(uint16_t flag) const { return (flags & flag) != 0; }

  static constexpr Verdict proceeds() { return {}; }
  static constexpr Verdict allows() { return {VerdictKind::allow}; }
  static constexpr Verdict denies(uint8_t reason = 0) { return {VerdictKind::deny, reason}; }
  static constexpr Verdict defers() { return {VerdictKind::defer}; }
  static constexpr Verdict drops() { return {VerdictKind::drop}; }
  static constexpr Verdict fails() { return {VerdictKind::deny, 0, failed}; }
  static constexpr Verdict holds_ack() { return {VerdictKind::defer, 0, hold_ack}; }
  static constexpr Verdict refuses() { return {VerdictKind::defer, 0, refused}; }
  static Verdict with(VerdictKind kind, std::unique_ptr<VerdictArgument> argument) {
    return {kind, 0, owns_argument, 0, reinterpret_cast<uintptr_t>(argument.release())};
  }
  static Verdict allows_with(std::unique_ptr<VerdictArgument> argument) {
    return with(VerdictKind::allow, std::move(argument));
  }
  static Verdict replaces_with(std::unique_ptr<VerdictArgument> argument) {
    return with(VerdictKind::replace, std::move(argument));
  }
};
static_assert(sizeof(Verdict) == 16 && std::is_trivially_copyable_v<Verdict>);

/// No opinion and nothing beside it, the usual answer: every event takes it in by doing nothing.
[[nodiscard]] inline bool says_nothing(const Verdict& verdict) {
  return verdict.kind == VerdictKind::proceed && verdict.flags == 0;
}

/// Takes the owned argument out of `verdict`, or null when there is none or it isn't a T (which is then destroyed).
template <class T>
[[nodiscard]] std::unique_ptr<T> take_argument(Verdict& verdict) {
  if (!verdict.has(Verdict::owns_argument)) return nullptr;
  std::unique_ptr<VerdictArgument> owned(reinterpret_cast<VerdictArgument*>(static_cast<uintptr_t>(verdict.argument)));
  verdict.argument = 0;
  verdict.flags = static_cast<uint16_t>(verdict.flags & ~Verdict::owns_argument);
  T* wanted = dynamic_cast<T*>(owned.get());
  if (wanted != nullptr) static_cast<void>(owned.release());
  return std::unique_ptr<T>(wanted);
}

/// Destroys what an unwanted verdict carries.
inline void dispose(Verdict& verdict) {
  static_cast<void>(take_argument<VerdictArgument>(verdict));
}

}  // namespace patchbay::base
