#include "plugin_tools/inspect.h"

#include <nlohmann/json.hpp>

#include "package/plugin_package.h"
#include "package/sdk_interfaces.h"

namespace patchbay::plugin_tools {

namespace {

using nlohmann::json;
using package::ElfFile;
using package::Finding;
using package::Manifest;
using package::PackageReport;

constexpr size_t kNameColumn = 14;
constexpr size_t kNamesShownMax = 12;

std::string line(std::string_view name, const std::string& value) {
  std::string text(name);
  text.resize(std::max(text.size() + 1, kNameColumn), ' ');
  return text + (value.empty() ? "-" : value) + '\n';
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (size_t index = 0; index < std::min(names.size(), kNamesShownMax); ++index) {
    text += (index == 0 ? "" : ", ") + names[index];
  }
  if (names.size() > kNamesShownMax) text += " and " + std::to_string(names.size() - kNamesShownMax) + " more";
  return text;
}

std::string_view execution_name(const Manifest& manifest) {
  return manifest.execution == Manifest::Execution::worker ? "worker" : "shard";
}

std::string hook_text(const package::HookProposal& hook) {
  std::string text = hook.hook;
  if (hook.deadline_ms) text += ", deadline " + std::to_string(*hook.deadline_ms) + " ms";
  if (hook.fallback) text += ", fallback " + std::string(package::fallback_name(*hook.fallback));
  if (!hook.before.empty()) text += ", before " + joined(hook.before);
  if (!hook.after.empty()) text += ", after " + joined(hook.after);
  if (hook.priority != 0) text += ", priority " + std::to_string(hook.priority);
  return text;
}

std::string manifest_text(const Manifest& manifest) {
  std::string text = line("id", manifest.id) + line("version", manifest.version.text()) +
                     line("title", manifest.title) + line("license", manifest.license);
  text += line("sdk", std::to_string(manifest.sdk_major) + '.' + std::to_string(manifest.sdk_minor_min) + " or later");
  text += line("needs", joined(manifest.needs)) + line("wants", joined(manifest.wants));
  text += line("provides", joined(manifest.provides)) + line("permissions", joined(manifest.permissions));
  text += line("role", manifest.role);
  text += line("instances", manifest.instances == Manifest::Instances::many ? "many" : "one");
  text += line("execution", std::string(execution_name(manifest)));
  text += line("unload", manifest.unload == Manifest::Unload::never ? "never" : "yes");
  for (const package::HookProposal& hook : manifest.hooks) text += line("hook", hook_text(hook));
  for (const package::RouteDeclaration& route : manifest.routes) {
    text += line("route", route.method + ' ' + route.path + ", scope " + route.scope);
  }
  for (const package::MetricDeclaration& metric : manifest.metrics) {
    text += line("metric", metric.name + ", " + std::string(package::metric_type_name(metric.type)));
  }
  text += line("settings", manifest.config_schema.empty() ? "none" : "described by a schema (--json shows it)");
  return text;
}

std::string elf_text(const ElfFile& elf) {
  return line("machine", package::machine_name(elf.machine)) + line("build id", elf.build_id) +
         line("exports", joined(elf.exported)) + line("libraries", joined(elf.needed)) +
         line("undefined", std::to_string(elf.undefined.size()) + ", of which " +
                               std::to_string(elf.unversioned.size()) + " name no version of a library");
}

std::string report_text(const PackageReport& report) {
  std::string text = line("file", report.file.string()) + line("size", std::to_string(report.size) + " bytes") +
                     line("sha256", report.sha256);
  if (report.elf) text += elf_text(*report.elf);
  if (report.manifest) text += manifest_text(*report.manifest);
  for (const Finding& finding : report.findings) {
    text += line(finding.level == Finding::Level::refuse ? "REFUSED" : "warning",
                 finding.sentence + " [" + finding.check + ']');
  }
  if (report.findings.empty()) text += line("findings", "none");
  return text;
}

json elf_json(const ElfFile& elf) {
  json object = json::object();
  object["machine"] = package::machine_name(elf.machine);
  object["bits"] = elf.elf_class == ElfFile::Class::bits64 ? 64 : 32;
  object["build_id"] = elf.build_id;
  object["soname"] = elf.soname;
  object["needed"] = elf.needed;
  object["rpath"] = elf.rpath;
  object["runpath"] = elf.runpath;
  object["exported"] = elf.exported;
  object["undefined"] = elf.undefined;
  object["gnu_unique"] = elf.gnu_unique;
  object["static_tls"] = elf.static_tls;
  object["executable_stack"] = elf.executable_stack;
  object["manifest_size"] = elf.manifest_size;
  return object;
}

json report_json(const PackageReport& report) {
  json object = json::object();
  object["file"] = report.file.string();
  object["size"] = report.size;
  object["sha256"] = report.sha256;
  object["accepted"] = !package::is_refused(report.findings);
  object["elf"] = report.elf ? elf_json(*report.elf) : json();
  object["manifest"] = report.manifest ? json::parse(report.manifest->json) : json();
  object["findings"] = json::array();
  for (const Finding& finding : report.findings) {
    json entry = json::object();
    entry["level"] = finding.level == Finding::Level::refuse ? "refuse" : "warn";
    entry["check"] = finding.check;
    entry["sentence"] = finding.sentence;
    object["findings"].push_back(std::move(entry));
  }
  return object;
}

}  // namespace

int run_inspect(const InspectOptions& options, std::FILE* out, std::FILE* errors) {
  const auto report = package::inspect_package(options.file, package::sdk_offer());
  if (!report) {
    std::fprintf(errors, "patchbay: %s\n", report.error().c_str());
    return 2;
  }
  const std::string text = options.json
                               ? report_json(*report).dump(2, ' ', false, json::error_handler_t::replace) + '\n'
                               : report_text(*report);
  std::fputs(text.c_str(), out);
  return package::is_refused(report->findings) ? 1 : 0;
}

}  // namespace patchbay::plugin_tools
