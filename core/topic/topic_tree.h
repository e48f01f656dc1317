#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "topic/filter_scan.h"
#include "topic/topic_order.h"

namespace patchbay::topic {

/// Topic names and what is kept for each, in the order of compare_topics. A look-up by filter skips what cannot match,
/// takes a bounded number of steps at a time, and goes on later although the tree has changed in between.
///
/// `TopicOf{}(value)` gives a value's topic, so that a value which holds its topic does not pay for it twice. [shard]
template <class Value, class TopicOf>
class TopicTree {
 public:
  /// Null where nothing is kept for the topic; valid until that topic is changed.
  [[nodiscard]] const Value* find(std::string_view topic) const {
    const auto found = values_.find(topic);
    return found == values_.end() ? nullptr : &*found;
  }
  /// Keeps `value` under its topic; returns what was there before.
  std::optional<Value> put(Value value) {
    const auto next = values_.lower_bound(TopicOf{}(value));
    if (next == values_.end() || compare_topics(TopicOf{}(*next), TopicOf{}(value)) != 0) {
      values_.insert(next, std::move(value));
      return std::nullopt;
    }
    const auto hint = std::next(next);
    auto node = values_.extract(next);
    std::optional<Value> before(std::move(node.value()));
    node.value() = std::move(value);
    values_.insert(hint, std::move(node));
    return before;
  }
  /// Removes and returns what is kept for the topic.
  std::optional<Value> take(std::string_view topic) {
    const auto found = values_.find(topic);
    if (found == values_.end()) return std::nullopt;
    return std::move(values_.extract(found).value());
  }
  [[nodiscard]] size_t size() const { return values_.size(); }

  /// Calls `visit(const Value&)` for values whose topics match `filter`, in order, from `resume_at` (inclusive; empty:
  /// from the first), until it returns false (that value is then the next to visit), `maximum_steps` topics have been
  /// examined, or all is done. Returns where to resume, or nothing when done.
  template <class Visit>
  [[nodiscard]] std::optional<std::string> find_matching(std::string_view filter, std::string_view resume_at,
                                                         size_t maximum_steps, Visit&& visit) const {
    FilterScan scan(filter);
    auto at = values_.lower_bound(resume_at);
    for (size_t step = 0; at != values_.end(); ++step) {
      const std::string_view topic = TopicOf{}(*at);
      if (step == maximum_steps) return std::string(topic);
      switch (scan.examine(topic)) {
        case FilterScan::Step::match:
          if (!visit(*at)) return std::string(topic);
          ++at;
          break;
        case FilterScan::Step::seek:
          at = values_.lower_bound(std::string_view(scan.target()));
          break;
        case FilterScan::Step::end:
          return std::nullopt;
      }
    }
    return std::nullopt;
  }

  /// Visits up to `maximum_steps` values from `resume_at` on and removes those for which `is_unwanted(const Value&)` is
  /// true. Returns where to resume, or nothing after the last.
  template <class IsUnwanted>
  std::optional<std::string> sweep(std::string_view resume_at, size_t maximum_steps, IsUnwanted&& is_unwanted) {
    auto at = values_.lower_bound(resume_at);
    for (size_t step = 0; at != values_.end(); ++step) {
      if (step == maximum_steps) return std::string(TopicOf{}(*at));
      at = is_unwanted(*at) ? values_.erase(at) : std::next(at);
    }
    return std::nullopt;
  }

 private:
  struct Below {
    using is_transparent = void;
    bool operator()(const Value& left, const Value& right) const {
      return compare_topics(TopicOf{}(left), TopicOf{}(right)) < 0;
    }
    bool operator()(const Value& left, std::string_view right) const {
      return compare_topics(TopicOf{}(left), right) < 0;
    }
    bool operator()(std::string_view left, const Value& right) const {
      return compare_topics(left, TopicOf{}(right)) < 0;
    }
  };

  std::set<Value, Below> values_;
};

}  // namespace patchbay::topic
