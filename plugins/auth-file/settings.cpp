#include "settings.h"

namespace patchbay::auth_file {

support::HashCost HashSettings::cost() const {
  support::HashCost cost;
  cost.algorithm = support::hash_algorithm_from(algorithm).value_or(cost.algorithm);
  cost.argon2_memory_kib = argon2_memory_kib;
  cost.argon2_passes = argon2_passes;
  cost.argon2_lanes = argon2_lanes;
  cost.bcrypt_rounds = bcrypt_rounds;
  cost.mac_fun = support::mac_function_from(pbkdf2_mac_fun).value_or(cost.mac_fun);
  cost.iterations = pbkdf2_iterations;
  return cost;
}

}  // namespace patchbay::auth_file
