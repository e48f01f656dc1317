#include "ctl/ctl_program.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "ctl/api_transport.h"
#include "ctl/ctl_line.h"
#include "ctl/ctl_run.h"
#include "package/sha256.h"

namespace patchbay::ctl {

namespace {

using Text = base::Result<std::string, std::string>;

Text read_file(const std::string& path) {
  std::stringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(path + ": " + std::strerror(errno));
  text << file.rdbuf();
  return text.str();
}

Text sha256_of_file(const std::string& path) {
  const Text content = read_file(path);
  if (!content) return base::fail(content.error());
  package::Sha256 hash;
  hash.add(content->data(), content->size());
  return hash.finish();
}

/// Keeps what is typed off the screen while it lives.
class QuietTerminal {
 public:
  QuietTerminal() {
    quiet_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (quiet_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() {
    if (!quiet_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  termios before_{};
  bool quiet_ = false;
};

/// A line of the terminal, unseen, or of standard input.
Text ask_secret(const std::string& what) {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  if (terminal) std::fprintf(stderr, "%s: ", what.c_str());
  std::string secret;
  if (terminal) {
    const QuietTerminal quiet;
    std::getline(std::cin, secret);
  } else {
    std::getline(std::cin, secret);
  }
  if (secret.empty())
    return base::fail(std::string("nothing was given; it is read from the terminal or standard input"));
  return secret;
}

}  // namespace

int ctl_program(const std::vector<std::string>& arguments) {
  const CtlLine line = parse_ctl_line(arguments);
  if (line.command == nullptr) {
    std::fputs(line.text.c_str(), line.exit_code == 0 ? stdout : stderr);
    return line.exit_code;
  }
  auto transport = ApiTransport::make(line);
  if (!transport) {
    std::fprintf(stderr, "patchbay ctl: %s\n", transport.error().c_str());
    return 1;
  }
  return run_ctl(line, *transport, {read_file, ask_secret, sha256_of_file}, stdout, stderr);
}

}  // namespace patchbay::ctl
