"""Words and calls that do not belong into the tree, or into a part of it."""

import re

from source_tree import Finding

_PROMISES = re.compile(r"\b(?:" + "|".join(["FIX" + "ME", "X" * 3, "HA" + "CK", "TO" + "DO"]) + r")\b")

# Clock and randomness come through these adapters; nothing else asks the system.
_ADAPTERS = {"core/base/clock.h", "core/base/clock.cpp", "core/base/random.h", "core/base/random.cpp"}
_SYSTEM_CLOCK_OR_RANDOM = re.compile(
    r"\b(?:system_clock|steady_clock|high_resolution_clock|random_device|getrandom|getentropy|clock_gettime|gettimeofday"
    r"|s?rand|mt19937(?:_64)?)\b|(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0)\s*\)")

# patchbay::sleep of the SDK waits on the host's clock, which tests move by hand.
_SLEEP = re.compile(r"(?<!patchbay::)\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")

# Each has a safe neighbour; see base/byte_reader.h for reading and base/byte_writer.h for writing.
_DANGEROUS = re.compile(r"(?<![\w.>])(?:strcpy|strcat|sprintf|vsprintf|strtok|gets|system|popen|alloca)\s*\(")


def unkept_promises(tree):
    findings = []
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            match = _PROMISES.search(line)
            if match:
                findings.append(Finding(file.path, number, "unkept_promises", f"{match.group(0)}: do it or file an issue"))
    return findings


def adapters_only(tree):
    return [Finding(file.path, line, "adapters_only", f"{match.group(0)} outside base/clock and base/random")
            for file in tree.code_below("core") if file.path not in _ADAPTERS
            for line, match in file.matches(_SYSTEM_CLOCK_OR_RANDOM)]


def sleeps(tree):
    return [Finding(file.path, line, "sleeps", "tests here run on the manual clock; real time belongs to tests/wire")
            for file in tree.code_below("tests/unit", "tests/flow")
            for line, _ in file.matches(_SLEEP)]


def dangerous_calls(tree):
    return [Finding(file.path, line, "dangerous_calls", match.group(0).rstrip("( "))
            for file in tree.code_below("core", "plugins", "plugin-sdk")
            for line, match in file.matches(_DANGEROUS)]


def header_guard(tree):
    return [Finding(file.path, 1, "header_guard", "no #pragma once")
            for file in tree.code_below("core", "tests")
            if file.path.endswith(".h") and not re.search(r"^#pragma once$", file.text, re.MULTILINE)]
