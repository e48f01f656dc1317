#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "wire/support/deadline.h"

namespace patchbay::wire {

/// A child process in a group of its own. Standard output and error come through one pipe each and are kept. Nothing is
/// left behind: the group is killed with this object, and the child dies with the test program.
class Process {
 public:
  explicit Process(std::vector<std::string> command, std::string standard_input = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// True as soon as `text` stands in standard output or error; false at the deadline, or when the child has closed
  /// both without it.
  [[nodiscard]] bool wait_for(const std::string& text, milliseconds patience = kPatience);
  /// As wait_for(), for text that comes after what was there at `mark`; see error_mark().
  [[nodiscard]] bool wait_for_error(const std::string& text, size_t mark, milliseconds patience = kPatience);
  [[nodiscard]] size_t error_mark() const { return error_.size(); }

  /// The exit code (128 + n for signal n), or nothing at the deadline. Goes on reading the output meanwhile.
  [[nodiscard]] std::optional<int> wait_exit(milliseconds patience = kPatience);
  void signal(int number) const;
  [[nodiscard]] pid_t id() const { return id_; }
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void start(const std::vector<std::string>& command, int input, int output, int error);
  /// Reads what is there, waiting at most until the deadline for the first of it. False when both pipes are closed.
  bool read_more(const Deadline& deadline);
  bool read_pipe(int& pipe, std::string& into);

  pid_t id_ = -1;
  int output_pipe_ = -1;
  int error_pipe_ = -1;
  std::optional<int> exit_code_;
  std::string output_;
  std::string error_;
};

struct Finished {
  int exit_code = -1;
  std::string output;
  std::string error;
};

/// Runs a command to its end. One that is not done in time is killed, and reported as an exception with its output.
Finished run(std::vector<std::string> command, milliseconds patience = 20s, std::string standard_input = {});

}  // namespace patchbay::wire
