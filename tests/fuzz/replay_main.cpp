// The plain main of a fuzz program, for compilers without libFuzzer: runs the seeds, the files of the folders given
// (findings of the past), and 20,000 mutations of them, the same ones every time. PATCHBAY_FUZZ_RUNS changes their
// number.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fuzz/fuzz_target.h"

namespace {

using Input = std::vector<uint8_t>;

constexpr int kMutations = 20'000;

class Mutator {
 public:
  Input mutate(Input input, const Input& other) {
    const int steps = 1 + below(4);
    for (int step = 0; step < steps; ++step) mutate_once(input, other);
    return input;
  }

  int below(size_t limit) { return static_cast<int>(random_() % limit); }

 private:
  void mutate_once(Input& input, const Input& other) {
    if (input.empty()) return input.push_back(byte());
    const auto at = input.begin() + below(input.size());
    switch (below(7)) {
      case 0:
        *at = byte();
        break;
      case 1:
        *at = static_cast<uint8_t>(*at ^ 1 << below(8));
        break;
      case 2:
        input.insert(at, byte());
        break;
      case 3:
        input.erase(at);
        break;
      case 4:
        input.resize(static_cast<size_t>(below(input.size())) + 1);
        break;
      case 5:
        *at = interesting();
        break;
      default:
        if (!other.empty()) input.insert(at, other.begin() + below(other.size()), other.end());
    }
  }

  uint8_t byte() { return static_cast<uint8_t>(random_()); }
  uint8_t interesting() {
    constexpr uint8_t values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0x26, 0x0B, 0xED, 0xC0, 0xF4};
    return values[below(std::size(values))];
  }

  std::mt19937 random_{20'261'126};
};

void run(const Input& input) {
  // A copy of exactly this size, so that a sanitizer sees every read past the end.
  const Input exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::vector<Input> inputs_of(int folder_count, char** folders) {
  std::vector<Input> inputs = patchbay::fuzz::fuzz_seeds();
  for (int index = 0; index < folder_count; ++index) {
    if (!std::filesystem::is_directory(folders[index])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folders[index])) {
      std::ifstream file(entry.path(), std::ios::binary);
      inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  return inputs;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::vector<Input> inputs = inputs_of(argument_count - 1, arguments + 1);
  if (inputs.empty()) {
    std::fprintf(stderr, "no seeds\n");
    return 1;
  }
  for (const Input& input : inputs) run(input);
  const char* wished_runs = std::getenv("PATCHBAY_FUZZ_RUNS");
  const int runs = wished_runs == nullptr ? kMutations : std::atoi(wished_runs);
  Mutator mutator;
  for (int index = 0; index < runs; ++index) {
    const Input& other = inputs[static_cast<size_t>(mutator.below(inputs.size()))];
    run(mutator.mutate(inputs[static_cast<size_t>(mutator.below(inputs.size()))], other));
  }
  std::printf("%zu inputs and %d mutations\n", inputs.size(), runs);
  return 0;
}
