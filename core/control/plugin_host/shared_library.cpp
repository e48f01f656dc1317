#include "plugin_host/shared_library.h"

// Boost.DLL 1.74 forgets <vector> in this mode, in which nothing of Boost.Filesystem is linked.
#include <vector>
#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <fstream>
#include <utility>

namespace patchbay::plugin_host {

namespace {

class SharedLibrary final : public Library {
 public:
  SharedLibrary(boost::dll::shared_library library, std::filesystem::path file)
      : library_(std::move(library)), file_(std::move(file)) {}

  [[nodiscard]] const patchbay_entry* entry() const override {
    if (!library_.has(PATCHBAY_ENTRY_SYMBOL)) return nullptr;
    return &library_.get<const patchbay_entry>(PATCHBAY_ENTRY_SYMBOL);
  }

  [[nodiscard]] base::Result<bool, std::string> close() override {
    library_.unload();
    // dlclose answers the same whether it has unmapped or not.
    if (!is_mapped(file_)) return true;
    return base::fail(file_.filename().string() +
                      " is still mapped after dlclose: thread_local destructors, GNU-unique symbols or a library that "
                      "pins it keep it");
  }

 private:
  boost::dll::shared_library library_;
  std::filesystem::path file_;
};

/// "…: undefined symbol: foo: Bad file descriptor": Boost.DLL appends an error code that means nothing here.
std::string loader_text(std::string text) {
  const size_t noise = text.rfind(": Bad file descriptor");
  if (noise != std::string::npos) text.erase(noise);
  constexpr std::string_view prefix = "boost::dll::shared_library::load() failed: ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  return text;
}

}  // namespace

base::Result<std::unique_ptr<Library>, std::string> SharedLibraryLoader::open(const std::filesystem::path& file) {
  try {
    // The overload with an error code drops dlerror's text; this one has it.
    boost::dll::shared_library library(file, boost::dll::load_mode::rtld_now);
    return std::unique_ptr<Library>(std::make_unique<SharedLibrary>(std::move(library), file));
  } catch (const std::exception& error) {
    return base::fail(loader_text(error.what()));
  }
}

bool is_mapped(const std::filesystem::path& file) {
  std::ifstream maps("/proc/self/maps");
  const std::string wanted = file.string();
  for (std::string line; std::getline(maps, line);) {
    const size_t path = line.find('/');
    if (path == std::string::npos) continue;
    std::string_view mapped = std::string_view(line).substr(path);
    constexpr std::string_view deleted = " (deleted)";
    if (mapped.ends_with(deleted)) mapped.remove_suffix(deleted.size());
    if (mapped == wanted) return true;
  }
  return false;
}

}  // namespace patchbay::plugin_host
