#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// What every fuzz program provides: one run over an input. Anything that it finds wrong aborts.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchbay::fuzz {

/// The inputs that replay_main.cpp starts from.
std::vector<std::vector<uint8_t>> fuzz_seeds();

}  // namespace patchbay::fuzz
