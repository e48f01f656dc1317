#include "net/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

namespace patchbay::net {

namespace {

using Status = ProxyHeaderStatus;

constexpr std::array<uint8_t, 12> kSignature = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::string_view kTextStart = "PROXY ";
constexpr size_t kTextLimit = 107;  // the longest line that version 1 allows, CR LF included
constexpr size_t kFixedSize = 16;   // of version 2: signature, version and command, family, length

template <class Prefix>
bool may_begin_with(std::span<const uint8_t> bytes, const Prefix& prefix) {
  const size_t size = std::min(bytes.size(), prefix.size());
  return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), prefix.begin());
}

void set_address4(ProxyHeader& header, const uint8_t* address) {
  header.address[10] = header.address[11] = 0xFF;
  std::copy(address, address + 4, header.address + 12);
  header.has_address = true;
}

void set_address6(ProxyHeader& header, const uint8_t* address) {
  std::copy(address, address + 16, header.address);
  header.has_address = true;
}

std::string_view next_word(std::string_view& line) {
  const size_t space = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(std::min(space + 1, line.size()));
  return word;
}

bool parse_port(std::string_view word, uint16_t& port) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
  return error == std::errc() && end == word.data() + word.size();
}

bool parse_text_address(std::string_view family, std::string_view word, uint8_t (&address)[16]) {
  return inet_pton(family == "TCP4" ? AF_INET : AF_INET6, std::string(word).c_str(), address) == 1;
}

bool parse_text_line(std::string_view line, ProxyHeader& header) {
  const std::string_view family = next_word(line);
  if (family == "UNKNOWN") return true;
  if (family != "TCP4" && family != "TCP6") return false;
  uint8_t source[16] = {};
  uint8_t destination[16] = {};
  uint16_t destination_port = 0;
  if (!parse_text_address(family, next_word(line), source)) return false;
  if (!parse_text_address(family, next_word(line), destination)) return false;
  if (!parse_port(next_word(line), header.port) || !parse_port(next_word(line), destination_port)) return false;
  if (!line.empty()) return false;
  family == "TCP4" ? set_address4(header, source) : set_address6(header, source);
  return true;
}

Status parse_text(std::span<const uint8_t> bytes, ProxyHeader& header) {
  const std::string_view text = base::as_text(bytes.first(std::min(bytes.size(), kTextLimit)));
  const size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return bytes.size() >= kTextLimit ? Status::malformed : Status::incomplete;
  header.size = end + 2;
  const std::string_view line = text.substr(kTextStart.size(), end - kTextStart.size());
  return parse_text_line(line, header) ? Status::complete : Status::malformed;
}

bool parse_binary_address(uint8_t family, std::span<const uint8_t> block, ProxyHeader& header) {
  constexpr uint8_t kUnspecified = 0x00;
  constexpr uint8_t kTcp4 = 0x11;
  constexpr uint8_t kTcp6 = 0x21;
  base::ByteReader reader(block);
  const size_t address_size = family == kTcp4 ? 4 : 16;
  std::span<const uint8_t> source;
  if (family == kUnspecified) return true;
  if (family != kTcp4 && family != kTcp6) return false;
  if (!reader.read_bytes(address_size, source) || !reader.skip(address_size)) return false;
  if (!reader.read_u16(header.port) || !reader.skip(2)) return false;
  family == kTcp4 ? set_address4(header, source.data()) : set_address6(header, source.data());
  return true;
}

Status parse_binary(std::span<const uint8_t> bytes, size_t limit, ProxyHeader& header) {
  constexpr uint8_t kLocal = 0x20;
  constexpr uint8_t kProxy = 0x21;
  if (bytes.size() < kFixedSize) return Status::incomplete;
  const uint8_t command = bytes[12];
  const size_t length = static_cast<size_t>(bytes[14] << 8 | bytes[15]);
  header.size = kFixedSize + length;
  if ((command != kLocal && command != kProxy) || header.size > limit) return Status::malformed;
  if (bytes.size() < header.size) return Status::incomplete;
  // LOCAL is the balancer's own health check: whatever addresses follow are to be skipped.
  if (command == kLocal) return Status::complete;
  return parse_binary_address(bytes[13], bytes.subspan(kFixedSize, length), header) ? Status::complete
                                                                                    : Status::malformed;
}

}  // namespace

ProxyHeaderStatus parse_proxy_header(std::span<const uint8_t> bytes, size_t limit, ProxyHeader& header) {
  header = {};
  if (may_begin_with(bytes, kSignature)) {
    return bytes.size() < kSignature.size() ? Status::incomplete : parse_binary(bytes, limit, header);
  }
  if (!may_begin_with(bytes, kTextStart)) return Status::malformed;
  return bytes.size() < kTextStart.size() ? Status::incomplete : parse_text(bytes, header);
}

}  // namespace patchbay::net
