// Frames as tests look at them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frame_parser.h"

namespace patchbay::stomp::test {

struct Answer {
  std::string command;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  [[nodiscard]] std::string value(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return "<none>";
  }
};

/// The frames of what a server wrote; line ends between them are a frame "heart-beat".
inline std::vector<Answer> frames_of(std::string_view bytes, Version version) {
  std::vector<Answer> answers;
  FrameParser parser;
  Frame frame;
  while (!bytes.empty()) {
    const auto result = parser.next(bytes, version, {}, frame);
    bytes.remove_prefix(result.consumed);
    if (result.status != ParseStatus::frame) {
      answers.push_back({bytes.empty() ? "heart-beat" : "<rest>", {}, std::string(bytes)});
      break;
    }
    Answer& answer = answers.emplace_back(Answer{std::string(frame.command), {}, std::string(frame.body)});
    for (const Header& header : frame.headers) answer.headers.emplace_back(header.name, header.value);
  }
  return answers;
}

}  // namespace patchbay::stomp::test
