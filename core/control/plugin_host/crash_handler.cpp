#include "plugin_host/crash_handler.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <system_error>

#include "base/clock.h"
#include "plugin_bridge/breadcrumb_text.h"

namespace patchbay::plugin_host {

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
constexpr size_t kPathMax = 1024;
constexpr size_t kTextMax = 4096;

std::array<char, kPathMax> crash_file{};
// Large enough for the handler and what it calls; MINSIGSTKSZ is no constant any more.
alignas(16) std::array<char, 64 * 1024> alternate_stack{};

// The functions below run in a signal handler: nothing but what POSIX calls async-signal-safe.

size_t append(char* text, size_t at, const char* words) {
  while (*words != '\0') text[at++] = *words++;
  return at;
}

size_t append(char* text, size_t at, uint64_t number) {
  std::array<char, 24> digits{};
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count != 0) text[at++] = digits[--count];
  return at;
}

void write_all(int file, const char* text, size_t size) {
  while (size != 0) {
    const ssize_t written = ::write(file, text, size);
    if (written <= 0) return;
    text += written;
    size -= static_cast<size_t>(written);
  }
}

void on_crash(int signal) {
  static std::array<char, kTextMax> text;
  size_t size = append(text.data(), 0, "signal ");
  size = append(text.data(), size, static_cast<uint64_t>(signal));
  size = append(text.data(), size, "\nunix_s ");
  size = append(text.data(), size, base::SystemClock().unix_ms() / 1000);
  size = append(text.data(), size, "\n");
  const size_t place = size;
  size += plugin_bridge::breadcrumb_text(text.data() + size, text.size() - size - 1);
  if (size != place && text[size - 1] != '\n') text[size++] = '\n';
  const int file = ::open(crash_file.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file >= 0) {
    write_all(file, text.data(), size);
    ::fsync(file);
    ::close(file);
  }
  write_all(STDERR_FILENO, text.data(), size);
  // SA_RESETHAND has put the default action back.
  ::raise(signal);
}

}  // namespace

void install_crash_handler(const std::filesystem::path& data_dir) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // The sanitizers have handlers of their own, which say more.
  static_cast<void>(data_dir);
  return;
#endif
  const std::filesystem::path folder = std::filesystem::absolute(data_dir) / "crash";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = (folder / "last").string();
  if (error || path.size() >= crash_file.size()) return;
  std::memcpy(crash_file.data(), path.c_str(), path.size() + 1);
  stack_t stack{};
  stack.ss_sp = alternate_stack.data();
  stack.ss_size = alternate_stack.size();
  sigaltstack(&stack, nullptr);
  for (const int signal : kSignals) {
    struct sigaction action {};
    action.sa_handler = on_crash;
    action.sa_flags = SA_RESETHAND | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace patchbay::plugin_host
