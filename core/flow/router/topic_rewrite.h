#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace patchbay::router {

/// Topic rewrite by rules, with EMQX's meaning: the first rule for the action whose source_topic matches decides; where
/// its expression does not match as well, the topic stays as it is. Immutable; [any-thread].
class TopicRewrite {
 public:
  enum class Action : uint8_t { publish, subscribe, all };

  struct Rule {
    Action action = Action::all;
    std::string source_topic;  ///< a topic filter
    std::string re;            ///< RE2 syntax, searched in the topic
    std::string dest_topic;    ///< with $1… for groups, ${clientid}, ${username}
  };
  struct Problem {
    size_t rule = 0;  ///< position in the list
    std::string what;
  };

  /// All problems of all rules, or the rules ready for use.
  [[nodiscard]] static base::Result<TopicRewrite, std::vector<Problem>> compile(const std::vector<Rule>& rules);

  TopicRewrite();
  TopicRewrite(TopicRewrite&&) noexcept;
  TopicRewrite& operator=(TopicRewrite&&) noexcept;
  ~TopicRewrite();

  [[nodiscard]] bool empty() const;
  /// The new topic name of a PUBLISH, or nothing where it stays. The caller validates (and authorises) the result.
  [[nodiscard]] std::optional<std::string> publish_topic(std::string_view topic_name, std::string_view client_id,
                                                         std::string_view username) const;
  /// The new filter of a SUBSCRIBE or UNSUBSCRIBE, or nothing where it stays. Of "$share/{group}/…", "$queue/…" and
  /// "$exclusive/…" only the inner filter is rewritten.
  [[nodiscard]] std::optional<std::string> subscribe_filter(std::string_view topic_filter, std::string_view client_id,
                                                            std::string_view username) const;

 private:
  struct Compiled;
  [[nodiscard]] std::optional<std::string> rewrite(const std::vector<Compiled>& rules, std::string_view topic,
                                                   std::string_view client_id, std::string_view username) const;

  std::vector<Compiled> publish_;
  std::vector<Compiled> subscribe_;
};

}  // namespace patchbay::router
