#include "logging/line_output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace patchbay::logging;  // NOLINT: test

namespace {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("patchbay_log_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("lines are appended to the file at once") {
  const Folder folder;
  const std::string path = folder.file("a.log");
  std::ofstream(path) << "before\n";
  auto output = FileOutput::open(path);
  REQUIRE(output.has_value());
  output.value()->write_line("one");
  CHECK(content(path) == "before\none\n");
  output.value()->write_line("two");
  CHECK(content(path) == "before\none\ntwo\n");
}

TEST_CASE("a new file is readable by its owner and group only") {
  const Folder folder;
  const auto output = FileOutput::open(folder.file("a.log"));
  REQUIRE(output.has_value());
  struct stat status {};
  REQUIRE(::stat(folder.file("a.log").c_str(), &status) == 0);
  CHECK((status.st_mode & 0137) == 0);
}

TEST_CASE("after a rotation lines go to a new file of the same name") {
  const Folder folder;
  const std::string path = folder.file("a.log");
  auto output = FileOutput::open(path);
  REQUIRE(output.has_value());
  output.value()->write_line("old");
  std::filesystem::rename(path, folder.file("a.log.1"));
  output.value()->write_line("still old");
  CHECK(output.value()->reopen());
  output.value()->write_line("new");
  CHECK(content(folder.file("a.log.1")) == "old\nstill old\n");
  CHECK(content(path) == "new\n");
}

TEST_CASE("a file that cannot be opened is an error with its reason") {
  const Folder folder;
  const auto output = FileOutput::open(folder.file("none/a.log"));
  REQUIRE_FALSE(output.has_value());
  CHECK(output.error().find("none/a.log: No such file or directory") != std::string::npos);
}

TEST_CASE("when reopening fails the old file stays open") {
  const Folder folder;
  const std::string inner = folder.file("inner");
  std::filesystem::create_directory(inner);
  auto output = FileOutput::open(inner + "/a.log");
  REQUIRE(output.has_value());
  std::filesystem::rename(inner, folder.file("moved"));
  CHECK_FALSE(output.value()->reopen());
  output.value()->write_line("kept");
  CHECK(content(folder.file("moved/a.log")) == "kept\n");
}
