// Frames that wait for COMMIT, as the bytes that came. (1.2, "BEGIN")
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::stomp {

/// The transactions of one client.
class Transactions {
 public:
  using Frames = std::vector<std::string>;

  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Null: there is none of this name.
  [[nodiscard]] Frames* find(std::string_view name) {
    const auto found = open_.find(name);
    return found == open_.end() ? nullptr : &found->second;
  }
  /// False: there is one of this name already.
  bool begin(std::string_view name) { return open_.try_emplace(std::string(name)).second; }
  /// The transaction exists.
  void add(std::string_view name, std::string_view frame) {
    open_.find(name)->second.emplace_back(frame);
    bytes_ += frame.size();
  }
  /// Forgets it, and returns its frames. The transaction exists.
  Frames take(std::string_view name) {
    const auto found = open_.find(name);
    Frames frames = std::move(found->second);
    open_.erase(found);
    for (const std::string& frame : frames) bytes_ -= frame.size();
    return frames;
  }
  [[nodiscard]] const std::map<std::string, Frames, std::less<>>& all() const { return open_; }

 private:
  std::map<std::string, Frames, std::less<>> open_;
  std::size_t bytes_ = 0;
};

}  // namespace patchbay::stomp
