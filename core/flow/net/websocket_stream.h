#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "connection/stream.h"
#include "net/listener_state.h"
#include "net/websocket_frame.h"
#include "net/websocket_text.h"

namespace patchbay::net {

struct WebSocketHandshake;

/// WebSocket on top of another stream: binary frames carry the bytes, wherever packets begin and end [MQTT-6.0.0-2].
/// Where the listener speaks another protocol than MQTT, text frames carry bytes too; what is written is binary always.
/// Frames are taken apart in the reader's own buffer and put together around the writer's pieces: no copy, no buffer.
/// [shard]
class WebSocketStream final : public connection::Stream {
 public:
  WebSocketStream(std::unique_ptr<connection::Stream> inner, const ListenerState& listener);
  ~WebSocketStream() override;

  [[nodiscard]] connection::StreamResult read(std::span<uint8_t> into) override;
  [[nodiscard]] connection::StreamResult write(std::span<const std::span<const uint8_t>> pieces) override;
  [[nodiscard]] bool has_pending_output() const override;
  void close() override;
  [[nodiscard]] bool finish_sending() override;
  [[nodiscard]] connection::StreamResult discard(size_t limit) override { return inner_->discard(limit); }
  void watch(connection::StreamWatcher* watcher) override;
  void request_turn() override { inner_->request_turn(); }
  [[nodiscard]] const session::PeerInfo& peer() const override { return inner_->peer(); }
  [[nodiscard]] bool established() const override { return open_; }
  void describe(connection::TransportHints& hints) const override;

 private:
  struct Extra;
  struct Opening;
  static constexpr size_t kPieces = 64;
  static constexpr size_t kPendingLimit = 1024;  ///< bytes of control frames that wait; further pongs are dropped
  static constexpr int kReadsWithoutData = 16;   ///< then others have their turn

  /// The close frame, if there is room for it.
  void say_goodbye();

  // The opening handshake.
  [[nodiscard]] connection::StreamStatus shake_hands();
  [[nodiscard]] WebSocketHandshake answer_request(std::string_view request) const;
  [[nodiscard]] connection::StreamStatus read_request();
  [[nodiscard]] connection::StreamStatus failed_handshake(const char* why);

  // Input.
  [[nodiscard]] connection::StreamResult read_raw(std::span<uint8_t> into);
  /// Takes the frames in `bytes` apart, leaving their payload at its front; returns the payload's size.
  [[nodiscard]] size_t take_frames(std::span<uint8_t> bytes);
  [[nodiscard]] bool begin_frame();
  [[nodiscard]] bool begin_message();
  [[nodiscard]] bool end_data_frame();
  [[nodiscard]] bool end_control_frame();
  void violation(WebSocketCloseCode code);

  // Output.
  void queue_control(WebSocketOpcode opcode, std::span<const uint8_t> payload);
  [[nodiscard]] connection::StreamStatus flush_pending();
  [[nodiscard]] connection::StreamResult write_frame(std::span<const std::span<const uint8_t>> pieces);
  Extra& extra();
  void drop_extra_when_empty();

  std::unique_ptr<connection::Stream> inner_;
  const ListenerState& listener_;
  std::unique_ptr<const Opening> opening_;  ///< what was asked for: there only where conn.detect wants to know
  std::unique_ptr<Extra> extra_;            ///< handshake and control frames: there only while needed
  uint64_t payload_left_ = 0;               ///< of the frame being read
  uint64_t frame_left_ = 0;                 ///< of the frame being written
  WebSocketFrameHeader header_;
  WebSocketHeaderReader header_reader_;
  std::array<uint8_t, 10> out_header_;
  uint8_t out_header_size_ = 0;
  uint8_t out_header_sent_ = 0;
  WebSocketCloseCode close_code_ = WebSocketCloseCode::normal;
  WebSocketText text_;  ///< of the message that comes, if it is text
  bool open_ : 1 = false;
  bool in_frame_ : 1 = false;
  bool in_message_ : 1 = false;  ///< a message's first frame has come, its last has not
  bool text_message_ : 1 = false;
  bool failed_ : 1 = false;
  bool peer_closed_ : 1 = false;
  bool close_sent_ : 1 = false;
};

}  // namespace patchbay::net
