#!/usr/bin/env python3
"""Keeps this release's headers and layout below compat/<major>.<minor>/, for the compatibility tests of all later releases.

    keep_release.py 1.0       run once when a release is made; running it again before that release is out is fine
"""
import shutil
import sys

from abi_headers import SDK
from layout import layout


def main() -> int:
    folder = SDK / "compat" / sys.argv[1]
    shutil.rmtree(folder / "include", ignore_errors=True)
    shutil.copytree(SDK / "include", folder / "include")
    (folder / "layout.txt").write_text("\n".join(layout(SDK / "include")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
