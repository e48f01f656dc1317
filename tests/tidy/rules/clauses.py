"""Every clause of the standard that the code says it enforces stands in a test too."""

import re

from source_tree import Finding

_CLAUSE = re.compile(r"MQTT-(\d+\.\d+\.\d+-\d+)")


def clauses_of(files):
    """clause -> (path, line) of where it stands first"""
    found = {}
    for file in files:
        for number, line in enumerate(file.lines, 1):
            for match in _CLAUSE.finditer(line):
                found.setdefault(match.group(1), (file.path, number))
    return found


def untested(tree):
    in_code = clauses_of(tree.code_below("core"))
    in_tests = clauses_of(file for file in tree.files if file.below("tests") and not file.below("tests/tidy"))
    return [Finding(path, line, "untested_clause", f"[MQTT-{clause}] stands in no test")
            for clause, (path, line) in sorted(in_code.items()) if clause not in in_tests]
