#!/usr/bin/env python3
"""Every header of the ABI compiles alone, as C11, C17 and C++20, without a warning, without padding that isn't written down."""
import shutil
import subprocess
import sys
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "plugin-sdk"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wpadded", "-Wshadow", "-Werror", "-fsyntax-only", "-I", str(SDK / "include")]
LANGUAGES = [("c", "-std=c11"), ("c", "-std=c17"), ("c++", "-std=c++20")]


def main() -> int:
    wrong = 0
    compilers = [pair for pair in (("gcc", "g++"), ("clang-14", "clang++-14"), ("clang", "clang++")) if all(map(shutil.which, pair))][:2]
    headers = sorted(path.relative_to(SDK / "include") for path in (SDK / "include").rglob("*.h"))
    for header in headers:
        for c_compiler, cpp_compiler in compilers:
            for language, standard in LANGUAGES:
                compiler = c_compiler if language == "c" else cpp_compiler
                done = subprocess.run([compiler, standard, *WARNINGS, "-x", language, "-"], input=f"#include <{header}>\n", text=True,
                                      capture_output=True)
                if done.returncode != 0:
                    print(f"{header} as {standard} with {compiler}:\n{done.stderr}")
                    wrong += 1
    print(f"{len(headers)} headers, {len(compilers)} compilers, {wrong} failures")
    return 1 if wrong or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
