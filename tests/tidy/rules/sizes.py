"""How long files and functions may be, and how much test there must be."""

from source_tree import Finding, functions

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
# Tables may be as long as what they list; beside *.def, each is named here with its reason.
TABLES = {
    "tests/bench/RESULTS.md": "figures",
    "CHANGELOG.md": "grows with every release",
}
TEST_LINES_PER_CODE_LINE_MIN = 0.6
CODE = ("core", "plugins", "plugin-sdk/include", "plugin-sdk/cpp")


def file_length(tree):
    return [Finding(file.path, FILE_LINES_MAX + 1, "file_length", f"{len(file.lines)} lines, at most {FILE_LINES_MAX}")
            for file in tree.files
            if len(file.lines) > FILE_LINES_MAX and file.path not in TABLES and not _is_table(file.path)]


def _is_table(path):
    return path.endswith(".def") or path.startswith("tests/vectors/") or path.endswith((".json", ".txt"))


def function_length(tree):
    return [Finding(file.path, function.line, "function_length",
                    f"{function.length} lines, at most {FUNCTION_LINES_MAX}: {function.head[-60:]}")
            for file in tree.files if file.is_code and not file.path.endswith(".def")
            for function in functions(file) if function.length > FUNCTION_LINES_MAX]


def test_share(tree):
    code, tests = line_counts(tree)
    if tests >= TEST_LINES_PER_CODE_LINE_MIN * code:
        return []
    return [Finding("tests", 1, "test_share",
                    f"{tests} lines of test for {code} of code, at least {TEST_LINES_PER_CODE_LINE_MIN} each")]


def line_counts(tree):
    """(lines of code, lines of test) without blank ones; the load generator is code that ships, not test."""
    def count(files):
        return sum(1 for file in files for line in file.lines if line.strip())
    plugin_tests = [file for file in tree.code_below(*CODE) if "/tests/" in file.path]
    code = [file for file in tree.code_below(*CODE) if "/tests/" not in file.path]
    tests = [file for file in tree.code_below("tests") if not file.below("tests/bench")]
    return count(code), count(tests + plugin_tests)


def report(tree):
    code, tests = line_counts(tree)
    lengths = sorted(function.length for file in tree.code_below("core") for function in functions(file)) or [0]
    files = sorted(len(file.lines) for file in tree.code_below("core")) or [0]

    def share(values, part):
        return values[min(len(values) - 1, int(len(values) * part))]
    return (f"code {code} lines, tests {tests} ({tests / max(code, 1):.2f} each); "
            f"core files: median {share(files, 0.5)}, p90 {share(files, 0.9)}, longest {files[-1]}; "
            f"core functions: median {share(lengths, 0.5)}, p90 {share(lengths, 0.9)}, longest {lengths[-1]}")
