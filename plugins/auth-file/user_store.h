#pragma once

#include <patchbay/workers.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "support/snapshot.h"
#include "support/whole_file.h"
#include "user_table.h"

namespace patchbay::auth_file {

/// The users in force and the file that they are kept in. What the file says counts: it is read again when it has
/// changed, and before something is changed in it.
class UserStore {
 public:
  explicit UserStore(host of) : host_(of), workers_(of) {}

  /// The table that hooks read; null: there is none yet. [shard]
  [[nodiscard]] const UserTable* current() const { return users_.current(); }
  /// For other threads. [any-thread]
  [[nodiscard]] std::shared_ptr<const UserTable> held() const { return users_.held(); }

  /// Reads the file and takes its users; a missing one is an empty one where `may_be_missing`. What is wrong, or
  /// nothing: then the users stay as they were. [control], [worker]
  std::string load(const std::string& path, bool may_be_missing);
  /// The same, of the same file, when it has changed. True: it had, and `problem` says what is wrong, if anything.
  bool load_changed(std::string& problem);

  /// Changes the table and saves it. `edit` may refuse by giving a text. What went wrong, or nothing. [worker]
  enum class Outcome : uint8_t { saved, refused, failed };
  Outcome change(const std::function<std::string(UserTable&)>& edit, std::string& problem);

 private:
  std::string load_locked(bool may_be_missing);
  void publish(UserTable table);

  host host_;
  workers workers_;
  support::Snapshot<UserTable> users_;
  std::mutex mutex_;  // one reads or writes the file at a time
  std::string path_;
  std::optional<support::FileStamp> stamp_;
  bool in_force_ = false;  // what the file says, when it had that stamp
};

}  // namespace patchbay::auth_file
