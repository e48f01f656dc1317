#include "base/mailbox.h"

namespace patchbay::base {

Mailbox::~Mailbox() {
  Mail* mail = head_.exchange(nullptr, std::memory_order_acquire);
  while (mail != nullptr) {
    const std::unique_ptr<Mail> owned(mail);
    mail = mail->next_;
  }
}

void Mailbox::post(std::unique_ptr<Mail> mail, uint32_t cost) {
  Mail* node = mail.release();
  node->cost_ = cost;
  cost_.fetch_add(cost, std::memory_order_relaxed);
  Mail* head = head_.load(std::memory_order_relaxed);
  do {
    node->next_ = head;
  } while (!head_.compare_exchange_weak(head, node, std::memory_order_release, std::memory_order_relaxed));
  if (head == nullptr) wake_(context_);
}

size_t Mailbox::drain() {
  // Posting pushes at the front, so the list is turned round to run mail in the order of posting.
  Mail* newest = head_.exchange(nullptr, std::memory_order_acquire);
  Mail* mail = nullptr;
  while (newest != nullptr) {
    Mail* older = newest->next_;
    newest->next_ = mail;
    mail = newest;
    newest = older;
  }
  size_t count = 0;
  while (mail != nullptr) {
    const std::unique_ptr<Mail> owned(mail);
    mail = owned->next_;
    owned->run();
    cost_.fetch_sub(owned->cost_, std::memory_order_relaxed);
    ++count;
  }
  return count;
}

}  // namespace patchbay::base
