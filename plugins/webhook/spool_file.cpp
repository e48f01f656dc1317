#include "spool_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace patchbay::webhook {

namespace {

uint32_t crc_of(std::string_view bytes) {
  return static_cast<uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

template <typename Number>
void put_number(char* to, Number value) {
  for (size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
}

template <typename Number>
void append_number(std::string& out, Number value) {
  char bytes[sizeof value];
  put_number(bytes, value);
  out.append(bytes, sizeof bytes);
}

template <typename Number>
Number number_at(std::string_view bytes, size_t at) {
  Number out = 0;
  for (size_t i = 0; i < sizeof out; ++i)
    out |= static_cast<Number>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return out;
}

constexpr size_t kFixedBytes = 28;   // time, order key, length of the id, route
constexpr size_t kCursorBytes = 20;  // segment, offset, CRC

}  // namespace

OwnedFile::OwnedFile(OwnedFile&& from) noexcept : descriptor_(std::exchange(from.descriptor_, -1)) {}

OwnedFile& OwnedFile::operator=(OwnedFile&& from) noexcept {
  if (this == &from) return *this;
  close();
  descriptor_ = std::exchange(from.descriptor_, -1);
  return *this;
}

void OwnedFile::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

namespace spool_record {

size_t bytes_of(const QueuedEvent& event) {
  return kHeadBytes + kFixedBytes + event.id.size() + event.body.size();
}

void encode(std::string& out, const QueuedEvent& event) {
  const size_t begin = out.size();
  append_number<uint32_t>(out, static_cast<uint32_t>(bytes_of(event) - kHeadBytes));
  append_number<uint32_t>(out, 0);  // the CRC, when the rest is there
  append_number<uint64_t>(out, event.at_unix_ms);
  append_number<uint64_t>(out, event.order_key);
  append_number<uint32_t>(out, static_cast<uint32_t>(event.id.size()));
  append_number<uint64_t>(out, event.route);
  out += event.id.view();
  out += event.body;
  put_number(out.data() + begin + 4, crc_of(std::string_view(out).substr(begin + kHeadBytes)));
}

std::optional<size_t> length(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return {};
  const auto body_bytes = number_at<uint32_t>(bytes, 0);
  if (body_bytes < kFixedBytes || body_bytes > kBodyBytesMax) return {};
  return kHeadBytes + body_bytes;
}

std::optional<Decoded> decode(std::string_view bytes) {
  const auto whole = length(bytes);
  if (!whole || bytes.size() < *whole) return {};
  const std::string_view body = bytes.substr(kHeadBytes, *whole - kHeadBytes);
  if (crc_of(body) != number_at<uint32_t>(bytes, 4)) return {};
  const auto id_bytes = number_at<uint32_t>(body, 16);
  if (id_bytes > body.size() - kFixedBytes) return {};
  const auto id = EventId::of(body.substr(kFixedBytes, id_bytes));
  if (!id) return {};
  Decoded out;
  out.bytes = *whole;
  out.event.at_unix_ms = number_at<uint64_t>(body, 0);
  out.event.order_key = number_at<uint64_t>(body, 8);
  out.event.route = number_at<uint64_t>(body, 20);
  out.event.id = *id;
  out.event.body = body.substr(kFixedBytes + id_bytes);
  return out;
}

}  // namespace spool_record

SpoolCursor SpoolCursor::load(const std::string& path) {
  const OwnedFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[kCursorBytes];
  if (!file || ::pread(file.get(), bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) return {};
  const std::string_view all(bytes, sizeof bytes);
  if (crc_of(all.substr(0, 16)) != number_at<uint32_t>(all, 16)) return {};
  return {number_at<uint64_t>(all, 0), number_at<uint64_t>(all, 8)};
}

bool SpoolCursor::save(int descriptor) const {
  std::string bytes;
  append_number<uint64_t>(bytes, segment);
  append_number<uint64_t>(bytes, offset);
  append_number<uint32_t>(bytes, crc_of(bytes));
  return ::pwrite(descriptor, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

size_t write_all(int descriptor, std::string_view bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  return done;
}

}  // namespace patchbay::webhook
