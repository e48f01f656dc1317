// Which heart-beats two sides have agreed upon, and what is due when. (1.2, "Heart-beating")
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::stomp {

/// A heart-beat header: what a side can send, and what it wants to get, every so many ms; 0: nothing.
struct HeartBeatOffer {
  std::uint32_t sends_ms = 0;
  std::uint32_t wants_ms = 0;
};

/// Nothing: not two numbers with a comma between them.
[[nodiscard]] std::optional<HeartBeatOffer> read_heart_beat(std::string_view value);
[[nodiscard]] std::string heart_beat_text(HeartBeatOffer offer);

/// Both directions of one connection. Asked at each timer, told of traffic by two flags, so that traffic costs no look
/// at a clock.
class HeartBeat {
 public:
  enum class Due : std::uint8_t { nothing, send, timeout };

  void agree(HeartBeatOffer server, HeartBeatOffer client, std::uint64_t now_ms);
  /// The same again after an upgrade.
  void resume(std::uint32_t send_ms, std::uint32_t receive_ms, std::uint64_t now_ms);
  void heard() { heard_ = true; }
  void wrote() { wrote_ = true; }

  [[nodiscard]] bool any() const { return send_ms_ != 0 || receive_ms_ != 0; }
  [[nodiscard]] std::uint32_t send_ms() const { return send_ms_; }
  [[nodiscard]] std::uint32_t receive_ms() const { return receive_ms_; }

  /// What is to be done now. `patient`: silence is our own doing, since we don't read at the moment.
  [[nodiscard]] Due check(std::uint64_t now_ms, bool patient);
  /// When to ask again, from now on.
  [[nodiscard]] std::uint64_t next_ms(std::uint64_t now_ms) const;

 private:
  std::uint32_t send_ms_ = 0;     ///< something must leave at least this often
  std::uint32_t receive_ms_ = 0;  ///< something should come this often
  std::uint64_t send_due_ms_ = 0;
  std::uint64_t look_due_ms_ = 0;
  std::uint32_t silent_looks_ = 0;
  bool heard_ = false;
  bool wrote_ = false;
};

}  // namespace patchbay::stomp
