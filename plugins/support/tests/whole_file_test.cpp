#include "support/whole_file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

using namespace patchbay::support;

namespace {

/// A folder of its own for one test.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "patchbay-support-").string() + std::string(6, 'X');
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  size_t files() const { return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path), {})); }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("a file is written as a whole, for its owner only, and read back") {
  const Folder folder;
  const std::string path = folder.file("a");
  std::string problem;
  CHECK_FALSE(file_stamp(path).has_value());
  const std::string text("first\0line\n", 11);
  REQUIRE(write_whole_file(path, text, problem));
  CHECK(read_whole_file(path, 100, problem) == text);
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  const auto before = file_stamp(path);
  CHECK(file_stamp(path) == before);
  REQUIRE(write_whole_file(path, text, problem));
  CHECK(file_stamp(path) != before);
  CHECK(folder.files() == 1);
}

TEST_CASE("a symbolic link stays a link") {
  const Folder folder;
  std::string problem;
  REQUIRE(write_whole_file(folder.file("real"), "old", problem));
  std::filesystem::create_symlink(folder.file("real"), folder.file("link"));
  REQUIRE(write_whole_file(folder.file("link"), "new", problem));
  CHECK(std::filesystem::is_symlink(folder.file("link")));
  CHECK(read_whole_file(folder.file("real"), 100, problem) == "new");
}

TEST_CASE("what can't be read or written says why, and leaves nothing behind") {
  const Folder folder;
  std::string problem;
  CHECK_FALSE(read_whole_file(folder.file("none"), 100, problem).has_value());
  CHECK(problem.find("none: can't be read") != std::string::npos);
  CHECK_FALSE(read_whole_file(folder.path.string(), 100, problem).has_value());
  CHECK(problem.find("no regular file") != std::string::npos);
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(read_whole_file(folder.file("pipe"), 100, problem).has_value());
  REQUIRE(write_whole_file(folder.file("long"), std::string(101, 'x'), problem));
  CHECK_FALSE(read_whole_file(folder.file("long"), 100, problem).has_value());
  CHECK(problem.find("more than 100 bytes") != std::string::npos);
  CHECK_FALSE(write_whole_file(folder.file("no/such/folder"), "x", problem));
  CHECK(problem.find("can't be written") != std::string::npos);
  // A folder in the file's place can't be replaced, and the new file goes again.
  std::filesystem::create_directories(folder.file("taken/inside"));
  const size_t files = folder.files();
  CHECK_FALSE(write_whole_file(folder.file("taken"), "x", problem));
  CHECK(folder.files() == files);
}
