#include "package/plugin_package.h"

#include <algorithm>

#include "package/sha256.h"

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;
using Stage = PackageRefusal::Stage;

base::Failure<PackageRefusal> refusal(Stage stage, std::string sentence) {
  return base::fail(PackageRefusal{stage, {std::move(sentence)}});
}

/// The refusals among the findings, each with the file's name in front.
PackageRefusal refusal_of(Stage stage, const fs::path& file, const std::vector<Finding>& findings) {
  PackageRefusal refused{stage, {}};
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::refuse) refused.sentences.push_back(file.string() + ": " + finding.sentence);
  }
  return refused;
}

PackageRefusal manifest_refusal(const fs::path& file, const Problems& problems) {
  PackageRefusal refused{Stage::manifest, {}};
  for (const Problem& problem : problems) {
    refused.sentences.push_back(file.string() + ": manifest: " + problem_line(problem));
  }
  return refused;
}

void append(std::vector<Finding>& findings, std::vector<Finding> more) {
  findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Finding> check_bytes(const ElfFile& elf, const fs::path& folder) {
  std::vector<Finding> findings = check_elf(elf);
  // Of a file for another machine the symbols have not been read.
  if (elf.machine == host_machine()) append(findings, check_undefined(elf, folder));
  sort_by_level(findings);
  return findings;
}

/// What can be known from the bytes of the file: layout, symbols, manifest, host, until something is refused.
struct Contents {
  ElfFile elf;
  Manifest manifest;
  std::vector<Finding> warnings;
};

base::Result<Contents, PackageRefusal> read_contents(const PluginFile& file, const PrivateCopy& copy,
                                                     const HostOffer& offer) {
  auto elf = ElfFile::read(copy.bytes());
  if (!elf) return refusal(Stage::elf, file.path().string() + ": " + elf.error());
  std::vector<Finding> findings = check_bytes(*elf, copy.path().parent_path());
  if (is_refused(findings)) return base::fail(refusal_of(Stage::elf, file.path(), findings));
  auto manifest = parse_manifest(elf->manifest);
  if (!manifest) return base::fail(manifest_refusal(file.path(), manifest.error()));
  append(findings, check_manifest(*manifest, offer));
  if (is_refused(findings)) return base::fail(refusal_of(Stage::host, file.path(), findings));
  return Contents{std::move(*elf), std::move(*manifest), std::move(findings)};
}

}  // namespace

std::string PackageRefusal::text() const {
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
  return text;
}

base::Result<PluginPackage, PackageRefusal> open_package(const PackageRequest& request) {
  const auto file = PluginFile::open(request.file, request.trust);
  if (!file) return refusal(Stage::untrusted, file.error());
  auto copy = PrivateCopy::make(*file, request.loaded_dir, request.expected_sha256);
  if (!copy) return refusal(Stage::copy, copy.error());
  auto contents = read_contents(*file, *copy, request.offer);
  if (!contents) return base::fail(contents.error());
  auto schema = SettingsSchema::parse(contents->manifest.config_schema);
  PATCHBAY_ASSERT(schema.has_value());  // The manifest would have been refused.
  const auto named = copy->name(contents->manifest.id, contents->manifest.version, request.generation);
  if (!named) return refusal(Stage::copy, named.error());
  return PluginPackage{file->path(),
                       std::move(*copy),
                       std::move(contents->elf),
                       std::move(contents->manifest),
                       std::move(*schema),
                       std::move(contents->warnings)};
}

base::Result<PackageReport, std::string> inspect_package(const fs::path& path, const HostOffer& offer) {
  const auto file = PluginFile::open_unchecked(path);
  if (!file) return base::fail(file.error());
  const auto bytes = file->read();
  if (!bytes) return base::fail(bytes.error());
  PackageReport report;
  report.file = file->path();
  report.size = file->size();
  Sha256 hash;
  hash.add(bytes->data(), bytes->size());
  report.sha256 = hash.finish();
  auto elf = ElfFile::read(*bytes);
  if (!elf) {
    report.findings.push_back({Finding::Level::refuse, "elf", elf.error()});
    return report;
  }
  report.findings = check_bytes(*elf, file->path().parent_path());
  if (elf->has_manifest) {
    auto manifest = parse_manifest(elf->manifest);
    if (manifest) {
      append(report.findings, check_manifest(*manifest, offer));
      report.manifest = std::move(*manifest);
    } else {
      for (const Problem& problem : manifest.error()) {
        report.findings.push_back({Finding::Level::refuse, "manifest", problem_line(problem)});
      }
    }
    report.manifest_text = elf->manifest.substr(0, kManifestBytesMax);
  }
  sort_by_level(report.findings);
  elf->manifest = {};
  report.elf = std::move(*elf);
  return report;
}

}  // namespace patchbay::package
