#include "operations/flapping.h"

#include <deque>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "operations/banned.h"
#include "operations/core_entry.h"

namespace patchbay::operations {

namespace {
constexpr const char* kFlappingOwner = "flapping";
}

/// The clients of one shard. [shard]
struct Flapping::Counts {
  struct Window {
    uint64_t since_ms = 0;
    uint32_t disconnections = 0;
  };

  /// Counts one; true: that was one too many.
  bool add(std::string_view client_id, uint64_t now_ms, const FlappingSettings& settings) {
    std::string key(client_id);
    auto found = windows.find(key);
    if (found == windows.end()) {
      if (windows.size() >= kClientsMax) {
        windows.erase(order.front());
        order.pop_front();
      }
      order.push_back(key);
      found = windows.emplace(std::move(key), Window{now_ms, 0}).first;
    }
    Window& window = found->second;
    if (now_ms - window.since_ms >= uint64_t{settings.window_s} * 1000) window = {now_ms, 0};
    if (++window.disconnections < settings.max_count) return false;
    window = {now_ms, 0};
    return true;
  }

  std::unordered_map<std::string, Window> windows;
  std::deque<std::string> order;  ///< of `windows`, in which they came
};

/// What the entry looks at.
struct Flapping::View {
  Flapping& owner;
  FlappingSettings settings;
};

Flapping::Flapping(const OperationsEnvironment& environment, WorkQueue& queue, Banned& banned)
    : environment_(environment), queue_(queue), banned_(banned) {
  for (uint32_t shard = 0; shard < environment.shards.count(); ++shard) counts_.push_back(std::make_unique<Counts>());
}

Flapping::~Flapping() = default;

void Flapping::configure(const FlappingSettings& settings) {
  if (settings == settings_) return;
  settings_ = settings;
  const auto view = std::make_shared<View>(View{*this, settings});
  environment_.change_chains([view](plugin_bridge::ChainPublisher& chains) {
    listen_at<hooks::HookId::client_disconnected>(
        chains, kFlappingOwner, view->settings.enable,
        core_entry<hooks::HookId::client_disconnected>(kFlappingOwner, base::Phase::observe, &Flapping::on_disconnected,
                                                       view.get(), view));
  });
}

base::Verdict Flapping::on_disconnected(void* self, hooks::ClientEvent& event, base::Token) noexcept {
  const View& view = *static_cast<const View*>(self);
  Flapping& owner = view.owner;
  // Whom the broker itself sends away does not flap.
  if (event.client == nullptr || event.reason == "server_shutdown" || event.reason == "kicked") return {};
  Counts& counts = *owner.counts_[base::current_shard()];
  if (!counts.add(event.client->client_id(), owner.environment_.clock.steady_ms(), view.settings)) return {};
  owner.queue_.post([&owner, client_id = std::string(event.client->client_id()), settings = view.settings] {
    owner.ban(client_id, settings);
  });
  return {};
}

void Flapping::ban(const std::string& client_id, const FlappingSettings& settings) {
  Ban ban;
  ban.who = client_id;
  ban.by = kAuthor;
  ban.reason = "flapping is detected";
  ban.at_unix_s = environment_.clock.unix_ms() / 1000;
  ban.until_unix_s = ban.at_unix_s + settings.ban_s;
  const auto added = banned_.add(std::move(ban));
  if (added || added.error().refusal == Banned::Refusal::exists) return;
  base::log(base::LogArea::admin, base::LogLevel::warning, "a flapping client cannot be banned",
            {{"client_id", client_id}, {"error", added.error().sentence}});
}

}  // namespace patchbay::operations
