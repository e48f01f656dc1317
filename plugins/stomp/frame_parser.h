// Bytes to frames. No input, no output: whoever has bytes asks, and keeps what was not consumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "frame.h"
#include "version.h"

namespace patchbay::stomp {

struct FrameLimits {
  std::uint32_t maximum_headers = 100;
  std::uint32_t maximum_header_length = 4096;  ///< bytes of one line
  std::uint32_t maximum_body_length = 1'048'576;
};

enum class ParseStatus : std::uint8_t { more, frame, malformed, too_large };

struct ParseResult {
  ParseStatus status = ParseStatus::more;
  std::size_t consumed = 0;  ///< also when more is needed: line ends between frames
  std::size_t need = 0;      ///< more: how many bytes, behind the consumed ones, must be there; 0: any
  std::string_view message;  ///< malformed, too_large: a sentence for the ERROR frame
};

/// Reads one frame after the other. Remembers how far it has looked, so that a frame that comes byte by byte costs no
/// more than one that comes at once.
class FrameParser {
 public:
  /// `bytes`: what was not consumed before, then what is new. With status frame the views of `frame` point into it.
  /// After malformed and too_large there is nothing to go on with.
  [[nodiscard]] ParseResult next(std::string_view bytes, Version version, const FrameLimits& limits, Frame& frame);

 private:
  [[nodiscard]] ParseResult scan_head(std::string_view rest, Version version, const FrameLimits& limits);
  [[nodiscard]] ParseResult end_line(std::string_view line, Version version, const FrameLimits& limits);
  [[nodiscard]] ParseResult scan_body(std::string_view rest, const FrameLimits& limits, Frame& frame);
  [[nodiscard]] static std::string_view split_head(std::string_view head, Version version, Frame& frame);

  std::size_t scanned_ = 0;     ///< of the frame's bytes: looked at already
  std::size_t line_begin_ = 0;  ///< of the line that is not whole yet
  std::size_t lines_ = 0;       ///< whole ones, the command included
  std::size_t head_size_ = 0;   ///< 0: the head is not whole yet
  std::optional<std::uint64_t> content_length_;
};

}  // namespace patchbay::stomp
