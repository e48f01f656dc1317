#pragma once

#include <openssl/rand.h>

#include <atomic>
#include <cstdio>
#include <string>

namespace patchbay::webhook {

/// Ids that no other run and no other node gives: 64 random bits of this run, and a counter. [any-thread]
class EventIds {
 public:
  EventIds() {
    unsigned long long random = 0;
    static_cast<void>(::RAND_bytes(reinterpret_cast<unsigned char*>(&random), sizeof random));
    std::snprintf(run_, sizeof run_, "%016llx", random);
  }
  [[nodiscard]] std::string next() {
    char out[40];
    std::snprintf(out, sizeof out, "%s-%016llx", run_, static_cast<unsigned long long>(++last_));
    return out;
  }

 private:
  char run_[17];
  std::atomic<uint64_t> last_{0};
};

}  // namespace patchbay::webhook
