#include "plugin_tools/new_plugin.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "plugin_tools/template_files.h"

namespace patchbay::plugin_tools {

namespace {

namespace fs = std::filesystem;

constexpr size_t kNameMax = 64;

int refuse(const std::string& sentence) {
  std::fprintf(stderr, "patchbay: %s\n", sentence.c_str());
  return 1;
}

bool is_name(const std::string& name) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kNameMax && name[0] >= 'a' && name[0] <= 'z' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), good);
}

/// "hook, auth": the kinds that there are in a language, from the sets themselves.
std::string kinds_of(const std::string& language) {
  std::set<std::string> kinds;
  for (const TemplateFile& file : template_files()) {
    if (file.set.starts_with(language + '-')) kinds.emplace(file.set.substr(language.size() + 1));
  }
  std::string text;
  for (const std::string& kind : kinds) text += (text.empty() ? "" : ", ") + kind;
  return text;
}

std::string filled(std::string_view text, const NewOptions& options) {
  std::string class_name = options.name;
  std::replace(class_name.begin(), class_name.end(), '-', '_');
  std::string out(text);
  for (const auto& [mark, value] : {std::pair<std::string_view, const std::string&>{"PLUGIN_NAME", options.name},
                                    {"PLUGIN_CLASS", class_name},
                                    {"PLUGIN_KIND", options.kind}}) {
    for (size_t at = out.find(mark); at != std::string::npos; at = out.find(mark, at + value.size()))
      out.replace(at, mark.size(), value);
  }
  return out;
}

fs::path target_path(const fs::path& folder, std::string_view path) {
  fs::path target = folder;
  for (const fs::path& part : fs::path(path)) {
    const std::string name = part.string();
    target /= name.starts_with("dot-") ? '.' + name.substr(4) : name;
  }
  return target;
}

/// False: said why.
bool write_file(const fs::path& target, const std::string& text) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  std::ofstream out(target, std::ios::binary);
  out << text;
  out.close();
  if (out && text.starts_with("#!")) fs::permissions(target, fs::perms::owner_exec, fs::perm_options::add, error);
  if (!out) refuse("cannot write " + target.string());
  return static_cast<bool>(out);
}

}  // namespace

int run_new(const NewOptions& options) {
  const std::string set = options.language + '-' + options.kind;
  const std::string kinds = kinds_of(options.language);
  if (!is_name(options.name)) {
    return refuse("a plugin's name is 1 to 64 lower-case letters, digits and '-', beginning with a letter; found \"" +
                  options.name + '"');
  }
  if (kinds.empty()) return refuse("found language \"" + options.language + "\"; allowed are cpp, c and rust");
  const auto files = template_files();
  if (std::none_of(files.begin(), files.end(), [&](const TemplateFile& file) { return file.set == set; })) {
    return refuse("found kind \"" + options.kind + "\"; in " + options.language + " there are: " + kinds);
  }
  const fs::path folder = fs::path(options.dir) / options.name;
  std::error_code error;
  if (fs::exists(folder, error)) return refuse(folder.string() + " is there already; nothing was written");
  for (const TemplateFile& file : files) {
    if (file.set != "common" && file.set != options.language && file.set != set) continue;
    if (!write_file(target_path(folder, file.path), filled(file.text, options))) return 1;
  }
  std::printf("%s: a %s plugin in %s; README.md there says how to build, test and try it\n", folder.c_str(),
              options.kind.c_str(), options.language.c_str());
  return 0;
}

}  // namespace patchbay::plugin_tools
