#include "package/plugin_file.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "package/private_copy.h"
#include "package/sha256.h"
#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
namespace fs = std::filesystem;

namespace {

/// An allowed folder with one plugin file in it.
struct Fixture {
  TemporaryFolder folder;
  fs::path dir = folder.path() / "allowed";
  fs::path file = folder.write("allowed/sub/auth.so", "the bytes of a plugin");
  TrustPolicy policy;

  Fixture() {
    policy.allowed_dirs = {folder.path() / "other", dir};
    for (const fs::path& path : {dir, dir / "sub"}) ::chmod(path.c_str(), 0755);
    ::chmod(file.c_str(), 0644);
  }

  [[nodiscard]] std::string refusal(const fs::path& path) const {
    const auto opened = PluginFile::open(path, policy);
    return opened ? "" : opened.error();
  }
};

std::string hash_of(std::string_view text) {
  Sha256 hash;
  hash.add(text.data(), text.size());
  return hash.finish();
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

size_t count_files(const fs::path& dir) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(dir), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file that may be trusted is opened and read") {
  Fixture fixture;
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  REQUIRE(file.has_value());
  CHECK(file->path() == fixture.file);
  CHECK(file->size() == 21);
  const auto bytes = file->read();
  REQUIRE(bytes.has_value());
  CHECK(std::string(bytes->begin(), bytes->end()) == "the bytes of a plugin");
}

TEST_CASE("a path outside of the allowed folders is refused, whatever it looks like") {
  Fixture fixture;
  const fs::path outside = fixture.folder.write("outside.so", "x");
  const fs::path neighbour = fixture.folder.write("allowed-too/x.so", "x");
  fs::create_symlink(outside, fixture.dir / "link.so");
  fs::create_directory_symlink(neighbour.parent_path(), fixture.dir / "dirlink");
  for (const fs::path& path :
       {outside, neighbour, fixture.dir / "link.so", fixture.dir / "dirlink/x.so", fixture.dir / "../outside.so"}) {
    CAPTURE(path);
    CHECK(contains(fixture.refusal(path), "lies outside of the allowed folders (plugins.dirs), which are: "));
    CHECK(contains(fixture.refusal(path), fixture.dir.string()));
  }
  CHECK(contains(fixture.refusal(fixture.dir / "link.so"), "(a link to " + outside.string() + ")"));
  fixture.policy.allowed_dirs.clear();
  CHECK(contains(fixture.refusal(fixture.file), "which are: none"));
}

TEST_CASE("links inside of the allowed folder are fine") {
  Fixture fixture;
  fs::create_symlink("sub/auth.so", fixture.dir / "current.so");
  CHECK(fixture.refusal(fixture.dir / "current.so").empty());
}

TEST_CASE("a file that others may write to is refused with its mode") {
  Fixture fixture;
  for (const mode_t mode : {0666, 0664, 0646}) {
    ::chmod(fixture.file.c_str(), mode);
    CAPTURE(mode);
    CHECK(contains(fixture.refusal(fixture.file), "so others may write to it; allowed are modes without"));
  }
  ::chmod(fixture.file.c_str(), 0666);
  CHECK(contains(fixture.refusal(fixture.file), "has mode 0666"));
}

TEST_CASE("a folder on the way that others may write to is refused") {
  Fixture fixture;
  ::chmod((fixture.dir / "sub").c_str(), 0777);
  CHECK(contains(fixture.refusal(fixture.file), "allowed/sub: has mode 0777"));
  ::chmod((fixture.dir / "sub").c_str(), 0755);
  ::chmod(fixture.dir.c_str(), 0775);
  CHECK(contains(fixture.refusal(fixture.file), "allowed: has mode 0775"));
  ::chmod(fixture.dir.c_str(), 0755);
  ::chmod(fixture.folder.path().c_str(), 0777);  // Above the allowed folder it is the operator's business.
  CHECK(fixture.refusal(fixture.file).empty());
}

TEST_CASE("a file of another user is refused") {
  Fixture fixture;
  if (::geteuid() == 0) {
    REQUIRE(::chown(fixture.file.c_str(), 4242, 4242) == 0);
    CHECK(contains(fixture.refusal(fixture.file), "belongs to user 4242, allowed are root (0) and 0"));
    fixture.policy.owner = 4242;
    CHECK(fixture.refusal(fixture.file).empty());
  } else {
    fixture.policy.owner = ::geteuid() + 1;
    CHECK(contains(fixture.refusal(fixture.file), "belongs to user " + std::to_string(::geteuid())));
  }
}

TEST_CASE("only regular files are opened, and nothing waits") {
  Fixture fixture;
  CHECK(contains(fixture.refusal(fixture.dir / "sub"), "is a folder, expected a regular file"));
  const fs::path pipe = fixture.dir / "pipe.so";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(contains(fixture.refusal(pipe), "is a pipe, expected a regular file"));
  CHECK(contains(fixture.refusal(fixture.dir / "gone.so"), "cannot be found: No such file"));
}

TEST_CASE("a file above the limit is refused with both sizes") {
  Fixture fixture;
  fixture.policy.file_bytes_max = 20;
  CHECK(contains(fixture.refusal(fixture.file), "has 21 bytes, at most 20 are allowed"));
  fixture.policy.file_bytes_max = 21;
  CHECK(fixture.refusal(fixture.file).empty());
}

TEST_CASE("a file that grows or shrinks after it was opened is noticed") {
  Fixture fixture;
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  REQUIRE(file.has_value());
  fs::resize_file(fixture.file, 22);
  CHECK(contains(file->read().error(), "changed while it was read"));
  fs::resize_file(fixture.file, 5);
  CHECK(contains(file->read().error(), "changed while it was read: it had 21 bytes"));
}

TEST_CASE("the private copy has a hash, a closed folder, and a name of its own") {
  Fixture fixture;
  const fs::path loaded = fixture.folder.path() / "data/plugins/.loaded";
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  auto copy = PrivateCopy::make(*file, loaded, hash_of("the bytes of a plugin"));
  REQUIRE(copy.has_value());
  CHECK(copy->sha256() == hash_of("the bytes of a plugin"));
  CHECK(std::string(copy->bytes().begin(), copy->bytes().end()) == "the bytes of a plugin");
  CHECK(mode_of(loaded) == 0700);
  const auto path = copy->name("com.example.auth", *Version::parse("1.2.3"), 7);
  REQUIRE(path.has_value());
  CHECK(path->filename() == "com.example.auth-1.2.3-" + copy->sha256().substr(0, 12) + "-7.so");
  CHECK(mode_of(*path) == 0500);
  CHECK(file_content(*path) == "the bytes of a plugin");
  CHECK(count_files(loaded) == 1);
}

TEST_CASE("what replaces the original later does not reach the copy") {
  Fixture fixture;
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  auto copy = PrivateCopy::make(*file, fixture.folder.path() / "loaded");
  REQUIRE(copy.has_value());
  fixture.folder.write("allowed/sub/auth.so", "something else");
  CHECK(file_content(copy->path()) == "the bytes of a plugin");
}

TEST_CASE("another hash than the expected one is refused with both, and nothing stays") {
  Fixture fixture;
  const fs::path loaded = fixture.folder.path() / "loaded";
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  const std::string other = hash_of("something else");
  const auto refused = PrivateCopy::make(*file, loaded, other);
  REQUIRE_FALSE(refused.has_value());
  CHECK(contains(refused.error(), "has SHA-256 " + hash_of("the bytes of a plugin") + ", expected " + other));
  CHECK(contains(PrivateCopy::make(*file, loaded, "abc").error(), "is no SHA-256: found 3 characters, expected 64"));
  CHECK(count_files(loaded) == 0);
}

TEST_CASE("a copy goes with its object unless it is kept") {
  Fixture fixture;
  const fs::path loaded = fixture.folder.path() / "loaded";
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  {
    auto first = PrivateCopy::make(*file, loaded);
    auto second = PrivateCopy::make(*file, loaded);
    REQUIRE((first.has_value() && second.has_value()));
    CHECK(first->path() != second->path());
    PrivateCopy moved(std::move(*first));
    CHECK(count_files(loaded) == 2);
    second->keep();
  }
  CHECK(count_files(loaded) == 1);
}

TEST_CASE("a name that is taken is an error: its file may be mapped") {
  Fixture fixture;
  const fs::path loaded = fixture.folder.path() / "loaded";
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  auto first = PrivateCopy::make(*file, loaded);
  auto second = PrivateCopy::make(*file, loaded);
  const Version version = *Version::parse("1.0.0");
  REQUIRE(first->name("a.b", version, 1).has_value());
  CHECK(contains(second->name("a.b", version, 1).error(), "File exists"));
  CHECK(second->name("a.b", version, 2).has_value());
}

TEST_CASE("copies are not put where others could change them") {
  Fixture fixture;
  const auto file = PluginFile::open(fixture.file, fixture.policy);
  const fs::path open = fixture.folder.path() / "open";
  fs::create_directory(open);
  ::chmod(open.c_str(), 0777);
  CHECK(contains(PrivateCopy::make(*file, open).error(), "others may write to it"));
  const fs::path link = fixture.folder.path() / "link";
  fs::create_directory_symlink(fixture.dir, link);
  CHECK(contains(PrivateCopy::make(*file, link).error(), "is no folder"));
  CHECK(PrivateCopy::make(*file, fixture.file / "below-a-file").error().size() > 10);
}

TEST_CASE("a file system that is mounted noexec is named before dlopen would fail") {
  for (const char* candidate : {"/dev/shm", "/run", "/run/lock", "/var/tmp"}) {
    struct statvfs mount {};
    if (::statvfs(candidate, &mount) != 0 || (mount.f_flag & ST_NOEXEC) == 0) continue;
    if (::access(candidate, W_OK) != 0) continue;
    Fixture fixture;
    const TemporaryFolder folder(candidate);
    const auto file = PluginFile::open(fixture.file, fixture.policy);
    const auto refused = PrivateCopy::make(*file, folder.path() / "loaded");
    REQUIRE_FALSE(refused.has_value());
    CHECK(contains(refused.error(), "is on a file system that is mounted noexec"));
    return;
  }
  WARN("no writable file system here is mounted noexec");
}

TEST_CASE("what an earlier run left is removed, and nothing else") {
  const TemporaryFolder folder;
  folder.write("a.b-1.0.0-0123456789ab-1.so", "x");
  folder.write(".incoming-1-1", "x");
  folder.write("README", "x");
  fs::create_directory(folder.path() / "dir.so");
  CHECK(*remove_stale_copies(folder.path()) == 2);
  CHECK(fs::exists(folder.path() / "README"));
  CHECK(fs::exists(folder.path() / "dir.so"));
  CHECK(*remove_stale_copies(folder.path() / "gone") == 0);
}
