#include "package/problem.h"

namespace patchbay::package {

std::string problem_line(const Problem& problem) {
  return (problem.pointer.empty() ? "document" : problem.pointer) + ": " + problem.text;
}

std::string problem_lines(const Problems& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += problem_line(problem) + '\n';
  return lines;
}

std::string pointer_to(std::string_view parent, std::string_view name) {
  std::string pointer(parent);
  pointer += '/';
  for (const char byte : name) {
    if (byte == '~') {
      pointer += "~0";
    } else if (byte == '/') {
      pointer += "~1";
    } else {
      pointer += byte;
    }
  }
  return pointer;
}

std::string pointer_to(std::string_view parent, size_t index) {
  return std::string(parent) + '/' + std::to_string(index);
}

}  // namespace patchbay::package
