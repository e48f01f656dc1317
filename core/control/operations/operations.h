#pragma once

namespace patchbay::operations {

/// What operators have watched or kept out, together: made by the composition root before the shards run.
class Operations {};

}  // namespace patchbay::operations
