#include "access/credentials.h"

namespace patchbay::access {

void SecretBytes::wipe() {
  // Through a volatile pointer, or the compiler drops writes to memory that is about to be freed.
  volatile uint8_t* bytes = bytes_.data();
  for (size_t i = 0; i < bytes_.size(); ++i) bytes[i] = 0;
  bytes_.clear();
}

}  // namespace patchbay::access
