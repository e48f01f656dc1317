"""tidy.py ROOT: checks the rules of the tree; prints what breaks them and ends with 1 if anything does."""

import os
import shutil
import subprocess
import sys

import rules
from rules import clauses, sizes
from source_tree import Finding, Tree

FORMATTED = ("core", "tests", "plugins", "plugin-sdk")
FORMATTER_VERSION = "14."  # Debian 12's; another version breaks lines in other places


def formatting(root, tree):
    """What clang-format would change; nothing where it is missing or of another version."""
    program = shutil.which("clang-format")
    if program is None:
        print("tidy: clang-format is not here, formatting is not checked")
        return []
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if f"version {FORMATTER_VERSION}" not in version:
        print(f"tidy: formatting is not checked by {version.strip()}")
        return []
    # Released headers stay as they were released.
    paths = [file.path for file in tree.code_below(*FORMATTED)
             if not file.path.endswith(".def") and not file.path.startswith("plugin-sdk/compat/")]
    findings = []
    for start in range(0, len(paths), 50):
        run = subprocess.run([program, "--dry-run", "--style=file", *paths[start:start + 50]], cwd=root,
                             capture_output=True, text=True, check=False)
        seen = set()
        for line in run.stderr.splitlines():
            parts = line.split(":")
            if "-Wclang-format-violations" in line and parts[0] not in seen:
                seen.add(parts[0])
                findings.append(Finding(parts[0], int(parts[1]), "formatting", "clang-format -i would change this file"))
    return findings


def main():
    root = os.path.abspath(sys.argv[1])
    tree = Tree.load(root)
    if not tree.code_below("core") or not tree.code_below("tests"):
        print(f"tidy: {root} is not the tree")
        return 1
    findings = [finding for rule in rules.ALL for finding in rule(tree)] + formatting(root, tree)
    for finding in findings:
        print(finding)
    in_code = clauses.clauses_of(tree.code_below("core"))
    print(f"tidy: {len(tree.files)} files, {len(rules.ALL) + 1} rules, {len(in_code)} clauses in the code; "
          f"{sizes.report(tree)}")
    print(f"tidy: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
