#include "config/key_field.h"

namespace patchbay::config {

namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

constexpr std::string_view kCombining[] = {"first_decisive", "deny_overrides", "unanimous"};
constexpr std::string_view kFallbacks[] = {"default", "deny", "allow", "next"};
constexpr std::string_view kBoot[] = {"optional", "required"};
constexpr std::string_view kExecution[] = {"manifest", "shard", "worker"};
constexpr std::string_view kHardHang[] = {"alarm", "abort"};

constexpr KeyRow kHookRuleKeys[] = {
    {.name = "hook",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(HookRuleConfig, hook),
     .min = 1,
     .help = "Name of the hook point: \"auth.authenticate\"."},
    {.name = "order",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(HookRuleConfig, order),
     .help = "Instances, plugin ids or \"role:x\" in the order they are asked; those not named come after."},
    {.name = "combining",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(HookRuleConfig, combining),
     .allowed = kCombining,
     .help = "What several decisions make: the first one, one deny, or only if all allow."},
};

constexpr KeyRow kPluginHookKeys[] = {
    {.name = "hook",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(PluginHookConfig, hook),
     .min = 1,
     .help = "Name of the hook point."},
    {.name = "deadline_ms",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(PluginHookConfig, deadline_ms),
     .min = 0,
     .max = 300'000,
     .unit = "ms",
     .help = "Time for an answer that comes later; 0: as the plugin proposes."},
    {.name = "fallback",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(PluginHookConfig, fallback),
     .allowed = kFallbacks,
     .help = "What counts when it is late; default: as the plugin proposes."},
};

constexpr std::span<const KeyRow> hook_rule_keys() {
  return kHookRuleKeys;
}
constexpr std::span<const KeyRow> plugin_hook_keys() {
  return kPluginHookKeys;
}

constexpr KeyRow kPluginHostKeys[] = {
    {.name = "plugins.dir",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, plugins.dir),
     .min = 1,
     .help = "Folder of plugin files. It and they belong to root or the broker's user, and nobody else may write."},
    {.name = "plugins.dirs",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(Config, plugins.dirs),
     .help = "Further folders that plugin files may lie in."},
    {.name = "plugins.enabled",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(Config, plugins.enabled),
     .reload = Reload::sighup,
     .help = "Instances that run; each may have a table plugin.<instance>, else its file is <instance>.so."},
    {.name = "plugins.workers",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, plugins.workers),
     .min = 1,
     .max = 64,
     .help = "Threads for what plugins do that may block."},
    {.name = "plugins.max_file_size",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, plugins.max_file_size_bytes),
     .min = 4096,
     .max = 1024 * kMiB,
     .unit = "bytes",
     .help = "Larger plugin files are refused."},
    {.name = "plugins.on_hard_hang",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, plugins.on_hard_hang),
     .allowed = kHardHang,
     .help = "What a plugin that does not return leads to: an alarm, or the end of the process with a core dump."},
    {.name = "plugins.hook",
     .type = KeyType::table_list,
     .field = PATCHBAY_FIELD(Config, plugins.hook),
     .reload = Reload::sighup,
     .element = hook_rule_keys,
     .help = "Order and combining rule of hook points, for all plugins."},
};

constexpr KeyRow kPluginKeys[] = {
    {.name = "file",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(PluginConfig, file),
     .reload = Reload::sighup,
     .help = "The plugin's file: a path, or a name in one of the folders; \"\": <instance>.so. "
             "A file that has changed is upgraded to at SIGHUP."},
    {.name = "id",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(PluginConfig, id),
     .reload = Reload::sighup,
     .help = "The id that its manifest must have; \"\": any."},
    {.name = "sha256",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(PluginConfig, sha256),
     .reload = Reload::sighup,
     .help = "The hash that the file must have; \"\": any."},
    {.name = "settings",
     .type = KeyType::json,
     .field = PATCHBAY_FIELD(PluginConfig, settings),
     .reload = Reload::sighup,
     .secret = true,
     .help = "The plugin's own settings; its manifest says which."},
    {.name = "boot",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(PluginConfig, boot),
     .allowed = kBoot,
     .help = "optional: a plugin that fails at the start is left out, with an alarm. required: then the broker does "
             "not start."},
    {.name = "position",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(PluginConfig, position),
     .reload = Reload::sighup,
     .help = "front, rear, before:<instance> or after:<instance>; \"\": by manifest. plugins.hook comes first."},
    {.name = "hook",
     .type = KeyType::table_list,
     .field = PATCHBAY_FIELD(PluginConfig, hook),
     .reload = Reload::sighup,
     .element = plugin_hook_keys,
     .help = "Deadlines and fallbacks of this instance, by hook point."},
    {.name = "permissions",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(PluginConfig, permissions),
     .reload = Reload::sighup,
     .help = "What it may do beyond what is harmless; its manifest says what it asks for."},
    {.name = "allow_draft",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(PluginConfig, allow_draft),
     .reload = Reload::sighup,
     .help = "It may use interfaces that still change."},
    {.name = "execution",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(PluginConfig, execution),
     .allowed = kExecution,
     .reload = Reload::sighup,
     .help = "worker: its hooks run on worker threads and may block; manifest: as the plugin says."},
    {.name = "max_open_deferrals",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(PluginConfig, max_open_deferrals),
     .min = 1,
     .max = 1'000'000,
     .reload = Reload::sighup,
     .help = "Questions that may wait for its answer; the fallback counts above it."},
    {.name = "soak_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(PluginConfig, soak_s),
     .min = 0,
     .max = 86'400,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "After an upgrade, how long a drop of health brings the old version back."},
    {.name = "drain_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(PluginConfig, drain_s),
     .min = 0,
     .max = 3600,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "How long open questions and leases may keep a plugin that is to go."},
};

}  // namespace

std::span<const KeyRow> plugin_host_keys() {
  return kPluginHostKeys;
}

std::span<const KeyRow> plugin_keys() {
  return kPluginKeys;
}

}  // namespace patchbay::config
