#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/alpn_listener.h"
#include "net/unique_fd.h"

struct ssl_st;

namespace patchbay::net {
class TlsGeneration;
}

namespace patchbay::admin {

/// A socket of the HTTP server, plain or with TLS, which never blocks unless it is told until when. One thread at a
/// time.
class HttpStream final : private net::AlpnListener {
 public:
  enum class Result : uint8_t { ok, wants_read, wants_write, ended };

  /// `tls` null: plain.
  HttpStream(net::UniqueFd fd, std::shared_ptr<const net::TlsGeneration> tls);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// ok at once where there is no TLS, or when it is set up.
  [[nodiscard]] Result shake_hands();
  /// Takes what has come, at most `most` bytes, onto the end of `into`.
  [[nodiscard]] Result read(std::string& into, size_t most);
  /// Whether bytes have been taken from the socket already that read() has not given out: nobody will be told of these.
  [[nodiscard]] bool has_pending() const;
  /// The same as read(), waiting for at least one byte.
  [[nodiscard]] Result read_until(std::string& into, size_t most, const base::Clock& clock, uint64_t deadline_ms);
  /// Writes what the peer takes at once, and says how much that was; the rest may come from another place of memory.
  [[nodiscard]] Result write_some(std::string_view bytes, size_t& written);
  /// Writes all of it, waiting; false: the peer is gone or too slow.
  [[nodiscard]] bool write_until(std::string_view bytes, const base::Clock& clock, uint64_t deadline_ms);
  /// Says that nothing more is written. What the peer still sends would otherwise make the kernel throw away the answer
  /// that it has not read yet.
  void end_output();

 private:
  [[nodiscard]] bool speaks(std::string_view alpn_name) const override { return alpn_name == "http/1.1"; }
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };

  [[nodiscard]] Result outcome(int returned);
  [[nodiscard]] bool wait_for(Result wanted, const base::Clock& clock, uint64_t deadline_ms) const;

  net::UniqueFd fd_;
  std::shared_ptr<const net::TlsGeneration> generation_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  bool shaken_ = false;
};

}  // namespace patchbay::admin
