#include "config/key_field.h"

namespace patchbay::config {

namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = kKiB * 1024;

constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error", "off"};
constexpr std::string_view kAreaLevels[] = {"debug", "info", "warning", "error", "off", "inherit"};
constexpr std::string_view kFormats[] = {"text", "json"};
constexpr std::string_view kTargets[] = {"stderr", "file"};

constexpr KeyRow area_level(std::string_view name, FieldRef (*field)(void*)) {
  return {.name = name,
          .type = KeyType::enumeration,
          .field = field,
          .allowed = kAreaLevels,
          .reload = Reload::sighup,
          .help = "Level of this area alone; inherit: as log.level."};
}

#define PATCHBAY_AREA_LEVEL(area) \
  area_level("log.levels." #area, PATCHBAY_FIELD(Config, log.levels[static_cast<size_t>(base::LogArea::area)]))

constexpr KeyRow kNodeKeys[] = {
    {.name = "node.name",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, node.name),
     .min = 1,
     .help = "Name of this node in `$SYS` topics and metrics; no `/`, `+`, `#` or blanks."},
    {.name = "node.shards",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, node.shards),
     .min = 0,
     .max = 1024,
     .unit = "threads",
     .help = "Threads that serve clients; 0: one for each core."},
    {.name = "node.pin_shards",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, node.pin_shards),
     .help = "Each of these threads stays on a processor of its own: steadier latency on a machine, or in a cpuset, "
             "that the "
             "broker has for itself."},
    {.name = "node.data_dir",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, node.data_dir),
     .min = 1,
     .help = "Folder of everything that is kept; `--data` overrides it."},
    {.name = "node.max_connections",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, node.max_connections),
     .min = 0,
     .max = 100'000'000,
     .help = "Open connections, all listeners; 0: 90 % of the process's descriptor limit, less 64."},
    {.name = "node.mailbox_high_water",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, node.mailbox_high_water),
     .min = 64,
     .max = 16'777'216,
     .unit = "messages",
     .help = "A shard whose mailbox to another holds more stops reading from the clients that fill it."},

    {.name = "connection.write_high_water",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, connection.write_high_water_bytes),
     .min = kKiB,
     .max = 256 * kMiB,
     .unit = "bytes",
     .help = "Unsent bytes above which deliveries wait in the session's queue."},
    {.name = "connection.write_hard_limit",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, connection.write_hard_limit_bytes),
     .min = kKiB,
     .max = 1024 * kMiB,
     .unit = "bytes",
     .help = "Unsent bytes, and one packet, above which the connection is closed as a slow consumer."},
    {.name = "connection.send_timeout_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, connection.send_timeout_s),
     .min = 1,
     .max = 3600,
     .unit = "s",
     .help = "A client that takes no byte for so long while bytes wait is closed."},
    {.name = "connection.linger_ms",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, connection.linger_ms),
     .min = 0,
     .max = 60'000,
     .unit = "ms",
     .help = "A connection that the broker ends has so long to take the last bytes, and then to end its side: what it "
             "still sends meanwhile is thrown away, so that it can read the reason. 0: closed at once."},
    {.name = "connection.linger_bytes",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, connection.linger_bytes),
     .min = 0,
     .max = 1024 * kMiB,
     .unit = "bytes",
     .help = "Bytes thrown away so, after which the connection is closed at once."},
    {.name = "connection.read_buffer",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, connection.read_buffer_bytes),
     .min = 4 * kKiB,
     .max = 16 * kMiB,
     .unit = "bytes",
     .help = "Read buffer of a shard; connections that wait hold none."},
    {.name = "connection.reads_per_turn",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, connection.reads_per_turn),
     .min = 1,
     .max = 1024,
     .help = "Reads from one busy connection before others get their turn."},

    {.name = "log.level",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, log.level),
     .allowed = kLevels,
     .reload = Reload::sighup,
     .help = "Lowest level that is written."},
    {.name = "log.format",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, log.format),
     .allowed = kFormats,
     .help = "text: one readable line; json: one object for each line."},
    {.name = "log.to",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, log.to),
     .allowed = kTargets,
     .help = "Where lines go."},
    {.name = "log.file",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, log.file),
     .help = "With log.to = \"file\": the file; opened again at SIGHUP, so that it can be rotated."},
    {.name = "log.queue_lines",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, log.queue_lines),
     .min = 64,
     .max = 1'048'576,
     .unit = "lines",
     .help = "Lines that wait to be written. More are dropped and counted: the log never holds up clients."},
    PATCHBAY_AREA_LEVEL(broker),
    PATCHBAY_AREA_LEVEL(net),
    PATCHBAY_AREA_LEVEL(connection),
    PATCHBAY_AREA_LEVEL(session),
    PATCHBAY_AREA_LEVEL(access),
    PATCHBAY_AREA_LEVEL(hooks),
    PATCHBAY_AREA_LEVEL(router),
    PATCHBAY_AREA_LEVEL(plugin),
    PATCHBAY_AREA_LEVEL(admin),
    PATCHBAY_AREA_LEVEL(config),
};

}  // namespace

std::span<const KeyRow> node_keys() {
  return kNodeKeys;
}

}  // namespace patchbay::config
