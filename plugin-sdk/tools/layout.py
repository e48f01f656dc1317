#!/usr/bin/env python3
"""Prints the layout of the ABI: sizeof and offsetof of every field, the value of every constant. Compares it with a kept one.

    layout.py print [include folder]
    layout.py same <golden file>        exactly the same: for the release that is being made
    layout.py grown <golden file>       nothing of the golden file has changed; structs may have grown at their end: for older releases
"""
import subprocess
import sys
import tempfile
from pathlib import Path

from abi_headers import SDK, UNIT, Abi


def layout(include: Path) -> list:
    abi = Abi(include)
    lines = ['#include <stdio.h>\n' + UNIT + 'int main(void) {\n']
    for name in sorted(abi.structs):
        lines.append(f'printf("struct {name} %zu\\n", sizeof(struct {name}));\n')
        for f in abi.structs[name]:
            where = f"offsetof(struct {name}, {f.name}), sizeof(((struct {name} *)0)->{f.name})"
            lines.append(f'printf("field {name}.{f.name} at %zu size %zu\\n", {where});\n')
    lines.append("return 0; }\n")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "layout"
        subprocess.run(["cc", "-std=c11", "-I", str(include), "-x", "c", "-", "-o", str(program)], input="".join(lines), text=True, check=True)
        out = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.splitlines()
    out += [f"constant {name} {value}" for name, value in sorted(abi.numbers.items()) if name != "PATCHBAY_ABI_MINOR"]
    out += [f"hook {name} {value}" for name, value in sorted(abi.hooks.items(), key=lambda each: each[1])]
    out += [f"text {name} {value}" for name, value in sorted(abi.texts.items())]
    return out


def changed(golden: list, now: list) -> list:
    """What of the golden lines isn't true any more. Draft interfaces may change."""
    present = set(now)
    sizes = {line.split()[1]: int(line.split()[2]) for line in now if line.startswith("struct ")}
    out = []
    for line in golden:
        words = line.split()
        if words[0] == "struct" and sizes.get(words[1], 0) >= int(words[2]):
            continue
        if line not in present and not any(draft in line for draft in ("patchbay_store", "patchbay_cluster", "patchbay_route_change", "_STORE_", "_CLUSTER_")):
            out.append(line)
    return out


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else "print"
    now = layout(Path(sys.argv[2]) if command == "print" and len(sys.argv) > 2 else SDK / "include")
    if command == "print":
        print("\n".join(now))
        return 0
    golden = Path(sys.argv[2]).read_text().splitlines()
    wrong = changed(golden, now) if command == "grown" else sorted(set(golden) ^ set(now))
    for line in wrong:
        print(("was there, and is not: " if line in golden else "is new: ") + line)
    if wrong:
        print("A released layout only grows at its end; before the release, write it anew: tools/layout.py print > compat/1.0/layout.txt")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
