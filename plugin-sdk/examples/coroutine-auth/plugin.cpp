// A login that takes its time: the file is read on a worker, a wrong password is answered late, and a slow disk is not
// waited for longer than a setting allows. No shard waits meanwhile; other clients notice nothing.
#include <patchbay/plugin.hpp>
#include <patchbay/with_timeout.hpp>

#include <fstream>
#include <stdexcept>

using namespace std::chrono_literals;

struct config {
  std::string path;
  std::chrono::milliseconds timeout = 2s;
  std::chrono::milliseconds delay_after_failure = 500ms;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("path", path);
    f.optional("timeout", timeout);
    f.optional("delay_after_failure", delay_after_failure);
  }
};

struct coroutine_auth final : patchbay::plugin<coroutine_auth, config> {
  using plugin::plugin;

  task<verdict> on_authenticate(auth_request a) {
    if (a->has_username == 0) co_return verdict::cont();
    // Views die at the first co_await: what is needed later is copied now.
    const std::string username(a.username());
    const std::string line = username + ":" + std::string(patchbay::as_text(a.password()));
    const config& c = settings();

    const auto found = co_await patchbay::with_timeout(look_up(c.path, line), c.timeout);
    if (!found) co_return verdict::failed();  // out of time: the operator's fallback counts
    if (*found) co_return answer().allow(patchbay::grant().identity(username));
    co_await patchbay::sleep(c.delay_after_failure);
    co_return verdict::deny(0x86);
  }

 private:
  /// Whether the file has the line. Throws when it can't be read, which makes the login a failure and writes a line
  /// into the log.
  task<bool> look_up(std::string path, std::string wanted) {
    co_await patchbay::on_worker();
    std::ifstream file(path);
    if (!file) throw std::runtime_error("can't read " + path);
    bool found = false;
    for (std::string line; !found && std::getline(file, line);) found = line == wanted;
    co_await patchbay::back_to_shard();
    co_return found;
  }
};
PATCHBAY_PLUGIN(coroutine_auth)
