#include "logging/async_log.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace patchbay;  // NOLINT: test

namespace {

// Keeps what was put out; can hold the log's thread inside a write, to let the queue fill.
struct Paper {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_held = false;
  bool is_inside = false;
  std::vector<std::string> lines;

  void hold() {
    const std::lock_guard lock(mutex);
    is_held = true;
  }
  void wait_until_inside() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return is_inside; });
  }
  void release() {
    const std::lock_guard lock(mutex);
    is_held = false;
    changed.notify_all();
  }
};

class PaperOutput final : public logging::LineOutput {
 public:
  explicit PaperOutput(Paper& paper) : paper_(paper) {}

  void write_line(std::string_view line) override {
    std::unique_lock lock(paper_.mutex);
    paper_.is_inside = true;
    paper_.changed.notify_all();
    paper_.changed.wait(lock, [this] { return !paper_.is_held; });
    paper_.lines.emplace_back(line);
  }
  bool reopen() override { return true; }

 private:
  Paper& paper_;
};

std::unique_ptr<logging::AsyncLog> log_on(Paper& paper, logging::LineFormat format, uint32_t queue_lines) {
  static const base::ManualClock clock;
  return std::make_unique<logging::AsyncLog>(format, queue_lines, clock, std::make_unique<PaperOutput>(paper));
}

// Installs a sink for the length of a test.
struct Installed {
  explicit Installed(base::LogSink* sink) { base::set_log_sink(sink); }
  ~Installed() { base::set_log_sink(nullptr); }
  Installed(const Installed&) = delete;
  Installed& operator=(const Installed&) = delete;
};

}  // namespace

TEST_CASE("every line that waits is put out before the log goes, in order") {
  Paper paper;
  auto log = log_on(paper, logging::LineFormat::text, 1024);
  for (int i = 0; i < 500; ++i) {
    log->write(base::LogArea::net, base::LogLevel::info, "line", {{"number", i}});
  }
  CHECK(log->dropped_lines() == 0);
  log.reset();
  REQUIRE(paper.lines.size() == 500);
  for (size_t i = 0; i < paper.lines.size(); ++i) {
    CHECK(paper.lines[i] == "2023-11-14T22:13:20.000Z info    net: line number=" + std::to_string(i));
  }
}

TEST_CASE("a full queue drops and counts instead of holding up the writer") {
  Paper paper;
  paper.hold();
  auto log = log_on(paper, logging::LineFormat::json, 8);
  log->write(base::LogArea::net, base::LogLevel::info, "first", {});
  paper.wait_until_inside();
  // The log's thread is stuck inside its output: were write() to wait for room, this loop would never end.
  for (int i = 0; i < 100; ++i) log->write(base::LogArea::net, base::LogLevel::info, "line", {{"number", i}});
  CHECK(log->dropped_lines() == 92);
  paper.release();
  log.reset();
  REQUIRE(paper.lines.size() == 10);
  size_t told = 0;
  for (const std::string& text : paper.lines) {
    const nlohmann::json line = nlohmann::json::parse(text);
    if (line.contains("lines")) told += line["lines"].get<size_t>();
  }
  CHECK(told == 92);
  CHECK(nlohmann::json::parse(paper.lines.back())["number"] == 99);
}

TEST_CASE("threads write at the same time without losing or mixing lines") {
  Paper paper;
  auto log = log_on(paper, logging::LineFormat::json, 4096);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&log, writer] {
      for (int i = 0; i < 200; ++i) {
        log->write(base::LogArea::net, base::LogLevel::info, "line", {{"writer", writer}, {"number", i}});
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  log.reset();
  REQUIRE(paper.lines.size() == 800);
  std::vector<int> next(4, 0);
  for (const std::string& text : paper.lines) {
    const nlohmann::json line = nlohmann::json::parse(text);
    CHECK(line["number"] == next[line["writer"].get<size_t>()]++);
  }
}

TEST_CASE("the level of each area is set at run time") {
  Paper paper;
  auto log = log_on(paper, logging::LineFormat::text, 64);
  {
    const Installed installed(log.get());
    base::set_log_level(base::LogArea::router, base::LogLevel::error);
    base::log(base::LogArea::router, base::LogLevel::warning, "held back");
    base::log(base::LogArea::net, base::LogLevel::info, "net passes");
    base::log(base::LogArea::net, base::LogLevel::debug, "held back");
    base::set_log_level(base::LogArea::router, base::LogLevel::debug);
    base::log(base::LogArea::router, base::LogLevel::debug, "router passes");
    base::set_log_level(base::LogArea::router, base::LogLevel::off);
    base::log(base::LogArea::router, base::LogLevel::error, "held back");
    base::set_log_level(base::LogArea::router, base::LogLevel::info);
  }
  log.reset();
  REQUIRE(paper.lines.size() == 2);
  CHECK(paper.lines[0].find("net passes") != std::string::npos);
  CHECK(paper.lines[1].find("router passes") != std::string::npos);
}
