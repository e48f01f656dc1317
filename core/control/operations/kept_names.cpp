#include "operations/kept_names.h"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "package/durable_file.h"

namespace patchbay::operations {

namespace {
constexpr size_t kNamesFileMax = 64u << 20;
}

base::Result<bool, std::string> keep_names(const std::filesystem::path& path, const std::vector<std::string>& names) {
  return package::write_durably(path,
                                nlohmann::json(names).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

base::Result<std::vector<std::string>, std::string> kept_names(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::vector<std::string>{};
  const auto text = package::read_whole(path, std::min<size_t>(std::filesystem::file_size(path), kNamesFileMax));
  if (!text) return base::fail(text.error());
  try {
    return nlohmann::json::parse(*text).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception& error) {
    return base::fail(path.string() + ": is no list of names: " + error.what());
  }
}

}  // namespace patchbay::operations
