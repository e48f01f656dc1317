#include "message_tails.h"

namespace patchbay::stomp {

MessageTails::Place MessageTails::take(Entry& entry, patchbay::message message, const TailForm& form) {
  if (entry.message == nullptr) used_.push_back(&entry);
  entry.message = message.raw();
  entry.form = form;
  entry.held = message.hold();
  entry.tail.bytes.clear();
  return {entry.tail, false, true};
}

void MessageTails::end_batch(const patchbay_message* next_first) {
  if (patience_ > 0) --patience_;
  if (!used_.empty() && !hit_) {
    sharing_ = false;
    patience_ = kPatience;
  }
  clear();
  first_ = next_first;
}

void MessageTails::clear() {
  for (Entry* entry : used_) {
    entry->message = nullptr;
    entry->held = {};
  }
  used_.clear();
  hit_ = false;
}

}  // namespace patchbay::stomp
