#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_keys.h"
#include "config/config_problem.h"
#include "config/raw_value.h"

namespace patchbay::config {

/// Where an assignment comes from, for the texts of problems.
struct Origin {
  std::string source;  ///< "patchbay.toml", "--set", "environment PATCHBAY_…"
  bool has_lines = false;

  [[nodiscard]] std::string at(uint32_t line) const {
    return has_lines && line != 0 ? source + ':' + std::to_string(line) : source;
  }
};

/// Checks the value against the row and stores it in the row's field of `object`. Whatever is wrong is added to
/// `problems`, and the field then keeps its value.
void assign(const KeyRow& row, void* object, const std::string& key, const RawValue& value, const Origin& origin,
            std::vector<ConfigProblem>& problems);

/// The value of `--set key=text` or an environment variable: TOML where the type asks for it, a bare string elsewhere,
/// so that nobody has to quote for a shell twice. Lists of strings may be written "a,b".
[[nodiscard]] RawValue override_value(const KeyRow& row, std::string_view text);

/// "1MiB", "64KiB", "512B", "1024"; nothing for anything else or above 2^63.
[[nodiscard]] std::optional<uint64_t> parse_size(std::string_view text);

/// The value as a problem shows it: quoted and cut at 80 characters.
[[nodiscard]] std::string found_text(const RawValue& value, bool secret);

}  // namespace patchbay::config
