// PROXY headers: what is decided on a part of the bytes is decided the same on all of them, and nothing is taken that
// is not there.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/fuzz_target.h"
#include "net/proxy_header.h"

namespace patchbay::net {
namespace {

constexpr size_t kLimit = 536;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "proxy_header_fuzz: %s\n", what);
  std::abort();
}

bool equal(const ProxyHeader& left, const ProxyHeader& right) {
  return left.size == right.size && left.has_address == right.has_address && left.port == right.port &&
         std::equal(std::begin(left.address), std::end(left.address), std::begin(right.address));
}

void check(std::span<const uint8_t> bytes) {
  ProxyHeader header;
  const ProxyHeaderStatus status = parse_proxy_header(bytes, kLimit, header);
  if (status == ProxyHeaderStatus::incomplete) require(bytes.size() < kLimit, "waits for more than the limit");
  if (status == ProxyHeaderStatus::complete) {
    require(header.size > 0 && header.size <= bytes.size() && header.size <= kLimit, "takes more than there is");
  }
  for (size_t size = 1; size < std::min<size_t>(bytes.size(), kLimit); ++size) {
    ProxyHeader early;
    const ProxyHeaderStatus decided = parse_proxy_header(bytes.first(size), kLimit, early);
    if (decided == ProxyHeaderStatus::incomplete) continue;
    require(decided == status, "more bytes change the decision");
    require(decided != ProxyHeaderStatus::complete || equal(early, header), "more bytes change the address");
  }
}

}  // namespace
}  // namespace patchbay::net

namespace patchbay::fuzz {

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  const std::string texts[] = {
      "PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\nrest",
      "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n",
      "PROXY UNKNOWN\r\n",
      std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x09\x7f\0\0\x01\x9c\x40\x07\x5b", 28),
      std::string("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16),
      std::string("\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x27", 16) + std::string(39, '\1'),
  };
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  patchbay::net::check({data, size});
  return 0;
}
