// SPDX-License-Identifier: Apache-2.0
// Outgoing connections on the core's transports. Permission: "transport.outgoing".
#pragma once

#include "patchbay/host.hpp"

namespace patchbay {

/// Base of one outgoing connection. Give it to open(); the host's last call, on_closed(), comes whatever happens, and
/// then it may be freed: `void on_closed(std::string_view why) { delete this; }` is a usual end. All events [shard].
template <typename Derived>
class stream {
 public:
  stream(host of, const patchbay_transport* table) : host_(of), table_(table) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// The interface; throws when it isn't offered. [control]
  static const patchbay_transport* table_of(host of) { return of.need<patchbay_transport>(PATCHBAY_TRANSPORT_1); }

  /// OK: on_connected() or on_closed() will come. INVALID, BUSY, CLOSED: nothing will. [any-thread]
  status open(std::uint32_t shard, patchbay_stream_target target) {
    target.size = sizeof target;
    return table_->open(host_.raw(), shard, &target, &events, static_cast<Derived*>(this));
  }
  template <typename... Parts>
  status write(const Parts&... parts) {
    const patchbay_bytes spans[] = {raw_bytes(as_bytes(std::string_view(parts)))...};
    return raw_ == nullptr ? PATCHBAY_CLOSED : table_->write(raw_, spans, sizeof...(parts));
  }
  status close() { return raw_ == nullptr ? PATCHBAY_CLOSED : table_->close(raw_); }

  void on_connected() {}
  std::size_t on_bytes(bytes in, std::size_t&) { return in.size(); }
  void on_writable() {}

 protected:
  ~stream() = default;
  patchbay::host host_;

 private:
  template <typename Body>
  static auto fenced(void* self, Body body) noexcept -> decltype(body()) {
    stream& of = *static_cast<Derived*>(self);
    try {
      return body();
    } catch (const std::exception& e) {
      of.host_.log_error("an outgoing connection is closed because it threw: ", e.what());
    } catch (...) {
      of.host_.log_error("an outgoing connection is closed because it threw");
    }
    of.close();
    return decltype(body())();
  }
  static Derived& of(void* self) { return *static_cast<Derived*>(self); }
  static constexpr patchbay_stream_events events = {
      sizeof(patchbay_stream_events),
      0,
      [](void* self, patchbay_stream* raw) noexcept {
        static_cast<stream&>(of(self)).raw_ = raw;
        fenced(self, [&] { of(self).on_connected(); });
      },
      [](void* self, patchbay_bytes in, std::size_t* need) noexcept {
        return fenced(self, [&]() -> std::size_t { return of(self).on_bytes(span(in), *need); });
      },
      [](void* self) noexcept { fenced(self, [&] { of(self).on_writable(); }); },
      [](void* self, patchbay_str why) noexcept {
        static_cast<stream&>(of(self)).raw_ = nullptr;
        of(self).on_closed(text(why));
      }};
  const patchbay_transport* table_;
  patchbay_stream* raw_ = nullptr;
};

}  // namespace patchbay
