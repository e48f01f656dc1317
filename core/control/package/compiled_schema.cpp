#include "package/compiled_schema.h"

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "package/schema_compiler.h"
#include "package/settings_check.h"

namespace patchbay::package {

struct CompiledSchema::Parts {
  explicit Parts(nlohmann::json schema) : root(std::move(schema)), compiler(root), whole(compiler.place_of(root)) {}

  const nlohmann::json root;
  SchemaCompiler compiler;
  const SchemaPlace whole;
};

CompiledSchema::CompiledSchema(nlohmann::json schema) : parts_(std::make_shared<const Parts>(std::move(schema))) {}

Problems CompiledSchema::check(const nlohmann::json& value) const {
  PATCHBAY_ASSERT(parts_ != nullptr);
  return check_place(parts_->whole, value);
}

}  // namespace patchbay::package
