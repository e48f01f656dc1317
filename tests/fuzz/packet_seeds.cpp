// The golden packets as fuzz inputs: one byte for version and sender, then the packet.
#include "fuzz/fuzz_target.h"
#include "support/vector_reader.h"

namespace patchbay::fuzz {
namespace {

uint8_t selector_of(const test_support::PacketVector& vector) {
  const auto version = static_cast<uint8_t>(static_cast<uint8_t>(vector.version) - 3);
  return static_cast<uint8_t>(version << 1 | (vector.sender == mqtt::Sender::server ? 1 : 0));
}

}  // namespace

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  std::vector<std::vector<uint8_t>> seeds;
  for (const test_support::PacketVector& vector : test_support::load_packet_vectors()) {
    std::vector<uint8_t> seed = {selector_of(vector)};
    seed.insert(seed.end(), vector.bytes.begin(), vector.bytes.end());
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

}  // namespace patchbay::fuzz
