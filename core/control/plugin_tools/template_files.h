#pragma once

#include <span>
#include <string_view>

namespace patchbay::plugin_tools {

/// One file of plugin-sdk/templates, part of this program so that `plugin new` needs nothing else.
struct TemplateFile {
  std::string_view set;   ///< its folder: "common", "cpp", "cpp-auth"
  std::string_view path;  ///< below the folder; a leading "dot-" of a name stands for '.'
  std::string_view text;  ///< with PLUGIN_NAME, PLUGIN_CLASS and PLUGIN_KIND to be replaced
};

/// Made by the build. [any-thread]
[[nodiscard]] std::span<const TemplateFile> template_files();

}  // namespace patchbay::plugin_tools
