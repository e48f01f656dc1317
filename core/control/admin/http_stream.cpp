#include "admin/http_stream.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/tls_generation.h"

namespace patchbay::admin {

namespace {
constexpr size_t kReadBytesMax = 16 * 1024;
}

void HttpStream::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

HttpStream::HttpStream(net::UniqueFd fd, std::shared_ptr<const net::TlsGeneration> tls)
    : fd_(std::move(fd)), generation_(std::move(tls)) {
  if (generation_ == nullptr) return;
  ssl_.reset(SSL_new(generation_->default_context()));
  if (ssl_ == nullptr) return;
  SSL_set_app_data(ssl_.get(), static_cast<net::AlpnListener*>(this));
  SSL_set_fd(ssl_.get(), fd_.get());
  SSL_set_accept_state(ssl_.get());
}

HttpStream::~HttpStream() = default;

HttpStream::Result HttpStream::outcome(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE:
      return Result::ok;
    case SSL_ERROR_WANT_READ:
      return Result::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Result::wants_write;
    default:
      return Result::ended;
  }
}

HttpStream::Result HttpStream::shake_hands() {
  if (generation_ == nullptr || shaken_) return Result::ok;
  if (ssl_ == nullptr) return Result::ended;
  ERR_clear_error();
  const Result result = outcome(SSL_accept(ssl_.get()));
  shaken_ = result == Result::ok;
  return result;
}

HttpStream::Result HttpStream::read(std::string& into, size_t most) {
  // By way of the stack: making room in the text would write zeros over all of it first.
  std::array<char, kReadBytesMax> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  most = std::min(most, bytes.size());
  Result result = Result::ok;
  ssize_t taken = 0;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    taken = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(most));
    if (taken <= 0) result = outcome(static_cast<int>(taken));
  } else {
    do {
      taken = ::recv(fd_.get(), bytes.data(), most, MSG_DONTWAIT);
    } while (taken < 0 && errno == EINTR);
    if (taken <= 0) result = taken < 0 && errno == EAGAIN ? Result::wants_read : Result::ended;
  }
  if (taken > 0) into.append(bytes.data(), static_cast<size_t>(taken));
  return result;
}

bool HttpStream::has_pending() const {
  return ssl_ != nullptr && SSL_pending(ssl_.get()) > 0;
}

HttpStream::Result HttpStream::write_some(std::string_view bytes, size_t& written) {
  ssize_t given = 0;
  if (ssl_ != nullptr) {
    constexpr size_t kPieceMax = 1u << 30;
    ERR_clear_error();
    given = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kPieceMax)));
    if (given <= 0) return outcome(static_cast<int>(given));
  } else {
    do {
      given = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (given < 0 && errno == EINTR);
    if (given < 0) return errno == EAGAIN ? Result::wants_write : Result::ended;
  }
  written = static_cast<size_t>(given);
  return Result::ok;
}

bool HttpStream::wait_for(Result wanted, const base::Clock& clock, uint64_t deadline_ms) const {
  const uint64_t now_ms = clock.steady_ms();
  if (now_ms >= deadline_ms) return false;
  pollfd waited{fd_.get(), static_cast<short>(wanted == Result::wants_write ? POLLOUT : POLLIN), 0};
  const int ready = ::poll(&waited, 1, static_cast<int>(std::min<uint64_t>(deadline_ms - now_ms, 1'000)));
  return ready >= 0 || errno == EINTR;
}

HttpStream::Result HttpStream::read_until(std::string& into, size_t most, const base::Clock& clock,
                                          uint64_t deadline_ms) {
  for (;;) {
    const Result result = read(into, most);
    if (result == Result::ok || result == Result::ended) return result;
    if (!wait_for(result, clock, deadline_ms)) return result;
  }
}

bool HttpStream::write_until(std::string_view bytes, const base::Clock& clock, uint64_t deadline_ms) {
  while (!bytes.empty()) {
    size_t written = 0;
    const Result result = write_some(bytes, written);
    if (result == Result::ended) return false;
    if (result != Result::ok && !wait_for(result, clock, deadline_ms)) return false;
    bytes.remove_prefix(written);
  }
  return true;
}

void HttpStream::end_output() {
  if (ssl_ != nullptr && shaken_) SSL_shutdown(ssl_.get());
  ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace patchbay::admin
