// Configuration: any file, and any settings of the command line and the environment, are loaded or refused with
// problems that say what, where and what is allowed; loading twice says the same.
//
// Input: parts with a NUL between: the file, then settings as for --set (those that begin with '@' are values of an
// environment variable).
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "config/config_check.h"
#include "config/config_loader.h"
#include "config/toml_document.h"
#include "fuzz/fuzz_target.h"

namespace patchbay::fuzz {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "config_fuzz: %s\n", what);
  std::abort();
}

config::ConfigSources sources_of(std::string_view text) {
  config::ConfigSources sources;
  sources.file_name = "patchbay.toml";
  const size_t end = std::min(text.find('\0'), text.size());
  sources.file_text = std::string(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  while (!text.empty()) {
    const size_t size = std::min(text.find('\0'), text.size());
    const std::string part(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    if (!part.empty() && part[0] == '@') {
      sources.environment.emplace_back("PATCHBAY_MQTT__MAX_INFLIGHT", part.substr(1));
    } else {
      sources.overrides.push_back(part);
    }
  }
  return sources;
}

std::vector<config::ConfigProblem> problems_of(const config::ConfigSources& sources) {
  std::vector<config::ConfigProblem> problems;
  const config::LoadedConfig loaded = config::load_config(sources, problems);
  config::check_config(loaded, {true, [](const std::string& path) { return path.size() % 2 == 0; }}, problems);
  return problems;
}

void check(std::string_view text) {
  if (text.size() > 16 * 1024) return;
  const config::ConfigSources sources = sources_of(text);
  const std::vector<config::ConfigProblem> problems = problems_of(sources);
  require(problems == problems_of(sources), "loading again finds others");
  for (const config::ConfigProblem& problem : problems) {
    require(!problem.where.empty(), "a problem without a place");
    require(!problem.found.empty() || !problem.allowed.empty(), "a problem that says nothing");
    require(!config::to_text(problem).empty(), "a problem without a line");
  }
  const auto parsed = config::parse_toml(*sources.file_text);
  require(parsed.has_value() || !problems.empty(), "a broken file is no problem");
  for (const std::string& setting : sources.overrides) static_cast<void>(config::parse_toml_value(setting));
}

}  // namespace

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  using namespace std::string_literals;
  const std::string texts[] = {
      "[node]\nname = \"n@h\"\nshards = 2\n[mqtt]\nmax_inflight = 10\nmqueue_priorities = [ { topic = \"a/b\", "
      "priority = 3 } ]\n",
      "[listeners.tcp.default]\nbind = \"0.0.0.0:1883\"\nmax_connections = 10\n[access]\nallow_anonymous = \"true\"\n"s +
          "\0mqtt.max_packet_size=\"1MiB\"\0listeners.ssl.x.bind=\"[::1]:8883\"\0@7"s,
      "[[rewrite]]\naction = \"all\"\nsource_topic = \"a/#\"\nre = \"^a/(.+)$\"\ndest_topic = \"b/$1\"\n",
      "[listeners.wss.a]\nbind = \":8084\"\n[listeners.wss.a.websocket]\norigins = "
      "[\"https://a.example\"]\ncheck_origin = true\n"
      "[listeners.wss.a.tls]\ncertificate_file = \"c\"\nkey_file = \"kk\"\n",
      "a = [1, 2.5, true, 1979-05-27, \"\\u00e4\", '''x\ny''', { b = 0x1F }]\n\"q\".r = 1\n",
      "[connection]\nwrite_high_water = \"1GiB\"\nlinger_ms = -1\n[log]\nlevel = \"loud\"\n[node]\nshard = 1\n",
  };
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  patchbay::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
