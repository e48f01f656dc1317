// SPDX-License-Identifier: Apache-2.0
// A broker in the process of the author's test: no sockets, no sleeps, a clock that the test moves.
//
//   patchbay::testing::fake_host host;
//   host.settings(R"({"users": ["ann"]})");
//   host.start(patchbay_plugin_entry);                 // linked in; or plugin_file("x.so").entry()
//   CHECK(host.authenticate({.client_id = "c1", .username = "root"}).denied());
//   host.stop();
//   CHECK(host.leaks().none());
//
// Nothing here needs a test library. The parts are members, for whoever needs more than the shortcuts.
#pragma once

#include "patchbay/testing/connections.hpp"
#include "patchbay/testing/hooks.hpp"
#include "patchbay/testing/leaks.hpp"
#include "patchbay/testing/plugin_file.hpp"
#include "patchbay/testing/services.hpp"
#include "patchbay/testing/storage.hpp"
#include "patchbay/testing/streams.hpp"
#include "patchbay/testing/timers.hpp"

namespace patchbay::testing {

class fake_host {
 public:
  explicit fake_host(host_options options = {})
      : shared(std::move(options)),
        work(shared),
        clock(shared),
        fds(shared),
        store(shared),
        rest(shared),
        services(shared),
        outgoing(shared),
        all_messages(shared),
        all_clients(shared, work),
        bus(shared, all_messages, work),
        arguments(shared, all_messages),
        points(shared, arguments),
        protocol(shared, all_messages, all_clients, bus) {
    fill_table();
  }
  fake_host(const fake_host&) = delete;
  fake_host& operator=(const fake_host&) = delete;
  ~fake_host() { destroy(); }

  // --- life cycle
  // -------------------------------------------------------------------------------------------------------------------

  /// The settings that start() will configure with; JSON text.
  fake_host& settings(std::string json) {
    store.settings = std::move(json);
    return *this;
  }
  /// create, configure, start. The status of the first step that failed, and its text in errors().
  patchbay_status start(const patchbay_entry& entry) {
    if (const auto code = create(entry); code != PATCHBAY_OK) return code;
    if (const auto code = configure(store.settings); code != PATCHBAY_OK) return code;
    return start_created();
  }
  patchbay_status create(const patchbay_entry& entry) {
    destroy();
    const role_scope role(PATCHBAY_THREAD_CONTROL);
    shared.accepts_work = true;
    store.forget_metrics();
    plugin_ = entry.create(&shared.table, str(shared.options().instance_name));
    if (plugin_ == nullptr) return PATCHBAY_FAILED;
    points.plugin = {};
    std::memcpy(&points.plugin, plugin_, std::min<std::size_t>(plugin_->size, sizeof points.plugin));
    protocol.plugin_self = plugin_->self;
    protocol.protocol = get<patchbay_protocol>(PATCHBAY_PROTOCOL_1);
    return PATCHBAY_OK;
  }
  patchbay_status configure(std::string json) {
    const role_scope role(PATCHBAY_THREAD_CONTROL);
    text_writer errors;
    const std::string given = std::move(json);
    const auto code = plugin_->configure(plugin_->self, str(given), &errors.raw);
    errors_ = errors.value;
    if (code == PATCHBAY_OK) store.settings = given, ++store.settings_version;
    return code;
  }
  patchbay_status check(const std::string& json) {
    const role_scope role(PATCHBAY_THREAD_CONTROL);
    text_writer errors;
    const auto code = plugin_->check == nullptr ? patchbay_status{PATCHBAY_OK}
                                                : plugin_->check(plugin_->self, str(json), &errors.raw);
    errors_ = errors.value;
    return code;
  }
  /// start() of an instance that create() and configure() have been called for.
  patchbay_status start_created() {
    const role_scope role(PATCHBAY_THREAD_CONTROL);
    text_writer errors;
    shared.inside_start = true;
    const auto code = plugin_->start(plugin_->self, &errors.raw);
    shared.inside_start = false;
    errors_ = errors.value;
    started_ = true;
    points.accepts_calls = code == PATCHBAY_OK;
    if (code == PATCHBAY_OK) services.started();
    return code;
  }
  void drain() {
    const role_scope role(PATCHBAY_THREAD_CONTROL);
    points.accepts_calls = false;
    services.withdraw();
    if (plugin_ != nullptr && plugin_->drain != nullptr) plugin_->drain(plugin_->self);
    shared.accepts_work = false;
    all_messages.copy_out();
  }
  /// drain, stop; leaks() says what is left then. Threads that were not joined are joined (and counted as leaks).
  void stop() {
    if (plugin_ == nullptr || !std::exchange(started_, false)) return;
    drain();
    settle();
    work.request_stop();
    {
      const role_scope role(PATCHBAY_THREAD_CONTROL);
      plugin_->stop(plugin_->self);
    }
    settle();
    all_clients.end_all_sessions();
    leaks_after_stop_ = count_leaks();
    work.join_all();
    points.clear();
    rest.clear();
  }
  void destroy() {
    stop();
    if (plugin_ == nullptr) return;
    {
      const role_scope role(PATCHBAY_THREAD_CONTROL);
      std::exchange(plugin_, nullptr)->destroy(points.plugin.self);
    }
    if (leaks_after_stop_.none()) leaks_after_stop_ = count_leaks();
    services.forget();
    protocol.protocol = nullptr;
    points.plugin = {};
  }
  /// What the plugin held when stop() had returned; before that: what it holds now.
  leak_report leaks() {
    if (started_) return count_leaks();
    const leak_report now = count_leaks();
    return leaks_after_stop_.none() ? now : leaks_after_stop_;
  }
  bool running() const { return started_; }
  const patchbay_plugin* plugin() const { return plugin_; }
  /// The lines that the last step wrote for the operator.
  const std::string& errors() const { return errors_; }
  /// The health's status and line.
  std::pair<patchbay_status, std::string> health() {
    const role_scope role(PATCHBAY_THREAD_CONTROL);
    text_writer line;
    if (plugin_->size < offsetof(patchbay_plugin, health) + sizeof(void*) || plugin_->health == nullptr)
      return {PATCHBAY_OK, ""};
    const auto code = plugin_->health(plugin_->self, &line.raw);
    return {code, line.value};
  }
  /// An interface of the plugin, such as patchbay_state.
  template <typename Table>
  const Table* get(const char* id) const {
    return plugin_ == nullptr || plugin_->get == nullptr ? nullptr
                                                         : static_cast<const Table*>(plugin_->get(plugin_->self, id));
  }

  // --- time
  // -------------------------------------------------------------------------------------------------------------------------

  /// Moves the clock, timer by timer, and runs what becomes due: timers, deadlines, workers, shards.
  void advance(std::chrono::milliseconds by) {
    const std::uint64_t end = shared.now_ms + static_cast<std::uint64_t>(by.count());
    settle();
    for (;;) {
      std::uint64_t next = end;
      if (const auto due = clock.next_due_ms(); due && *due < next) next = *due;
      if (const auto due = points.next_due_ms(); due && *due < next) next = *due;
      if (next > shared.now_ms) shared.now_ms = next;
      clock.run_due();
      settle();
      points.expire_due();
      settle();
      if (next >= end) return;
    }
  }
  /// Runs workers and shards until nothing waits.
  void settle() {
    for (int round = 0; round < 10'000; ++round) {
      if (work.run_workers() + work.run_shards() == 0) return;
    }
    shared.violation("work that always makes new work");
  }

  // --- hooks
  // ------------------------------------------------------------------------------------------------------------------------

  /// Any hook with any event of its struct.
  template <typename Event>
  answer call(std::uint32_t hook, Event event) {
    return points.call(hook, event);
  }
#include "patchbay/testing/usual_hooks.inc"

  // --- faults
  // -----------------------------------------------------------------------------------------------------------------------

  /// After `calls` more host calls that may fail, the next `count` of them fail with `status`.
  void fail_after(std::uint64_t calls, patchbay_status status = PATCHBAY_NOMEM, std::uint64_t count = 1) {
    shared.fail_after(calls, status, count);
  }

  // --- what the plugin did
  // ----------------------------------------------------------------------------------------------------------

  std::vector<message_fields> published() {
    return bus.published();
  }
  const std::vector<log_line>& log() const {
    return shared.log;
  }
  bool logged(std::string_view part) const {
    return std::any_of(shared.log.begin(), shared.log.end(),
                       [&](const auto& line) { return line.text.find(part) != std::string::npos; });
  }
  const std::vector<std::string>& violations() const {
    return shared.violations();
  }

  core shared;
  workers work;
  timers clock;
  fd_watches fds;
  storage store;
  routes rest;
  registry services;
  streams outgoing;
  messages all_messages;
  clients all_clients;
  publishing bus;
  answers arguments;
  hooks points;
  connections protocol;

 private:
  void fill_table() {
    auto& table = shared.table;
    table.get = [](const patchbay_host* h, const char* id) -> const void* {
      core& c = core_of(h);
      c.enter("get", false);
      c.on_thread(1u << PATCHBAY_THREAD_CONTROL, "get");
      const auto found = c.interfaces.find(id);
      return found == c.interfaces.end() || c.options().without.contains(id) ? nullptr : found->second;
    };
    table.log = [](const patchbay_host* h, std::uint32_t level, patchbay_str line) {
      const std::lock_guard lock(core_of(h).mutex);
      core_of(h).log.push_back({level, std::string(text(line))});
    };
    table.log_enabled = [](const patchbay_host* h, std::uint32_t level) {
      return level <= core_of(h).log_level ? 1u : 0u;
    };
    table.instance_name = [](const patchbay_host* h) { return str(core_of(h).options().instance_name); };
    table.instance_number = [](const patchbay_host*) { return 1u; };
  }
  leak_report count_leaks() {
    leak_report out;
    const auto add = [&](const char* what, std::size_t count) {
      if (count != 0) out.held.emplace_back(what, count);
    };
    add("message references", all_messages.plugin_shares());
    add("adopted payloads", all_messages.adopted());
    add("answer handles", arguments.outstanding());
    add("open tokens", points.open().size());
    add("timers", clock.count());
    add("fd watches", fds.count());
    add("subscriptions", bus.subscriptions());
    add("leases", services.leases());
    add("users of its services", services.users());
    add("threads", work.threads());
    add("pieces of work", work.waiting());
    add("streams", outgoing.open_count());
    add("connections", protocol.count());
    add("client slots", all_clients.slots());
    add("unanswered requests", rest.unanswered());
    return out;
  }
  const patchbay_plugin* plugin_ = nullptr;
  bool started_ = false;
  std::string errors_;
  leak_report leaks_after_stop_;
};

}  // namespace patchbay::testing
