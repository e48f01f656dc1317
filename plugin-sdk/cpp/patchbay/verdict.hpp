// SPDX-License-Identifier: Apache-2.0
// Answers of hooks. Those that carry something (a grant, another message) are made by answers.hpp.
#pragma once

#include "patchbay/base.hpp"

namespace patchbay {

/// What a hook answers, by value. The empty one has no opinion: the next plugin is asked.
class verdict {
 public:
  constexpr verdict() = default;
  explicit constexpr verdict(patchbay_verdict raw) : raw_(raw) {}

  static constexpr verdict cont() { return {}; }
  /// `number` where the point takes one: a QoS plus one, the index of a member, what to drop.
  static constexpr verdict allow(std::uint64_t number = 0) { return make(PATCHBAY_ALLOW, 0, 0, number); }
  /// `reason`: an MQTT 5 reason code; 0: the one that belongs to the point.
  static constexpr verdict deny(std::uint8_t reason = 0) { return make(PATCHBAY_DENY, reason, 0, 0); }
  static constexpr verdict drop() { return make(PATCHBAY_DROP, 0, 0, 0); }
  /// The plugin could not answer (its back end is down): the operator's fallback counts.
  static constexpr verdict failed() { return make(PATCHBAY_DENY, 0, PATCHBAY_VERDICT_FAILED, 0); }
  /// The same by a fault of its own: what the layer answers for a hook that has thrown.
  static constexpr verdict threw() {
    return make(PATCHBAY_DENY, 0, PATCHBAY_VERDICT_FAILED | PATCHBAY_VERDICT_THREW, 0);
  }
  /// The answer comes later, by complete() with the hook's token.
  static constexpr verdict defer() { return make(PATCHBAY_DEFER, 0, 0, 0); }
  /// At publish.accept: route now, acknowledge when the token is completed.
  static constexpr verdict hold_ack() { return make(PATCHBAY_DEFER, 0, PATCHBAY_VERDICT_HOLD_ACK, 0); }
  /// An answer with a handle of patchbay_answers; 0, an answer that could not be made, is a failure.
  static constexpr verdict with(std::uint8_t kind, std::uint64_t handle) {
    return handle == 0 ? failed() : make(kind, 0, PATCHBAY_VERDICT_ARG, handle);
  }

  constexpr std::uint8_t kind() const { return raw_.kind; }
  constexpr bool decided() const { return raw_.kind != PATCHBAY_CONTINUE; }
  constexpr const patchbay_verdict& raw() const { return raw_; }
  friend constexpr bool operator==(const verdict& a, const verdict& b) {
    return a.raw_.kind == b.raw_.kind && a.raw_.reason == b.raw_.reason && a.raw_.flags == b.raw_.flags &&
           a.raw_.arg == b.raw_.arg;
  }

 private:
  static constexpr verdict make(std::uint8_t kind, std::uint8_t reason, std::uint16_t flags, std::uint64_t arg) {
    return verdict(patchbay_verdict{kind, reason, flags, 0, arg});
  }
  patchbay_verdict raw_{};
};

/// The answer of a transform where a point has both phases: a hook that returns `change` runs in the phase transform,
/// one that returns `verdict` decides. Any verdict converts.
class change : public verdict {
 public:
  constexpr change() = default;
  constexpr change(verdict value) : verdict(value) {}  // NOLINT: meant to convert
  static constexpr change none() { return {}; }
};

}  // namespace patchbay
