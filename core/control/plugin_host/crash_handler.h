#pragma once

#include <filesystem>

namespace patchbay::plugin_host {

/// From here on a crash (SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL) leaves `<data>/crash/last`: the signal, the time,
/// and whose code ran where; then the signal does what it always does. Once for each process, by its main program.
/// Threads that are to survive the overflow of their own stack must have an alternate one; the calling thread gets one
/// here. [control]
void install_crash_handler(const std::filesystem::path& data_dir);

}  // namespace patchbay::plugin_host
