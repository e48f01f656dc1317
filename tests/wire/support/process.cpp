#include "wire/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace patchbay::wire {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return {ends[0], ends[1]};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

}  // namespace

Process::Process(std::vector<std::string> command, std::string standard_input) {
  const Pipe input = make_pipe();
  const Pipe output = make_pipe();
  const Pipe error = make_pipe();
  start(command, input.read_end, output.write_end, error.write_end);
  for (const int end : {input.read_end, output.write_end, error.write_end}) ::close(end);
  output_pipe_ = output.read_end;
  error_pipe_ = error.read_end;
  // What these tests send fits into a pipe, so that this does not block.
  ssize_t written = ::write(input.write_end, standard_input.data(), standard_input.size());
  ::close(input.write_end);
  if (written != static_cast<ssize_t>(standard_input.size()))
    throw std::runtime_error("no input for " + joined(command));
}

void Process::start(const std::vector<std::string>& command, int input, int output, int error) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0) throw std::runtime_error("no process for " + joined(command));
  if (id_ > 0) {
    ::setpgid(id_, id_);  // here too: whoever comes first
    return;
  }
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(input, 0);
  ::dup2(output, 1);
  ::dup2(error, 2);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

Process::~Process() {
  if (!exit_code_) {
    ::kill(-id_, SIGKILL);
    int status = 0;
    ::waitpid(id_, &status, 0);
  }
  for (const int pipe : {output_pipe_, error_pipe_}) {
    if (pipe >= 0) ::close(pipe);
  }
}

bool Process::read_pipe(int& pipe, std::string& into) {
  std::array<char, 65536> buffer;
  const ssize_t size = ::read(pipe, buffer.data(), buffer.size());
  if (size > 0) {
    into.append(buffer.data(), static_cast<size_t>(size));
    return true;
  }
  if (size < 0 && errno == EINTR) return true;
  ::close(pipe);
  pipe = -1;
  return false;
}

bool Process::read_more(const Deadline& deadline) {
  if (output_pipe_ < 0 && error_pipe_ < 0) return false;
  std::array<pollfd, 2> watched = {pollfd{output_pipe_, POLLIN, 0}, pollfd{error_pipe_, POLLIN, 0}};
  if (::poll(watched.data(), watched.size(), deadline.left_ms()) <= 0) return true;
  if (watched[0].revents != 0) read_pipe(output_pipe_, output_);
  if (watched[1].revents != 0) read_pipe(error_pipe_, error_);
  return output_pipe_ >= 0 || error_pipe_ >= 0;
}

bool Process::wait_for(const std::string& text, milliseconds patience) {
  const Deadline deadline(patience);
  for (;;) {
    if (output_.find(text) != std::string::npos || error_.find(text) != std::string::npos) return true;
    if (deadline.passed()) return false;
    if (!read_more(deadline)) return output_.find(text) != std::string::npos || error_.find(text) != std::string::npos;
  }
}

bool Process::wait_for_error(const std::string& text, size_t mark, milliseconds patience) {
  const Deadline deadline(patience);
  while (error_.find(text, mark) == std::string::npos) {
    if (deadline.passed()) return false;
    if (!read_more(deadline)) return error_.find(text, mark) != std::string::npos;
  }
  return true;
}

std::optional<int> Process::wait_exit(milliseconds patience) {
  const Deadline deadline(patience);
  while (!exit_code_) {
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) == id_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      // What it said last; a child of its own may hold the pipes open, so this has an end too.
      for (const Deadline drain(200ms); !drain.passed() && read_more(drain);) {
      }
      break;
    }
    if (deadline.passed()) return std::nullopt;
    const Deadline turn(milliseconds(std::min(deadline.left_ms(), 10)));
    if (!read_more(turn)) ::poll(nullptr, 0, turn.left_ms());
  }
  return exit_code_;
}

void Process::signal(int number) const {
  ::kill(id_, number);
}

Finished run(std::vector<std::string> command, milliseconds patience, std::string standard_input) {
  const std::string text = joined(command);
  Process process(std::move(command), std::move(standard_input));
  const std::optional<int> code = process.wait_exit(patience);
  if (!code) throw std::runtime_error("not done in time: " + text + "\n" + process.output() + process.error());
  return {*code, process.output(), process.error()};
}

}  // namespace patchbay::wire
