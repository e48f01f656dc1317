// The parts of MESSAGE frames that are the same for several clients.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <patchbay/message.hpp>

#include "message_mapping.h"

namespace patchbay::stomp {

/// What of a MESSAGE comes behind the headers that are its client's own.
struct MessageTail {
  std::string bytes;                     ///< headers; with a small body that and the NUL too
  std::size_t separate_body_length = 0;  ///< a large body, which is not in `bytes`
  bool representable = false;            ///< whether the client's version can name the destination
};

/// The tails of a batch that is handed to one connection after the other, as in a fan-out: each is made once. Where
/// messages have one receiver each, nothing is kept: that is noticed by the first message of each batch. What is kept
/// holds its message, so that the address names it. For one shard.
class MessageTails {
 public:
  /// A connection is about to get a batch that begins with this message.
  void begin_batch(const patchbay_message* first, const void* connection) {
    const bool again = first == first_ && connection != connection_;
    connection_ = connection;
    if (again) {
      sharing_ = sharing_ || patience_ == 0;
    } else {
      end_batch(first);
    }
  }
  /// The tail of this message in this form, which is at this place of the batch (kNoPlace: it is outside of one). To be
  /// made when `made` is false. `kept`: its bytes stay as they are until the connection has had its batch; otherwise
  /// until the next call.
  struct Place {
    MessageTail& tail;
    bool made;
    bool kept;
  };
  /// The tail, if it has been made and is a whole frame's.
  [[nodiscard]] const MessageTail* made(std::size_t place, const patchbay_message* message, const TailForm& form) {
    if (!sharing_ || place >= kEntries) return nullptr;
    const Entry& entry = entries_[place];
    if (entry.message != message || entry.form != form) return nullptr;
    if (!entry.tail.representable || entry.tail.separate_body_length != 0) return nullptr;
    hit_ = true;
    return &entry.tail;
  }
  static constexpr std::size_t kNoPlace = ~std::size_t{0};
  [[nodiscard]] Place find(std::size_t place, patchbay::message message, const TailForm& form) {
    if (!sharing_ || place >= kEntries) return single();
    Entry& entry = entries_[place];
    if (entry.message == message.raw()) {
      if (entry.form != form) return single();
      hit_ = true;
      return {entry.tail, true, true};
    }
    return take(entry, message, form);
  }
  /// Gives all messages back.
  void clear();

 private:
  static constexpr std::size_t kEntries = 64;     ///< as many as a batch of the broker has at most
  static constexpr std::uint32_t kPatience = 64;  ///< batches, until another attempt is made

  struct Entry {
    const patchbay_message* message = nullptr;
    TailForm form;
    patchbay::message_ref held;
    MessageTail tail;
  };
  void end_batch(const patchbay_message* next_first);
  [[nodiscard]] Place take(Entry& entry, patchbay::message message, const TailForm& form);
  [[nodiscard]] Place single() {
    single_.bytes.clear();
    return {single_, false, false};
  }

  std::array<Entry, kEntries> entries_;
  std::vector<Entry*> used_;
  MessageTail single_;
  const patchbay_message* first_ = nullptr;
  const void* connection_ = nullptr;
  std::uint32_t patience_ = 0;
  bool hit_ = false;
  bool sharing_ = false;
};

}  // namespace patchbay::stomp
