#include "package/settings_store.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "package/durable_file.h"
#include "package/json_text.h"

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = SettingsStoreError::Kind;

constexpr std::string_view kPrefix = "config-";
constexpr std::string_view kSuffix = ".json";
constexpr size_t kEnvelopeBytesMax = 64 * 1024;  // Author, time, note and punctuation around the settings.
constexpr size_t kNoteBytesMax = 4096;

base::Failure<SettingsStoreError> failure(Kind kind, std::string sentence) {
  return base::fail(SettingsStoreError{kind, std::move(sentence)});
}

fs::path version_path(const fs::path& folder, uint64_t number) {
  return folder / (std::string(kPrefix) + std::to_string(number) + std::string(kSuffix));
}

std::optional<uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() < kPrefix.size() + kSuffix.size()) {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end || number == 0 || digits[0] == '0') return std::nullopt;
  return number;
}

/// Numbers of the versions that are there, highest first. Names of other forms (a temporary file of a crash) are
/// passed over.
base::Result<std::vector<uint64_t>, SettingsStoreError> numbers(const fs::path& folder) {
  std::vector<uint64_t> all;
  std::error_code error;
  if (!fs::exists(folder, error)) return all;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto number = number_of(entry->path().filename().string());
    if (number) all.push_back(*number);
  }
  if (error) return failure(Kind::io, folder.string() + ": cannot be listed: " + error.message());
  std::sort(all.rbegin(), all.rend());
  return all;
}

std::optional<SettingsVersion> parse_version(const json& document) {
  const auto settings = document.find("settings");
  if (!document.is_object() || settings == document.end() || !settings->is_object()) return std::nullopt;
  try {
    SettingsVersion version;
    version.number = document.at("version").get<uint64_t>();
    version.author = document.at("author").get<std::string>();
    version.unix_ms = document.at("unix_ms").get<uint64_t>();
    version.note = document.at("note").get<std::string>();
    version.config_version = document.at("config_version").get<uint32_t>();
    version.settings = settings->dump();
    return version;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

base::Result<SettingsVersion, SettingsStoreError> read_version(const fs::path& path, uint64_t number,
                                                               size_t bytes_max) {
  const auto content = read_whole(path, bytes_max);
  if (!content) return failure(Kind::io, content.error());
  const auto document = parse_json(*content, "the version", {bytes_max, 64});
  if (!document) return failure(Kind::io, path.string() + ": is damaged: " + document.error().text);
  auto version = parse_version(*document);
  if (!version || version->number != number) {
    return failure(Kind::io, path.string() + ": is damaged: it is no version " + std::to_string(number) +
                                 " of settings with author, time, note and settings");
  }
  return std::move(*version);
}

std::string envelope(const SettingsVersion& version, json settings) {
  json document = json::object();
  document["version"] = version.number;
  document["author"] = version.author;
  document["unix_ms"] = version.unix_ms;
  document["note"] = version.note;
  document["config_version"] = version.config_version;
  document["settings"] = std::move(settings);
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

std::optional<SettingsStoreError> conflict(uint64_t current, std::optional<uint64_t> expected) {
  if (!expected || *expected == current) return std::nullopt;
  const std::string has =
      current == 0 ? "there is no version yet" : "version " + std::to_string(current) + " is in force";
  return SettingsStoreError{Kind::conflict, "somebody else changed these settings: expected version " +
                                                std::to_string(*expected) + ", but " + has};
}

}  // namespace

SettingsStore::SettingsStore(fs::path data_dir, const base::Clock& clock, SettingsStoreLimits limits)
    : data_dir_(std::move(data_dir)), clock_(clock), limits_(limits) {}

fs::path SettingsStore::folder(std::string_view instance) const {
  return data_dir_ / "plugins" / instance;
}

SettingsStore::Answer<uint64_t> SettingsStore::put(std::string_view instance, const SettingsChange& change) {
  const auto known = known_numbers(instance);
  if (!known) return base::fail(known.error());
  const uint64_t current = known->empty() ? 0 : known->front();
  if (const auto problem = conflict(current, change.expected)) return base::fail(*problem);
  if (change.author.size() + change.note.size() > kNoteBytesMax) {
    return failure(Kind::invalid, "author and note have " + std::to_string(change.author.size() + change.note.size()) +
                                      " bytes, at most " + std::to_string(kNoteBytesMax) + " are allowed");
  }
  auto settings = parse_json(change.settings, "the settings document", {limits_.settings_bytes_max, 60});
  if (!settings) return failure(Kind::invalid, problem_line(settings.error()));
  if (!settings->is_object()) return failure(Kind::invalid, "settings must be a JSON object");
  // Numbers may be longer as they are written here than as they came (1e9), and what is written must be readable.
  if (const size_t size = settings->dump().size(); size > limits_.settings_bytes_max) {
    return failure(Kind::invalid, "the settings have " + std::to_string(size) + " bytes, at most " +
                                      std::to_string(limits_.settings_bytes_max) + " are allowed");
  }
  SettingsVersion version;
  version.number = current + 1;
  version.author = change.author;
  version.unix_ms = clock_.unix_ms();
  version.note = change.note;
  version.config_version = change.config_version;
  const auto written = write_version(instance, version, std::move(*settings));
  if (!written) return base::fail(written.error());
  drop_oldest(instance, *known);
  return version.number;
}

SettingsStore::Answer<bool> SettingsStore::write_version(std::string_view instance, const SettingsVersion& version,
                                                         nlohmann::json settings) {
  std::error_code error;
  const fs::path dir = folder(instance);
  // Settings hold secrets, so nobody else may look into the folder.
  if (fs::create_directories(dir, error)) fs::permissions(dir, fs::perms::owner_all, error);
  if (error) return failure(Kind::io, dir.string() + ": cannot be made: " + error.message());
  const auto written = write_durably(version_path(dir, version.number), envelope(version, std::move(settings)));
  if (!written) return failure(Kind::io, written.error());
  return true;
}

void SettingsStore::drop_oldest(std::string_view instance, const std::vector<uint64_t>& older) const {
  std::error_code ignored;  // What stays is tried again with the next version.
  for (size_t index = std::max<size_t>(limits_.versions_max, 1) - 1; index < older.size(); ++index) {
    fs::remove(version_path(folder(instance), older[index]), ignored);
  }
}

SettingsStore::Answer<std::vector<uint64_t>> SettingsStore::known_numbers(std::string_view instance) const {
  if (!is_instance_name(instance)) {
    return failure(Kind::invalid, "\"" + std::string(instance.substr(0, 64)) +
                                      "\" is no name of an instance: expected letters, digits, '-', '_' and '.', at "
                                      "most 64, beginning with a letter or digit");
  }
  return numbers(folder(instance));
}

SettingsStore::Answer<std::vector<SettingsVersion>> SettingsStore::list(std::string_view instance) const {
  const auto known = known_numbers(instance);
  if (!known) return base::fail(known.error());
  std::vector<SettingsVersion> versions;
  for (const uint64_t number : *known) {
    auto version = get(instance, number);
    if (!version) return base::fail(version.error());
    version->settings.clear();
    versions.push_back(std::move(*version));
  }
  return versions;
}

SettingsStore::Answer<SettingsVersion> SettingsStore::get(std::string_view instance, uint64_t number) const {
  const auto known = known_numbers(instance);
  if (!known) return base::fail(known.error());
  if (std::find(known->begin(), known->end(), number) == known->end()) {
    const std::string kept =
        known->empty() ? "there are none"
                       : "kept are " + std::to_string(known->back()) + " to " + std::to_string(known->front());
    return failure(Kind::not_found, "no version " + std::to_string(number) + " of the settings of \"" +
                                        std::string(instance) + "\": " + kept);
  }
  return read_version(version_path(folder(instance), number), number, limits_.settings_bytes_max + kEnvelopeBytesMax);
}

SettingsStore::Answer<SettingsVersion> SettingsStore::current(std::string_view instance) const {
  const auto known = known_numbers(instance);
  if (!known) return base::fail(known.error());
  if (known->empty()) return failure(Kind::not_found, "no settings of \"" + std::string(instance) + "\" are stored");
  return get(instance, known->front());
}

SettingsStore::Answer<uint64_t> SettingsStore::roll_back(std::string_view instance, uint64_t number, std::string author,
                                                         std::optional<uint64_t> expected) {
  auto old = get(instance, number);
  if (!old) return base::fail(old.error());
  SettingsChange change;
  change.settings = std::move(old->settings);
  change.author = std::move(author);
  change.note = "rolled back to version " + std::to_string(number);
  change.config_version = old->config_version;
  change.expected = expected;
  return put(instance, change);
}

SettingsStore::Answer<size_t> SettingsStore::remove(std::string_view instance) {
  const auto known = known_numbers(instance);
  if (!known) return base::fail(known.error());
  std::error_code error;
  for (const uint64_t number : *known) fs::remove(version_path(folder(instance), number), error);
  if (error) return failure(Kind::io, folder(instance).string() + ": cannot be emptied: " + error.message());
  std::error_code ignored;  // Other files of the plugin may still be in its folder.
  fs::remove(folder(instance), ignored);
  return known->size();
}

bool is_instance_name(std::string_view name) {
  const auto is_letter_or_digit = [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  };
  return !name.empty() && name.size() <= 64 && is_letter_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char byte) { return is_letter_or_digit(byte) || byte == '-' || byte == '_' || byte == '.'; });
}

}  // namespace patchbay::package
