#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "mqtt/properties.h"
#include "mqtt/qos.h"

namespace patchbay::mqtt {

class MessageRef;

/// Where a message came from and how it is to be treated; bits of MessageFields::flags.
struct MessageFlags {
  static constexpr uint16_t will = 1;          // Published for a client that is gone.
  static constexpr uint16_t system = 2;        // Made by the broker itself ($SYS).
  static constexpr uint16_t from_bridge = 4;   // Publisher is a bridge: retain is kept as published.
  static constexpr uint16_t retained = 8;      // Comes from the retained store, not from a publisher now.
  static constexpr uint16_t from_node = 16;    // Came from another node; is not sent to nodes again.
  static constexpr uint16_t from_plugin = 32;  // Publisher is a plugin; see Message::origin_instance().

  /// Three bits above: how many plugins stand before this message, each of which published because of the one before.
  static constexpr unsigned kPluginDepthShift = 6;
  static constexpr uint16_t kMaximumPluginDepth = 7;
  static constexpr uint16_t with_plugin_depth(uint16_t depth) {
    return static_cast<uint16_t>(from_plugin | (depth & kMaximumPluginDepth) << kPluginDepthShift);
  }
};

/// All that a message holds, as views. To change a message, take fields(), change them and create a new one.
struct MessageFields {
  std::string_view topic;
  std::string_view publisher_client_id;
  std::span<const uint8_t> payload;
  ForwardableProperties properties;
  Qos qos = Qos::at_most_once;
  bool retain = false;
  uint16_t flags = 0;
  std::optional<uint32_t> message_expiry_interval_s;
  int64_t received_at_ms = 0;       // Steady clock.
  int64_t received_at_unix_ms = 0;  // Wall clock.
  uint64_t publisher_handle = 0;    // The publishing session, or with from_plugin the plugin's instance; 0: none.
};

/// The application message: one counted, immutable block that every receiver shares. Header, topic, publisher,
/// properties and payload lie in one allocation. [any-thread]
class Message final {
 public:
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  /// Copies everything into a new block. The topic must be shorter than 64 KiB.
  static MessageRef create(const MessageFields& fields);

  std::string_view topic() const { return {text(), topic_size_}; }
  std::string_view publisher_client_id() const { return {text() + topic_size_, client_id_size_}; }
  /// Encoded; nothing but forwardable properties, ready to be copied into a PUBLISH.
  std::span<const uint8_t> forwardable_properties() const {
    return {bytes() + topic_size_ + client_id_size_, properties_size_};
  }
  std::span<const uint8_t> payload() const {
    return {bytes() + topic_size_ + client_id_size_ + properties_size_, payload_size_};
  }

  Qos qos() const { return qos_; }
  bool retain() const { return retain_; }
  uint16_t flags() const { return flags_; }
  bool has_flag(uint16_t flag) const { return (flags_ & flag) != 0; }
  bool has_message_expiry_interval() const { return has_expiry_; }
  std::optional<uint32_t> message_expiry_interval_s() const {
    return has_expiry_ ? std::optional<uint32_t>(expiry_interval_s_) : std::nullopt;
  }
  int64_t received_at_ms() const { return received_at_ms_; }
  int64_t received_at_unix_ms() const { return received_at_unix_ms_; }
  uint64_t publisher_handle() const { return publisher_handle_; }
  /// The number of the plugin instance that published it; 0: no plugin did.
  uint64_t origin_instance() const { return has_flag(MessageFlags::from_plugin) ? publisher_handle_ : 0; }
  /// 0: a client or the broker published it; 1: a plugin, of its own accord; more: because of a plugin's message.
  uint16_t plugin_depth() const {
    return static_cast<uint16_t>(flags_ >> MessageFlags::kPluginDepthShift & MessageFlags::kMaximumPluginDepth);
  }

  /// Whether the message has outlived its expiry interval at `now_ms` (steady).
  bool is_expired(int64_t now_ms) const { return has_expiry_ && now_ms >= expires_at_ms(); }
  /// What is left of the expiry interval, in whole seconds, at least 1 while not expired. [MQTT-3.3.2-6]
  uint32_t remaining_expiry_interval_s(int64_t now_ms) const;
  /// Only with an expiry interval.
  int64_t expires_at_ms() const { return received_at_ms_ + int64_t{expiry_interval_s_} * 1000; }

  /// Views of everything; valid while this message lives.
  MessageFields fields() const;
  /// Bytes of memory that the block takes.
  size_t memory_size() const;

 private:
  friend class MessageRef;
  Message() = default;

  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(this + 1); }
  const char* text() const { return reinterpret_cast<const char*>(this + 1); }
  static void destroy(const Message* message);

  mutable std::atomic<uint32_t> references_{1};
  uint32_t payload_size_ = 0;
  uint32_t properties_size_ = 0;
  uint16_t topic_size_ = 0;
  uint16_t client_id_size_ = 0;
  uint32_t expiry_interval_s_ = 0;
  uint16_t flags_ = 0;
  Qos qos_ = Qos::at_most_once;
  bool retain_ : 1 = false;
  bool has_expiry_ : 1 = false;
  int64_t received_at_ms_ = 0;
  int64_t received_at_unix_ms_ = 0;
  uint64_t publisher_handle_ = 0;
};

/// One share of a message. Copying counts, moving does not. Different MessageRefs to one message may live on different
/// threads; one MessageRef belongs to one thread at a time.
class MessageRef {
 public:
  MessageRef() = default;
  MessageRef(const MessageRef& other) : message_(other.message_) {
    if (message_ != nullptr) message_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  MessageRef(MessageRef&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
  MessageRef& operator=(MessageRef other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~MessageRef() { release(); }

  /// Adds `count` shares at once, to be taken over by adopt(): one atomic operation for a whole fan-out.
  void add_shares(uint32_t count) const { message_->references_.fetch_add(count, std::memory_order_relaxed); }
  /// Takes over a share that add_shares() or detach() left behind.
  static MessageRef adopt(const Message* message) { return MessageRef(message); }
  /// Gives the share away as a plain pointer; adopt() takes it back.
  const Message* detach() { return std::exchange(message_, nullptr); }

  const Message* get() const { return message_; }
  const Message& operator*() const { return *message_; }
  const Message* operator->() const { return message_; }
  explicit operator bool() const { return message_ != nullptr; }
  void reset() {
    release();
    message_ = nullptr;
  }

  /// True where nobody else holds a share.
  bool rc_unique() const { return message_->references_.load(std::memory_order_acquire) == 1; }
  uint32_t use_count() const { return message_ == nullptr ? 0 : message_->references_.load(std::memory_order_relaxed); }

  friend bool operator==(const MessageRef& left, const MessageRef& right) { return left.message_ == right.message_; }

 private:
  friend class Message;
  explicit MessageRef(const Message* message) : message_(message) {}

  void release() {
    if (message_ == nullptr) return;
    // Who holds the only share need not tell anybody: nobody else can take one.
    if (rc_unique() || message_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) Message::destroy(message_);
  }

  const Message* message_ = nullptr;
};

}  // namespace patchbay::mqtt
