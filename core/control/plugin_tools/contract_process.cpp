#include "plugin_tools/contract_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>

#include "base/clock.h"

namespace patchbay::plugin_tools {

namespace {

constexpr size_t kRemarkBytesMax = 2'000;

/// "2sentence\n": the level as a digit, line ends within the sentence as blanks.
std::string wire_form(const Remark& remark) {
  std::string line(1, static_cast<char>('0' + static_cast<int>(remark.level)));
  line += remark.sentence.substr(0, kRemarkBytesMax);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + '\n';
}

void take_lines(std::string& buffer, std::vector<Remark>& remarks) {
  for (size_t end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
    const int level = end == 0 ? -1 : buffer[0] - '0';
    if (level >= 0 && level <= static_cast<int>(Outcome::timed_out)) {
      remarks.push_back({static_cast<Outcome>(level), buffer.substr(1, end - 1)});
    }
    buffer.erase(0, end + 1);
  }
}

void run_guarded(const ContractTest& test, Contract& contract) {
  try {
    test.run(contract);
  } catch (const std::exception& error) {
    contract.fail(std::string("an exception came through: ") + error.what());
  } catch (...) {
    contract.fail("an exception of unknown type came through");
  }
}

[[noreturn]] void child(const ContractTest& test, const package::PackageReport& report, const RunSettings& settings,
                        int out) {
  Contract contract(report, settings.seed, settings.runs, [out](const Remark& remark) {
    const std::string line = wire_form(remark);
    for (size_t done = 0; done < line.size();) {
      const ssize_t count = write(out, line.data() + done, line.size() - done);
      if (count < 0 && errno != EINTR) _exit(3);
      if (count > 0) done += static_cast<size_t>(count);
    }
  });
  run_guarded(test, contract);
  // No destructors of statics: what the plugin left behind must not end the report.
  _exit(0);
}

/// Reads until the child closes its end or the time is over. False: over.
bool collect(int from, uint64_t until_ms, const base::Clock& clock, std::vector<Remark>& remarks) {
  std::string buffer;
  std::array<char, 4096> chunk;
  for (;;) {
    const uint64_t now_ms = clock.steady_ms();
    if (now_ms >= until_ms) return false;
    pollfd poll_for{from, POLLIN, 0};
    if (poll(&poll_for, 1, static_cast<int>(until_ms - now_ms)) <= 0) continue;
    const ssize_t count = read(from, chunk.data(), chunk.size());
    if (count <= 0) break;
    buffer.append(chunk.data(), static_cast<size_t>(count));
    take_lines(buffer, remarks);
  }
  return true;
}

/// Waits for the child itself: a thread that the plugin left behind may hold it up after it has said everything.
void judge_end(pid_t pid, bool in_time, TestResult& result) {
  if (!in_time) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) {
    result.remarks.push_back({Outcome::timed_out, "it did not end in time and was killed"});
  } else if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    result.remarks.push_back(
        {Outcome::crashed, "ended by signal " + std::to_string(number) + " (" + strsignal(number) + ')'});
  } else if (WEXITSTATUS(status) != 0) {
    result.remarks.push_back(
        {Outcome::crashed, "the process ended by itself with code " + std::to_string(WEXITSTATUS(status))});
  }
}

void run_in_child(const ContractTest& test, const package::PackageReport& report, const RunSettings& settings,
                  const base::Clock& clock, TestResult& result) {
  int ends[2];
  if (pipe(ends) != 0) {
    result.remarks.push_back({Outcome::fail, std::string("no pipe: ") + std::strerror(errno)});
    return;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    child(test, report, settings, ends[1]);
  }
  close(ends[1]);
  if (pid < 0) {
    result.remarks.push_back({Outcome::fail, std::string("no child process: ") + std::strerror(errno)});
  } else {
    const bool in_time = collect(ends[0], clock.steady_ms() + settings.timeout_ms, clock, result.remarks);
    judge_end(pid, in_time, result);
  }
  close(ends[0]);
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, 6> kNames = {"pass", "skip", "warn", "fail", "crashed", "timed out"};
  return kNames[static_cast<size_t>(outcome)];
}

TestResult run_test(const ContractTest& test, const package::PackageReport& report, const RunSettings& settings) {
  const base::SystemClock clock;
  const uint64_t begin_ms = clock.steady_ms();
  TestResult result;
  if (settings.in_process) {
    Contract contract(report, settings.seed, settings.runs,
                      [&result](const Remark& remark) { result.remarks.push_back(remark); });
    run_guarded(test, contract);
  } else {
    run_in_child(test, report, settings, clock, result);
  }
  for (const Remark& remark : result.remarks) result.outcome = std::max(result.outcome, remark.level);
  result.duration_ms = clock.steady_ms() - begin_ms;
  return result;
}

}  // namespace patchbay::plugin_tools
