#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patchbay::session {

/// Aliases that a client gave to its topics. Belongs to a connection, never to a session [MQTT-3.3.2-7]. [shard]
class InboundTopicAliases {
 public:
  /// Keeps `topic` for `alias`, which the caller has checked to be 1..topic_alias_maximum.
  void set(uint16_t alias, std::string_view topic);
  /// The topic of an alias; nothing when it was never set.
  [[nodiscard]] std::optional<std::string_view> find(uint16_t alias) const;

 private:
  std::vector<std::string> topics_;
};

/// Aliases that we give to topics towards a client: first come, first served, up to the lower of both sides' maximum.
/// [shard]
class OutboundTopicAliases {
 public:
  struct Use {
    uint16_t alias = 0;        ///< 0: none, send the topic alone
    bool topic_known = false;  ///< the client already has it: send the alias with an empty topic
  };
  explicit OutboundTopicAliases(uint16_t maximum) : maximum_(maximum) {}
  [[nodiscard]] Use use(std::string_view topic);
  /// The PUBLISH for which use() gave a new alias was not sent after all: the client does not know it.
  void take_back(std::string_view topic);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  uint16_t maximum_;
  std::unordered_map<std::string, uint16_t, Hash, std::equal_to<>> aliases_;
};

}  // namespace patchbay::session
