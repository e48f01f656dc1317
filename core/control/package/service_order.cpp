#include "package/service_order.h"

#include <algorithm>
#include <string_view>

#include "package/manifest.h"

namespace patchbay::package {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class ServiceSorter {
 public:
  explicit ServiceSorter(const std::vector<ServiceUser>& instances)
      : instances_(instances), states_(instances.size(), State::waiting) {}

  ServiceOrder sort() {
    refuse_unprovided();
    while (std::find(states_.begin(), states_.end(), State::waiting) != states_.end()) {
      if (start_next()) continue;
      refuse_cycle();
      refuse_unprovided();
    }
    return std::move(order_);
  }

 private:
  enum class State : uint8_t { waiting, started, refused };
  /// How much must be there before an instance starts.
  enum class Patience : uint8_t { wants_too, all_providers, any_provider };

  /// Calls `visit` with everybody but `user` who provides the service and has not been refused.
  template <class Visitor>
  void for_each_provider(size_t user, const std::string& service, Visitor visit) const {
    for (size_t index = 0; index < instances_.size(); ++index) {
      if (index == user || states_[index] == State::refused) continue;
      if (contains(instances_[index].provides, service)) visit(index);
    }
  }

  [[nodiscard]] bool is_own(size_t user, const std::string& service) const {
    return is_host_interface(service) || contains(instances_[user].provides, service);
  }

  [[nodiscard]] size_t count_providers(size_t user, const std::string& service, bool only_started) const {
    size_t count = 0;
    for_each_provider(user, service, [&](size_t index) {
      if (!only_started || states_[index] == State::started) ++count;
    });
    return count;
  }

  /// Refusing one may leave others without a provider, hence the repetition.
  void refuse_unprovided() {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t user = 0; user < instances_.size(); ++user) {
        if (states_[user] != State::waiting) continue;
        const auto& needs = instances_[user].needs;
        const auto missing = std::find_if(needs.begin(), needs.end(), [&](const std::string& service) {
          return !is_own(user, service) && count_providers(user, service, false) == 0;
        });
        if (missing == needs.end()) continue;
        refuse(user, "needs " + *missing + ", which " + who_would_have_provided(user, *missing));
        changed = true;
      }
    }
  }

  [[nodiscard]] std::string who_would_have_provided(size_t user, const std::string& service) const {
    for (size_t index = 0; index < instances_.size(); ++index) {
      if (index != user && contains(instances_[index].provides, service)) {
        return "only " + instances_[index].instance + " provides, which was refused itself";
      }
    }
    return "no enabled plugin provides";
  }

  void refuse(size_t index, std::string sentence) {
    states_[index] = State::refused;
    order_.refused.push_back({instances_[index].instance, std::move(sentence)});
  }

  bool start_next() {
    for (const Patience patience : {Patience::wants_too, Patience::all_providers, Patience::any_provider}) {
      for (size_t user = 0; user < instances_.size(); ++user) {
        if (states_[user] != State::waiting || !can_start(user, patience)) continue;
        states_[user] = State::started;
        order_.start.push_back({instances_[user].instance, reason(user)});
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool can_start(size_t user, Patience patience) const {
    const auto is_there = [&](const std::string& service) {
      if (is_own(user, service)) return true;
      const size_t started = count_providers(user, service, true);
      return patience == Patience::any_provider ? started > 0 : started == count_providers(user, service, false);
    };
    const ServiceUser& instance = instances_[user];
    if (!std::all_of(instance.needs.begin(), instance.needs.end(), is_there)) return false;
    return patience != Patience::wants_too || std::all_of(instance.wants.begin(), instance.wants.end(), is_there);
  }

  [[nodiscard]] std::string reason(size_t user) const {
    std::string text;
    const auto add = [&](std::string_view verb, const std::vector<std::string>& services) {
      for (const std::string& service : services) {
        if (is_own(user, service)) continue;
        for_each_provider(user, service, [&](size_t index) {
          if (states_[index] != State::started) return;
          text += (text.empty() ? "" : ", ") + std::string(verb) + service + " of " + instances_[index].instance;
        });
      }
    };
    add("needs ", instances_[user].needs);
    add("wants ", instances_[user].wants);
    return text.empty() ? "waits for nobody" : text;
  }

  /// Somebody who waits and whom `user` needs.
  [[nodiscard]] size_t next_in_cycle(size_t user, std::string& service) const {
    size_t found = user;
    for (const std::string& need : instances_[user].needs) {
      if (is_own(user, need) || count_providers(user, need, true) > 0) continue;
      for_each_provider(user, need, [&](size_t index) {
        if (found == user && states_[index] == State::waiting) {
          found = index;
          service = need;
        }
      });
    }
    return found;
  }

  /// Everybody who waits needs somebody who waits: walking along the needs comes to a place for the second time.
  void refuse_cycle() {
    const auto first = std::find(states_.begin(), states_.end(), State::waiting);
    std::vector<size_t> trail;
    std::vector<std::string> services;
    auto at = static_cast<size_t>(first - states_.begin());
    while (std::find(trail.begin(), trail.end(), at) == trail.end()) {
      trail.push_back(at);
      std::string service;
      at = next_in_cycle(at, service);
      services.push_back(service);
    }
    const auto begin = static_cast<size_t>(std::find(trail.begin(), trail.end(), at) - trail.begin());
    std::string text;
    for (size_t step = begin; step < trail.size(); ++step) {
      const size_t other = step + 1 < trail.size() ? trail[step + 1] : trail[begin];
      text += (text.empty() ? "" : ", ") + instances_[trail[step]].instance + " needs " + services[step] + " of " +
              instances_[other].instance;
    }
    for (size_t step = begin; step < trail.size(); ++step) refuse(trail[step], "services in a circle: " + text);
  }

  const std::vector<ServiceUser>& instances_;
  std::vector<State> states_;
  ServiceOrder order_;
};

}  // namespace

ServiceOrder order_services(const std::vector<ServiceUser>& instances) {
  return ServiceSorter(instances).sort();
}

}  // namespace patchbay::package
