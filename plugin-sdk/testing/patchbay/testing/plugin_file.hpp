// SPDX-License-Identifier: Apache-2.0
// A plugin's .so, loaded as a host loads it: now, with local names.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "patchbay/patchbay.h"

namespace patchbay::testing {

/// Closes the file when destroyed; keep it longer than the fake host that runs it.
class plugin_file {
 public:
  /// Throws std::runtime_error with the loader's sentence, or with what is wrong with the entry.
  explicit plugin_file(const std::string& path) : path_(path), handle_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(::dlerror());
    entry_ = static_cast<const patchbay_entry*>(::dlsym(handle_, PATCHBAY_ENTRY_SYMBOL));
    if (entry_ == nullptr) fail("exports no " PATCHBAY_ENTRY_SYMBOL);
    if (entry_->magic != PATCHBAY_ENTRY_MAGIC) fail("the entry's magic is wrong");
    if (entry_->abi_major != PATCHBAY_ABI_MAJOR) fail("the entry speaks another major version of the ABI");
  }
  plugin_file(plugin_file&& from) noexcept
      : path_(std::move(from.path_)), handle_(std::exchange(from.handle_, nullptr)), entry_(from.entry_) {}
  plugin_file& operator=(plugin_file&&) = delete;
  ~plugin_file() { close(); }

  const patchbay_entry& entry() const { return *entry_; }
  const std::string& path() const { return path_; }
  /// Unloads. Whether the code has left the process; a file that doesn't keeps statics, threads or thread-local
  /// destructors alive.
  bool close() {
    if (handle_ == nullptr) return true;
    ::dlclose(std::exchange(handle_, nullptr));
    void* still = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (still != nullptr) ::dlclose(still);
    return still == nullptr;
  }

 private:
  [[noreturn]] void fail(const std::string& what) {
    close();
    throw std::runtime_error(path_ + ": " + what);
  }
  std::string path_;
  void* handle_;
  const patchbay_entry* entry_ = nullptr;
};

}  // namespace patchbay::testing
