#include "package/plugin_checks.h"

#include <elf.h>

#include <algorithm>

#include "package/library_search.h"

namespace patchbay::package {

namespace {

using Level = Finding::Level;
using Names = std::vector<std::string>;

constexpr size_t kNamesShownMax = 5;

/// "a, b, c and 12 more".
std::string shown(const Names& names) {
  std::string text;
  for (size_t index = 0; index < std::min(names.size(), kNamesShownMax); ++index) {
    text += (index == 0 ? "" : ", ") + names[index];
  }
  if (names.size() > kNamesShownMax) text += " and " + std::to_string(names.size() - kNamesShownMax) + " more";
  return names.empty() ? "none" : text;
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Names that linkers put into every library that has no version script.
bool is_linkers_name(const std::string& name) {
  return name == "_init" || name == "_fini" || name == "_edata" || name == "_end" || name == "__bss_start";
}

bool is_sanitizers_name(const std::string& name) {
  constexpr std::string_view kPrefixes[] = {"__asan_", "__tsan_",      "__ubsan_", "__msan_",
                                            "__lsan_", "__sanitizer_", "__gcov_",  "__llvm_profile_"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

class Findings {
 public:
  void refuse(std::string check, std::string sentence) {
    all_.push_back({Level::refuse, std::move(check), std::move(sentence)});
  }
  void warn(std::string check, std::string sentence) {
    all_.push_back({Level::warn, std::move(check), std::move(sentence)});
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  std::vector<Finding> take() {
    sort_by_level(all_);
    return std::move(all_);
  }

 private:
  std::vector<Finding> all_;
};

/// Files that this process could not load at all.
void check_platform(const ElfFile& elf, Findings& findings) {
  if (elf.elf_class != ElfFile::Class::bits64 || !elf.little_endian) {
    findings.refuse("class", std::string("is a ") + (elf.elf_class == ElfFile::Class::bits64 ? "64" : "32") + "-bit " +
                                 (elf.little_endian ? "little" : "big") +
                                 "-endian file, this host loads 64-bit little-endian ones");
  }
  if (elf.machine != host_machine()) {
    findings.refuse(
        "machine", "is built for " + machine_name(elf.machine) + ", this host runs on " + machine_name(host_machine()));
  }
  if (elf.type != ET_DYN) {
    findings.refuse("type", "is an ELF file of type " + std::to_string(elf.type) + ", expected a shared object (" +
                                std::to_string(ET_DYN) + ")");
  }
}

void check_exports(const ElfFile& elf, Findings& findings) {
  Names others;
  for (const std::string& name : elf.exported) {
    if (name != kEntrySymbol && !is_linkers_name(name)) others.push_back(name);
  }
  if (!contains(elf.exported, std::string(kEntrySymbol))) {
    findings.refuse("exports", "does not export " + std::string(kEntrySymbol) + "; exported are: " + shown(others));
  } else if (!others.empty()) {
    findings.refuse("exports", "exports " + shown(others) + " beside " + std::string(kEntrySymbol) +
                                   ", which must be the only one: link with the version script that "
                                   "add_patchbay_plugin() makes");
  }
}

void check_unloading(const ElfFile& elf, Findings& findings) {
  if (!elf.gnu_unique.empty()) {
    findings.refuse("gnu-unique", "has symbols of binding STB_GNU_UNIQUE (" + shown(elf.gnu_unique) +
                                      "), through which two versions would share memory and no unload would work: "
                                      "compile with -fno-gnu-unique");
  }
  if (elf.static_tls) {
    findings.refuse("static-tls",
                    "uses static thread-local storage (DF_STATIC_TLS), of which the whole process has "
                    "only a little: compile without -ftls-model=initial-exec");
  }
}

void check_safety(const ElfFile& elf, Findings& findings) {
  if (elf.executable_stack) {
    findings.refuse("executable-stack",
                    "asks for an executable stack, which every thread of the broker would get: "
                    "link with -z noexecstack");
  }
  if (elf.text_relocations) {
    findings.warn("text-relocations",
                  "has relocations in its code, which is then writable while it loads: compile "
                  "with -fPIC");
  }
  for (const auto& [name, value] : {std::pair{"RPATH", &elf.rpath}, std::pair{"RUNPATH", &elf.runpath}}) {
    if (value->empty()) continue;
    findings.warn("rpath", std::string("has ") + name + " " + *value +
                               "; libraries are loaded from there, and $ORIGIN is the folder of private copies");
  }
}

void check_needed(const ElfFile& elf, Findings& findings) {
  struct Heavy {
    std::string_view prefix;
    std::string_view reason;
  };
  static constexpr Heavy kHeavy[] = {
      {"libssl.", "OpenSSL stays mapped after the plugin has gone; use the host's transport or svc.http/1"},
      {"libcrypto.", "OpenSSL stays mapped after the plugin has gone; use the host's transport or svc.http/1"},
      {"libcurl", "libcurl has initialisation per process; use svc.http/1"},
      {"libpython", "an interpreter cannot be unloaded; use isolation \"process\""},
  };
  for (const std::string& library : elf.needed) {
    for (const Heavy& heavy : kHeavy) {
      if (library.starts_with(heavy.prefix)) {
        findings.warn("needed", "needs " + library + ": " + std::string(heavy.reason));
      }
    }
  }
}

void check_section(const ElfFile& elf, Findings& findings) {
  if (!elf.has_manifest) {
    findings.refuse("manifest",
                    "has no section " + std::string(kManifestSection) + ", in which the manifest is expected");
  } else if (elf.manifest_size > kManifestBytesMax) {
    findings.refuse("manifest", "its manifest is too large: found " + std::to_string(elf.manifest_size) +
                                    " bytes, at most " + std::to_string(kManifestBytesMax) + " are allowed");
  }
}

void check_sdk(const Manifest& manifest, const HostOffer& offer, Findings& findings) {
  const std::string host = std::to_string(offer.sdk_major) + '.' + std::to_string(offer.sdk_minor);
  if (manifest.sdk_major != offer.sdk_major) {
    findings.refuse("sdk", "is built for SDK " + std::to_string(manifest.sdk_major) + ", this host speaks SDK " + host);
  } else if (manifest.sdk_minor_min > offer.sdk_minor) {
    findings.refuse("sdk", "needs SDK " + std::to_string(manifest.sdk_major) + '.' +
                               std::to_string(manifest.sdk_minor_min) + " or later, this host speaks SDK " + host);
  }
}

/// What the host has of the same name in another revision: the likeliest reason.
/// What there is instead: other revisions of the same interface, else all interfaces.
std::string other_revisions(const std::string& interface, const HostOffer& offer) {
  const auto wanted = parse_interface_id(interface);
  std::string found;
  for (const std::string& offered : offer.interfaces) {
    const auto id = parse_interface_id(offered);
    if (wanted && id && id->name == wanted->name) found += (found.empty() ? "" : ", ") + offered;
  }
  return found.empty() ? "; offered are: " + shown(offer.interfaces) : "; offered is " + found;
}

enum class Offered : uint8_t { yes, draft_not_allowed, no };

Offered offered(const std::string& interface, const HostOffer& offer) {
  if (!is_host_interface(interface) || contains(offer.interfaces, interface)) return Offered::yes;
  if (!contains(offer.drafts, interface)) return Offered::no;
  return offer.allow_draft ? Offered::yes : Offered::draft_not_allowed;
}

void check_interfaces(const Manifest& manifest, const HostOffer& offer, Findings& findings) {
  constexpr std::string_view kDraft = " is a draft that may still change: it must be allowed with allow_draft = true";
  for (const std::string& interface : manifest.needs) {
    const Offered state = offered(interface, offer);
    if (state == Offered::draft_not_allowed)
      findings.refuse("drafts", "needs " + interface + ", which" + std::string(kDraft));
    if (state != Offered::no) continue;
    findings.refuse("interfaces",
                    "needs " + interface + ", which this host does not offer" + other_revisions(interface, offer));
  }
  for (const std::string& interface : manifest.wants) {
    const Offered state = offered(interface, offer);
    if (state == Offered::draft_not_allowed)
      findings.warn("drafts", "wants " + interface + ", which" + std::string(kDraft));
    if (state != Offered::no) continue;
    findings.warn("interfaces",
                  "wants " + interface + ", which this host does not offer" + other_revisions(interface, offer));
  }
  for (const std::string& interface : manifest.provides) {
    if (offered(interface, offer) != Offered::draft_not_allowed) continue;
    findings.refuse("drafts", "provides " + interface + ", which" + std::string(kDraft));
  }
}

void check_permissions(const Manifest& manifest, const HostOffer& offer, Findings& findings) {
  if (!offer.granted_permissions) return;
  Names missing;
  for (const std::string& permission : manifest.permissions) {
    if (!contains(*offer.granted_permissions, permission)) missing.push_back(permission);
  }
  if (missing.empty()) return;
  findings.refuse("permissions", "asks for permissions that were not granted: " + shown(missing) +
                                     "; granted are: " + shown(*offer.granted_permissions));
}

}  // namespace

std::vector<Finding> check_elf(const ElfFile& elf) {
  Findings findings;
  check_platform(elf, findings);
  if (!findings.empty()) return findings.take();
  check_exports(elf, findings);
  check_unloading(elf, findings);
  check_safety(elf, findings);
  check_needed(elf, findings);
  check_section(elf, findings);
  if (elf.build_id.empty()) {
    findings.warn("build-id", "has no build id, by which its debug information is found: link with --build-id=sha1");
  }
  return findings.take();
}

std::vector<Finding> check_undefined(const ElfFile& elf, const std::filesystem::path& folder) {
  Findings findings;
  const SymbolSearch search = search_symbols(elf, folder);
  Names missing;
  Names of_sanitizers;
  for (const std::string& name : search.missing) (is_sanitizers_name(name) ? of_sanitizers : missing).push_back(name);
  if (!of_sanitizers.empty()) {
    findings.warn("undefined", "is built with a sanitizer or for coverage (" + shown(of_sanitizers) +
                                   ") and loads only where the host is too");
  }
  const std::string leaves = "leaves " + shown(missing) + " to be given by somebody else, ";
  if (!missing.empty() && search.libraries_not_found.empty()) {
    findings.refuse("undefined", leaves + "but none of the libraries that it names (" + shown(elf.needed) +
                                     ") does, and the host exports nothing: link with -z defs to find out why");
  } else if (!missing.empty()) {
    findings.warn("undefined",
                  leaves + "perhaps by " + shown(search.libraries_not_found) + ", not found in the usual folders");
  }
  return findings.take();
}

std::vector<Finding> check_manifest(const Manifest& manifest, const HostOffer& offer) {
  Findings findings;
  check_sdk(manifest, offer, findings);
  check_interfaces(manifest, offer, findings);
  check_permissions(manifest, offer, findings);
  if (!manifest.in_process) {
    findings.refuse("isolation",
                    "wants to run in a process of its own only, this host runs plugins in its own "
                    "process (isolation \"inprocess\")");
  }
  for (const std::string& warning : manifest.warnings) findings.warn("manifest", warning);
  return findings.take();
}

void sort_by_level(std::vector<Finding>& findings) {
  std::stable_partition(findings.begin(), findings.end(),
                        [](const Finding& finding) { return finding.level == Level::refuse; });
}

bool is_refused(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.level == Level::refuse; });
}

std::string sentences(const std::vector<Finding>& findings, Finding::Level level) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.level == level) text += (text.empty() ? "" : "; ") + finding.sentence;
  }
  return text;
}

}  // namespace patchbay::package
