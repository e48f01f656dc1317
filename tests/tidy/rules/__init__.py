"""All rules of the tree. A rule is a function from a Tree to a list of Findings."""

from . import clauses, includes, sizes, words

ALL = [
    includes.layer_table,
    includes.direction,
    includes.cycles,
    includes.parent_folder,
    includes.one_home,
    includes.heavy_in_headers,
    includes.plugins_stay_out,
    sizes.file_length,
    sizes.function_length,
    sizes.test_share,
    words.unkept_promises,
    words.adapters_only,
    words.sleeps,
    words.dangerous_calls,
    words.header_guard,
    clauses.untested,
]
