#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/mailbox.h"

namespace patchbay::base {

/// A second door into a shard, for mail that has time: it is run in the shard's next turn, whatever that is for, and
/// wakes nobody. A shard that is busy comes by soon, and then the mail costs it no turn of its own; one that sleeps
/// does not, so who has posted calls hurry() when it has waited long enough. Lock-free. There is no order between this
/// mail and that of the shard's Mailbox.
class PatientMailbox {
 public:
  /// `wake` is called by hurry(); it must make the owner call drain() soon.
  PatientMailbox(Mailbox::Wake wake, void* context) : wake_(wake), context_(context), mail_([](void*) {}, nullptr) {}
  PatientMailbox(const PatientMailbox&) = delete;
  PatientMailbox& operator=(const PatientMailbox&) = delete;
  ~PatientMailbox() = default;

  /// [any-thread]
  void post(std::unique_ptr<Mail> mail) { mail_.post(std::move(mail)); }
  /// Wakes the owner where mail waits. [any-thread]
  void hurry() {
    if (!mail_.empty()) wake_(context_);
  }
  /// Runs all mail that was there when called; returns how much. [owner shard]
  size_t drain() { return mail_.empty() ? 0 : mail_.drain(); }

 private:
  Mailbox::Wake wake_;
  void* context_;
  Mailbox mail_;
};

}  // namespace patchbay::base
