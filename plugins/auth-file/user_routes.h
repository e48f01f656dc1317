#pragma once

#include <patchbay/routes.hpp>

#include <string>

#include "settings.h"
#include "user_store.h"

namespace patchbay::auth_file {

/// The REST routes about users: list, add, show, change, remove, import. Passwords go in and never come out. Functions
/// run on workers.
class UserRoutes {
 public:
  /// `settings`: those in force, asked anew at each request.
  UserRoutes(UserStore& store, std::function<const Settings&()> settings)
      : store_(store), settings_(std::move(settings)) {}

  void add_to(routes& to);

 private:
  [[nodiscard]] reply list(const request& asked) const;
  [[nodiscard]] reply show(const request& asked) const;
  reply add(const request& asked);
  reply change(const request& asked);
  reply remove(const request& asked);
  reply import(const request& asked);

  UserStore& store_;
  std::function<const Settings&()> settings_;
};

}  // namespace patchbay::auth_file
