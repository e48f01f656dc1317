#include "base/mailbox.h"

namespace patchbay::base {

namespace {

/// Its address tells threads apart.
thread_local char thread_mark = 0;

}  // namespace

Mailbox::~Mailbox() {
  destroy(take_far());
  destroy(take_near());
}

void Mailbox::destroy(Mail* mail) {
  while (mail != nullptr) {
    const std::unique_ptr<Mail> owned(mail);
    mail = mail->next_;
  }
}

/// Who finds his own mark is the running thread, for nobody else writes or takes away that mark.
bool Mailbox::is_run_here() const {
  return runner_.load(std::memory_order_relaxed) == &thread_mark;
}

void Mailbox::post(std::unique_ptr<Mail> mail, uint32_t cost) {
  mail->cost_ = cost;
  if (is_run_here()) return post_near(mail.release());
  post_far(mail.release());
}

void Mailbox::post_far(Mail* mail) {
  cost_.fetch_add(mail->cost_, std::memory_order_relaxed);
  Mail* head = head_.load(std::memory_order_relaxed);
  do {
    mail->next_ = head;
  } while (!head_.compare_exchange_weak(head, mail, std::memory_order_release, std::memory_order_relaxed));
  if (head == nullptr) wake_(context_);
}

void Mailbox::post_near(Mail* mail) {
  mail->next_ = nullptr;  // it may have been posted before
  (near_first_ == nullptr ? near_first_ : near_last_->next_) = mail;
  near_last_ = mail;
  add_near_cost(mail->cost_);
}

void Mailbox::add_near_cost(uint64_t cost) {
  near_cost_.store(near_cost_.load(std::memory_order_relaxed) + cost, std::memory_order_relaxed);
}

/// In the order of posting.
Mail* Mailbox::take_far() {
  if (empty()) return nullptr;
  Mail* newest = head_.exchange(nullptr, std::memory_order_acquire);
  Mail* mail = nullptr;
  while (newest != nullptr) {  // posting pushes at the front
    Mail* older = newest->next_;
    newest->next_ = mail;
    mail = newest;
    newest = older;
  }
  return mail;
}

Mail* Mailbox::take_near() {
  near_last_ = nullptr;
  return std::exchange(near_first_, nullptr);
}

size_t Mailbox::run(Mail* mail, bool near) {
  size_t count = 0;
  while (mail != nullptr) {
    const std::unique_ptr<Mail> owned(mail);
    mail = owned->next_;
    owned->run();
    if (near) {
      add_near_cost(-uint64_t{owned->cost_});
    } else {
      cost_.fetch_sub(owned->cost_, std::memory_order_relaxed);
    }
    ++count;
  }
  return count;
}

size_t Mailbox::drain() {
  // Both are taken before any of it runs, and far mail goes first: what a shard has posted before it came to this
  // thread is in there.
  Mail* const far = take_far();
  Mail* const near = take_near();
  return run(far, false) + run(near, true);
}

void Mailbox::begin_run() {
  runner_.store(&thread_mark, std::memory_order_relaxed);
}

void Mailbox::end_run() {
  runner_.store(nullptr, std::memory_order_relaxed);
  Mail* mail = take_near();
  while (mail != nullptr) {
    Mail* const next = std::exchange(mail->next_, nullptr);
    add_near_cost(-uint64_t{mail->cost_});
    post_far(mail);
    mail = next;
  }
}

}  // namespace patchbay::base
