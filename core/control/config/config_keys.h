#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"

/// The table of keys: what the configuration file, the environment, `--set`, the reference page and `--print-limits`
/// know about each key comes from here, and the default from the structs themselves. [any-thread], constant.
namespace patchbay::config {

enum class KeyType : uint8_t { string, boolean, integer, size, number, enumeration, string_list, table_list, json };

/// When a changed value takes effect.
enum class Reload : uint8_t { restart, sighup };

/// A list of tables, without its element type: the element's own rows know the type.
struct TableList {
  void* list;
  void* (*append)(void* list);
  void* (*at)(void* list, size_t index);
  size_t (*size)(const void* list);
  void (*clear)(void* list);
};

/// Where a value lives. Enumerations are bytes: each enumerator is the index of its name in `allowed`.
using FieldRef = std::variant<std::string*, bool*, uint8_t*, uint16_t*, uint32_t*, uint64_t*, double*,
                              std::vector<std::string>*, TableList>;

/// The types of listener that have a key, as bits of `1 << ListenerType`.
inline constexpr uint8_t kAllListeners = 0b111111;
inline constexpr uint8_t kStreamListeners = 0b001111;
inline constexpr uint8_t kDatagramListeners = 0b110000;
inline constexpr uint8_t kDtlsListeners = 0b100000;
inline constexpr uint8_t kTlsListeners = 0b101010;
inline constexpr uint8_t kWebsocketListeners = 0b001100;

struct KeyRow {
  std::string_view name;  ///< dotted, from the object that `field` takes
  KeyType type;
  FieldRef (*field)(void* object);
  uint64_t min = 0;  ///< of integers, sizes (bytes) and numbers; of the length of strings that must not be empty
  uint64_t max = 0;  ///< 0 for types without a range
  std::span<const std::string_view> allowed = {};
  std::string_view unit = {};
  Reload reload = Reload::restart;
  bool secret = false;  ///< the value is never printed
  uint8_t listeners = kAllListeners;
  std::span<const KeyRow> (*element)() = nullptr;  ///< rows of a table list
  std::string_view default_note = {};              ///< said in place of the struct's default
  std::string_view help = {};
};

/// Keys of a Config object, listeners and plugins' instances apart, in the order of the reference page.
[[nodiscard]] std::vector<const KeyRow*> root_keys();
/// Keys of a ListenerConfig object.
[[nodiscard]] std::span<const KeyRow> listener_keys();
/// Keys of a PluginConfig object.
[[nodiscard]] std::span<const KeyRow> plugin_keys();
/// Parts of root_keys(), one for each table file.
[[nodiscard]] std::span<const KeyRow> node_keys();
[[nodiscard]] std::span<const KeyRow> api_keys();
[[nodiscard]] std::span<const KeyRow> mqtt_keys();
[[nodiscard]] std::span<const KeyRow> session_keys();
[[nodiscard]] std::span<const KeyRow> service_keys();
[[nodiscard]] std::span<const KeyRow> plugin_host_keys();

[[nodiscard]] std::string_view listener_type_name(ListenerType type);
/// The listeners of a type inside `listeners`.
[[nodiscard]] ListenerMap& listener_map(ListenersConfig& listeners, ListenerType type);
[[nodiscard]] const ListenerMap& listener_map(const ListenersConfig& listeners, ListenerType type);
inline constexpr ListenerType kListenerTypes[] = {ListenerType::tcp, ListenerType::ssl, ListenerType::ws,
                                                  ListenerType::wss, ListenerType::udp, ListenerType::dtls};
[[nodiscard]] constexpr bool has_key(ListenerType type, const KeyRow& row) {
  return (row.listeners >> static_cast<uint8_t>(type) & 1) != 0;
}

/// "integer, 1 to 65535", "one of round_robin, random", "size, 1KiB to 256MiB (bytes, or with B, KiB, MiB, GiB)".
[[nodiscard]] std::string allowed_text(const KeyRow& row);
/// The value in TOML's notation: `"oldest"`, `1000`, `"64KiB"`, `[]`. Secrets that are set become `"(secret)"`.
[[nodiscard]] std::string value_text(const KeyRow& row, const void* object);
/// "64KiB" where the number is whole in a larger unit, else "1500B".
[[nodiscard]] std::string size_text(uint64_t bytes);

}  // namespace patchbay::config
