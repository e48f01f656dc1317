#include "package/hook_order.h"

#include <algorithm>
#include <set>

namespace patchbay::package {

namespace {

constexpr std::string_view kRole = "role:";

/// One instance that has the hook.
struct Entry {
  const OrderedInstance* instance = nullptr;
  const HookProposal* proposal = nullptr;
  bool is_listed = false;
};

/// "first before second, says the manifest of `author`".
struct Edge {
  size_t first = 0;
  size_t second = 0;
  size_t author = 0;
};

bool is_named_by(const std::string& name, const Entry& entry) {
  if (name.starts_with(kRole))
    return !entry.instance->role.empty() && name.substr(kRole.size()) == entry.instance->role;
  return name == entry.instance->id;
}

class HookSorter {
 public:
  HookSorter(std::string hook, const std::vector<OrderedInstance>& instances) {
    order_.hook = std::move(hook);
    for (const OrderedInstance& instance : instances) {
      for (const HookProposal& proposal : instance.hooks) {
        if (proposal.hook == order_.hook) entries_.push_back({&instance, &proposal});
      }
    }
    for (size_t index = 0; index < entries_.size(); ++index) add_edges(index);
  }

  base::Result<HookOrder, std::string> sort(const std::vector<std::string>& operator_list) {
    place_listed(operator_list);
    std::vector<size_t> open;
    for (size_t index = 0; index < entries_.size(); ++index) {
      if (!entries_[index].is_listed) open.push_back(index);
    }
    while (!open.empty()) {
      const auto next = best(open);
      if (next == open.end()) return base::fail(order_.hook + ": " + cycle(open));
      order_.positions.push_back({name(*next), reason(*next)});
      open.erase(next);
    }
    return std::move(order_);
  }

 private:
  [[nodiscard]] const std::string& name(size_t index) const { return entries_[index].instance->instance; }

  void add_edges(size_t author) {
    const HookProposal& proposal = *entries_[author].proposal;
    for (size_t other = 0; other < entries_.size(); ++other) {
      // What a plugin says of its own role or id is not meant for its own instances: each would be before the other.
      if (entries_[other].instance->id == entries_[author].instance->id) continue;
      const auto is_meant = [&](const std::string& text) { return is_named_by(text, entries_[other]); };
      if (std::any_of(proposal.before.begin(), proposal.before.end(), is_meant))
        edges_.push_back({author, other, author});
      if (std::any_of(proposal.after.begin(), proposal.after.end(), is_meant))
        edges_.push_back({other, author, author});
    }
  }

  void place_listed(const std::vector<std::string>& operator_list) {
    std::vector<size_t> listed;
    for (const std::string& wanted : operator_list) {
      for (size_t index = 0; index < entries_.size(); ++index) {
        Entry& entry = entries_[index];
        if (entry.is_listed || (wanted != entry.instance->instance && !is_named_by(wanted, entry))) continue;
        entry.is_listed = true;
        listed.push_back(index);
      }
    }
    for (auto at = listed.begin(); at != listed.end(); ++at) {
      std::string text = "operator's list";
      for (const Edge& edge : edges_) {
        if (edge.second == *at && std::find(at, listed.end(), edge.first) != listed.end()) {
          text += ", against " + sentence(edge);
        }
      }
      order_.positions.push_back({name(*at), text});
    }
  }

  [[nodiscard]] std::string sentence(const Edge& edge) const {
    return name(edge.first) + " before " + name(edge.second) + " (manifest of " + name(edge.author) + ")";
  }

  /// Of those that wait for nobody, the one with the lowest priority; then id, then name. End: everybody waits.
  std::vector<size_t>::iterator best(std::vector<size_t>& open) {
    auto found = open.end();
    for (auto candidate = open.begin(); candidate != open.end(); ++candidate) {
      if (waits(*candidate, open)) continue;
      if (found == open.end() || is_better(*candidate, *found)) found = candidate;
    }
    return found;
  }

  [[nodiscard]] bool waits(size_t index, const std::vector<size_t>& open) const {
    return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& edge) {
      return edge.second == index && std::find(open.begin(), open.end(), edge.first) != open.end();
    });
  }

  [[nodiscard]] bool is_better(size_t left, size_t right) const {
    const Entry& one = entries_[left];
    const Entry& other = entries_[right];
    if (one.proposal->priority != other.proposal->priority) return one.proposal->priority < other.proposal->priority;
    if (one.instance->id != other.instance->id) return one.instance->id < other.instance->id;
    return one.instance->instance < other.instance->instance;
  }

  [[nodiscard]] std::string reason(size_t index) const {
    std::string constraints;
    for (const Edge& edge : edges_) {
      if (edge.first != index && edge.second != index) continue;
      const bool is_against = edge.second != index && entries_[edge.second].is_listed;
      constraints += (constraints.empty() ? "" : ", ") +
                     std::string(is_against ? "behind the operator's list, against " : "") + sentence(edge);
    }
    if (!constraints.empty()) return constraints;
    const Entry& entry = entries_[index];
    const auto all_have = [&](auto same) { return std::all_of(entries_.begin(), entries_.end(), same); };
    if (entries_.size() == 1) return "the only one";
    if (!all_have([&](const Entry& other) { return other.proposal->priority == entry.proposal->priority; })) {
      return "priority " + std::to_string(entry.proposal->priority);
    }
    if (!all_have([&](const Entry& other) { return other.instance->id == entry.instance->id; })) return "id";
    return "name of the instance";
  }

  /// Everybody in `open` waits for somebody in it, so walking backwards must come to a place for the second time.
  [[nodiscard]] std::string cycle(const std::vector<size_t>& open) const {
    std::vector<const Edge*> trail;
    for (size_t at = open.front();;) {
      const auto seen = std::find_if(trail.begin(), trail.end(), [&](const Edge* edge) { return edge->second == at; });
      if (seen != trail.end()) return sentences({seen, trail.end()});
      const auto edge = std::find_if(edges_.begin(), edges_.end(), [&](const Edge& each) {
        return each.second == at && std::find(open.begin(), open.end(), each.first) != open.end();
      });
      trail.push_back(&*edge);
      at = edge->first;
    }
  }

  [[nodiscard]] std::string sentences(std::vector<const Edge*> trail) const {
    std::string text;
    for (auto edge = trail.rbegin(); edge != trail.rend(); ++edge)
      text += (text.empty() ? "" : ", ") + sentence(**edge);
    return text;
  }

  HookOrder order_;
  std::vector<Entry> entries_;
  std::vector<Edge> edges_;
};

}  // namespace

base::Result<HookOrder, std::string> order_hook(const std::string& hook, const std::vector<OrderedInstance>& instances,
                                                const std::vector<std::string>& operator_list) {
  return HookSorter(hook, instances).sort(operator_list);
}

base::Result<std::vector<HookOrder>, std::vector<std::string>> order_hooks(
    const std::vector<OrderedInstance>& instances, const OperatorOrder& operator_order) {
  std::set<std::string> hooks;
  for (const OrderedInstance& instance : instances) {
    for (const HookProposal& proposal : instance.hooks) hooks.insert(proposal.hook);
  }
  std::vector<HookOrder> orders;
  std::vector<std::string> cycles;
  for (const std::string& hook : hooks) {
    const auto list = operator_order.find(hook);
    auto order = order_hook(hook, instances, list == operator_order.end() ? std::vector<std::string>() : list->second);
    if (order) {
      orders.push_back(std::move(*order));
    } else {
      cycles.push_back(order.error());
    }
  }
  if (!cycles.empty()) return base::fail(std::move(cycles));
  return orders;
}

}  // namespace patchbay::package
