// SPDX-License-Identifier: Apache-2.0
// Services between plugins: a constant table of C functions known by an id such as "svc.greeter/1".
#pragma once

#include <atomic>

#include "patchbay/host.hpp"

namespace patchbay {

/// Offers a service that the manifest's `provides` names. Only in start(). Throws what the host refuses. [control]
template <typename Table>
void provide(host of, std::string_view service_id, std::string_view name, std::uint32_t revision, const Table* table,
             void* self) {
  const auto* registry = of.need<patchbay_registry>(PATCHBAY_REGISTRY_1);
  require(registry->provide(of.raw(), raw_text(service_id), raw_text(name), revision, table, self), service_id);
}

/// The use of a service: a member of the plugin's class. It comes and goes while the plugin runs; each call takes a
/// `user`, which keeps the provider until it is destroyed.
template <typename Table>
class lease {
 public:
  lease() = default;
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;
  ~lease() { release(); }

  /// In start(); `name` empty: any provider. Throws what the host refuses. [control]
  void acquire(host of, std::string_view service_id, std::string_view name = {}, std::uint32_t minimum_revision = 1) {
    host_ = of.raw();
    registry_ = of.need<patchbay_registry>(PATCHBAY_REGISTRY_1);
    require(registry_->acquire(host_, raw_text(service_id), raw_text(name), minimum_revision, &up, &down, this, &id_),
            service_id);
  }
  /// In stop(). Waits until nobody uses the service.
  void release() {
    if (registry_ == nullptr) return;
    close();
    registry_->release(host_, id_, 0);
    registry_ = nullptr;
  }

  /// A use of the service for the length of a call: short, without waiting inside on a shard.
  class user {
   public:
    explicit user(lease& of) : of_(of) {
      of_.users_.fetch_add(1, std::memory_order_seq_cst);
      table_ = of_.table_.load(std::memory_order_seq_cst);
    }
    user(const user&) = delete;
    user& operator=(const user&) = delete;
    ~user() { of_.users_.fetch_sub(1, std::memory_order_release); }
    explicit operator bool() const { return table_ != nullptr; }
    const Table* operator->() const { return table_; }
    void* self() const { return of_.self_; }

   private:
    lease& of_;
    const Table* table_;
  };
  /// Empty where no provider is there now. [any-thread]
  user use() { return user(*this); }

 private:
  static void up(void* self, std::uint64_t id, const void* table, void* provider_self, std::uint32_t) noexcept {
    auto& of = *static_cast<lease*>(self);
    of.id_ = id;
    of.self_ = provider_self;
    of.table_.store(static_cast<const Table*>(table), std::memory_order_seq_cst);
  }
  static void down(void* self, std::uint64_t id) noexcept {
    auto& of = *static_cast<lease*>(self);
    of.close();
    of.registry_->release(of.host_, id, 1);
  }
  /// After this nobody is inside the provider's code. On the control thread, which may wait the microseconds that calls
  /// take.
  void close() {
    table_.store(nullptr, std::memory_order_seq_cst);
    while (users_.load(std::memory_order_seq_cst) != 0) {
    }
  }
  const patchbay_host* host_ = nullptr;
  const patchbay_registry* registry_ = nullptr;
  std::uint64_t id_ = 0;
  void* self_ = nullptr;
  std::atomic<const Table*> table_{nullptr};
  std::atomic<std::uint32_t> users_{0};
};

}  // namespace patchbay
