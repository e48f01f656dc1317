// packet_corpus FOLDER: writes each golden packet as a file, for libFuzzer to start from.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/fuzz_target.h"

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: packet_corpus FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder(arguments[1]);
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const auto& seed : patchbay::fuzz::fuzz_seeds()) {
    std::ofstream file(folder / ("packet_" + std::to_string(++number)), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
  }
  std::printf("%d packets\n", number);
  return 0;
}
