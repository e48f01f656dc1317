#include "plugin_host/process_threads.h"

#include <algorithm>
#include <fstream>

namespace patchbay::plugin_host {

std::vector<int> strangers(const std::vector<int>& before, const std::vector<int>& now, const std::vector<int>& known) {
  const auto in = [](const std::vector<int>& list, int id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  std::vector<int> result;
  for (const int id : now) {
    if (!in(before, id) && !in(known, id)) result.push_back(id);
  }
  return result;
}

std::string thread_text(int thread_id) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread_id) + "/comm");
  std::string name;
  std::getline(file, name);
  return "thread " + std::to_string(thread_id) + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace patchbay::plugin_host
