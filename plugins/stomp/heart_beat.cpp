#include "heart_beat.h"

#include <algorithm>
#include <charconv>

namespace patchbay::stomp {

namespace {
/// How many intervals of silence end a connection: "because of timing inaccuracies, the receiver SHOULD be tolerant".
constexpr std::uint32_t kSilentIntervals = 2;

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t number = 0;
  const char* const last = text.data() + text.size();
  const auto read = std::from_chars(text.data(), last, number);
  if (text.empty() || read.ec != std::errc() || read.ptr != last) return std::nullopt;
  return number;
}
}  // namespace

std::optional<HeartBeatOffer> read_heart_beat(std::string_view value) {
  const std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view wants_text = value.substr(comma + 1);
  while (wants_text.starts_with(' ')) wants_text.remove_prefix(1);
  const auto sends = read_number(value.substr(0, comma));
  const auto wants = read_number(wants_text);
  if (!sends || !wants) return std::nullopt;
  return HeartBeatOffer{*sends, *wants};
}

std::string heart_beat_text(HeartBeatOffer offer) {
  return std::to_string(offer.sends_ms) + "," + std::to_string(offer.wants_ms);
}

void HeartBeat::agree(HeartBeatOffer server, HeartBeatOffer client, std::uint64_t now_ms) {
  const auto interval = [](std::uint32_t sends_ms, std::uint32_t wants_ms) {
    return sends_ms == 0 || wants_ms == 0 ? 0 : std::max(sends_ms, wants_ms);
  };
  resume(interval(server.sends_ms, client.wants_ms), interval(client.sends_ms, server.wants_ms), now_ms);
}

void HeartBeat::resume(std::uint32_t send_ms, std::uint32_t receive_ms, std::uint64_t now_ms) {
  send_ms_ = send_ms;
  receive_ms_ = receive_ms;
  // Twice as often as promised: what was written just behind a look is noticed only at the next one.
  send_due_ms_ = now_ms + std::max(send_ms_ / 2, 1u);
  look_due_ms_ = now_ms + receive_ms_;
  silent_looks_ = 0;
}

HeartBeat::Due HeartBeat::check(std::uint64_t now_ms, bool patient) {
  if (receive_ms_ != 0 && now_ms >= look_due_ms_) {
    look_due_ms_ = now_ms + receive_ms_;
    silent_looks_ = heard_ || patient ? 0 : silent_looks_ + 1;
    heard_ = false;
    if (silent_looks_ >= kSilentIntervals) return Due::timeout;
  }
  if (send_ms_ == 0 || now_ms < send_due_ms_) return Due::nothing;
  send_due_ms_ = now_ms + std::max(send_ms_ / 2, 1u);
  const bool quiet = !wrote_;
  wrote_ = false;
  return quiet ? Due::send : Due::nothing;
}

std::uint64_t HeartBeat::next_ms(std::uint64_t now_ms) const {
  std::uint64_t due_ms = UINT64_MAX;
  if (send_ms_ != 0) due_ms = send_due_ms_;
  if (receive_ms_ != 0) due_ms = std::min(due_ms, look_due_ms_);
  return due_ms > now_ms ? due_ms - now_ms : 1;
}

}  // namespace patchbay::stomp
