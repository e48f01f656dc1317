#include "admin/zip_file.h"

#include <zip.h>

#include <memory>

namespace patchbay::admin {

namespace {

/// What libzip writes into and reads from.
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Source = std::unique_ptr<zip_source_t, FreeSource>;

/// An archive that is thrown away unless it is closed.
struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

base::Failure<std::string> failure(std::string_view what) {
  return base::fail("the archive cannot be made: " + std::string(what));
}

/// All of a source that nobody writes into any more.
base::Result<std::string, std::string> read_all(zip_source_t* source) {
  zip_stat_t facts;
  zip_stat_init(&facts);
  if (zip_source_stat(source, &facts) != 0 || (facts.valid & ZIP_STAT_SIZE) == 0) return failure("its size is unknown");
  if (zip_source_open(source) != 0) return failure("it cannot be opened");
  std::string bytes(facts.size, '\0');
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (read < 0 || static_cast<zip_uint64_t>(read) != facts.size) return failure("it cannot be read");
  return bytes;
}

}  // namespace

base::Result<std::string, std::string> zip_of(const std::string& file_name, std::string_view content) {
  zip_error_t error;
  zip_error_init(&error);
  const Source memory(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (memory == nullptr) return failure(zip_error_strerror(&error));
  Archive archive(zip_open_from_source(memory.get(), ZIP_TRUNCATE, &error));
  if (archive == nullptr) return failure(zip_error_strerror(&error));
  zip_source_keep(memory.get());  // the archive has taken the one reference that there was
  Source file(zip_source_buffer(archive.get(), content.data(), content.size(), 0));
  if (file == nullptr || zip_file_add(archive.get(), file_name.c_str(), file.get(), ZIP_FL_ENC_UTF_8) < 0)
    return failure(zip_strerror(archive.get()));
  static_cast<void>(file.release());  // the archive's now
  if (zip_close(archive.get()) != 0) return failure(zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  return read_all(memory.get());
}

}  // namespace patchbay::admin
