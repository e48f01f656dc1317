#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/problem.h"
#include "package/version.h"

namespace patchbay::package {

/// A manifest larger than this is refused before it is parsed.
inline constexpr size_t kManifestBytesMax = size_t{1} << 20;

/// What counts when an answer is late. The manifest proposes, the operator decides.
enum class Fallback : uint8_t { allow, deny, next };
[[nodiscard]] std::string_view fallback_name(Fallback fallback);

/// What a manifest says about one hook point that the plugin may register for.
struct HookProposal {
  std::string hook;                     ///< its name in hooks.def: "auth.authenticate"
  std::optional<uint64_t> deadline_ms;  ///< nothing: the hook table's default
  std::optional<Fallback> fallback;     ///< nothing: the hook table's default
  std::vector<std::string> before;      ///< plugin ids and "role:<role>"
  std::vector<std::string> after;       ///< the same
  int32_t priority = 0;                 ///< lower comes first where nothing else decides; -1000..1000
};

struct MetricDeclaration {
  enum class Type : uint8_t { counter, gauge };
  std::string name;  ///< [a-z][a-z0-9_]*
  Type type = Type::counter;
  std::string help;
  std::string unit;
  std::vector<std::string> labels;
};
[[nodiscard]] std::string_view metric_type_name(MetricDeclaration::Type type);

struct RouteDeclaration {
  std::string method;  ///< GET, POST, PUT, PATCH, DELETE
  std::string path;    ///< below {api}/plugins/{instance}; begins with '/', may hold {parameters}
  std::string scope;   ///< "plugins:write"
  std::string summary;
  uint64_t body_bytes_max = 64 * 1024;
  std::string request_schema;   ///< JSON text; "": none
  std::string response_schema;  ///< JSON text; "": none
};

struct PanelDeclaration {
  std::string title;
  std::string kind;    ///< "line", "bar", "gauge", "table"
  std::string metric;  ///< one of the manifest's metrics, or "" with a route
  std::string route;   ///< path of one of the manifest's GET routes, or ""
  std::string by;      ///< label of the metric; "": all together
};

/// What a plugin says about itself in its file, checked. Immutable once parsed.
struct Manifest {
  enum class Instances : uint8_t { one, many };
  enum class Execution : uint8_t { shard, worker };
  enum class Unload : uint8_t { yes, never };

  std::string id;  ///< reverse domain: "com.example.auth-http"
  Version version;
  std::string title;
  std::string description;
  std::string author;
  std::string homepage;
  std::string license;
  uint32_t sdk_major = 0;
  uint32_t sdk_minor_min = 0;

  std::vector<std::string> needs;     ///< interfaces, "<name>/<revision>": refuse without
  std::vector<std::string> wants;     ///< degrade without
  std::vector<std::string> provides;  ///< offered to other plugins
  std::vector<std::string> permissions;
  std::vector<HookProposal> hooks;  ///< by name of the hook

  std::string role;  ///< "authn"; what others may name in before and after; "": none
  Instances instances = Instances::one;
  bool single_instance = false;  ///< each instance gets a private copy of the code
  Execution execution = Execution::shard;
  bool in_process = true;      ///< isolation lists "inprocess"
  bool child_process = false;  ///< isolation lists "process"
  Unload unload = Unload::yes;
  bool client_slot = false;

  std::string config_schema;  ///< JSON text of `config`; "": the plugin has no settings
  uint32_t config_version = 1;
  std::vector<MetricDeclaration> metrics;
  std::vector<RouteDeclaration> routes;
  std::vector<PanelDeclaration> panels;
  std::map<std::string, std::map<std::string, std::string>> texts;  ///< language -> key -> text

  std::string json;                   ///< the document as it was read, compact; for REST
  std::vector<std::string> warnings;  ///< what is odd but not wrong: hooks that this host doesn't know
};

/// Parses and checks a manifest, all problems at once. [any-thread]
[[nodiscard]] base::Result<Manifest, Problems> parse_manifest(std::string_view text);

/// "<name>/<revision>" taken apart; nothing when it isn't one. [any-thread]
struct InterfaceId {
  std::string_view name;
  uint32_t revision = 0;
};
[[nodiscard]] std::optional<InterfaceId> parse_interface_id(std::string_view text);

/// Offered by the host ("patchbay.publish/1") rather than by another plugin. [any-thread]
[[nodiscard]] inline bool is_host_interface(std::string_view interface_id) {
  return interface_id.starts_with("patchbay.");
}

}  // namespace patchbay::package
