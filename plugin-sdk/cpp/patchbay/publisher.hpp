// SPDX-License-Identifier: Apache-2.0
// Publishing and subscribing as the plugin. Permissions: "publish", "subscribe". Make these as members of the plugin's
// class: `patchbay::publisher out{host()};`.
#pragma once

#include <functional>

#include "patchbay/message_builder.hpp"

namespace patchbay {

/// Publishes. [any-thread]; made on the control thread.
class publisher {
 public:
  explicit publisher(host of) : host_(of), table_(of.get<patchbay_publish>(PATCHBAY_PUBLISH_1)) {}
  /// The host offers it, and the operator has granted it.
  explicit operator bool() const { return table_ != nullptr; }

  /// OK, BUSY, INVALID, CLOSED; DENIED where it isn't granted.
  status publish(message_ref message) const {
    if (!message) return PATCHBAY_INVALID;
    return table_ == nullptr ? PATCHBAY_DENIED : table_->publish(host_.raw(), message.release());
  }
  status publish(std::string_view topic, std::string_view payload, std::uint8_t qos = 0, bool retain = false) const {
    return publish(message_builder(host_).topic(topic).payload(payload).qos(qos).retain(retain).build());
  }

 private:
  host host_;
  const patchbay_publish* table_;
};

/// One subscription; ends when destroyed. Calls come on shards, perhaps on several at a time. Destroy it in stop() at
/// the latest, on the control thread: the callback must not run any more then, which the host guarantees after drain().
class subscription {
 public:
  using callback = std::function<void(message)>;
  subscription() = default;
  /// Throws what the host refuses. [any-thread]
  subscription(host of, std::string_view topic_filter, callback on_message, std::uint32_t maximum_qos = 2)
      : state_(std::make_unique<state>(of, std::move(on_message))) {
    state_->table = of.need<patchbay_subscribe>(PATCHBAY_SUBSCRIBE_1);
    const auto deliver = [](void* self, std::uint64_t, const patchbay_message* raw) noexcept {
      const auto& to = *static_cast<state*>(self);
      try {
        to.on_message(message(to.of.raw(), raw));
      } catch (const std::exception& e) {
        to.of.log_error("a subscription's callback threw: ", e.what());
      } catch (...) {
        to.of.log_error("a subscription's callback threw");
      }
    };
    require(state_->table->subscribe(of.raw(), raw_text(topic_filter), maximum_qos, deliver, state_.get(), &state_->id),
            "subscribe");
  }
  subscription(subscription&&) noexcept = default;
  subscription& operator=(subscription&& from) noexcept {
    end();
    state_ = std::move(from.state_);
    return *this;
  }
  ~subscription() { end(); }
  explicit operator bool() const { return state_ != nullptr; }

  /// No call begins after this; what the callback holds is freed when the last one that runs has returned.
  void end() {
    if (!state_ || state_->id == 0) return;
    state* last = state_.release();
    const auto free = [](void* self) noexcept { delete static_cast<state*>(self); };
    if (last->table->unsubscribe(last->of.raw(), last->id, free, last) != PATCHBAY_OK) delete last;
  }

 private:
  struct state {
    state(host of_, callback on_message_) : of(of_), on_message(std::move(on_message_)) {}
    host of;
    callback on_message;
    const patchbay_subscribe* table = nullptr;
    std::uint64_t id = 0;
  };
  std::unique_ptr<state> state_;
};

}  // namespace patchbay
