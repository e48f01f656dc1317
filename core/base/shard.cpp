#include "base/shard.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace patchbay::base {

int detail::ask_kernel_thread_id() {
  return static_cast<int>(::syscall(SYS_gettid));
}

}  // namespace patchbay::base
