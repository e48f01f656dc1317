#!/usr/bin/env python3
"""`patchbay plugin new`: what it writes builds against the installed SDK, passes its own tests and the validator; what it can't do it says.

Of the kinds in C++ that differ by their hooks only, one is built; all of them with PATCHBAY_ALL_KINDS=1, as before a release."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from installed_sdk import install, run

ALL_KINDS = ("acl", "auth", "hook", "protocol", "service", "sink")
KINDS = [("cpp", kind) for kind in (ALL_KINDS if os.environ.get("PATCHBAY_ALL_KINDS") else ("auth", "protocol", "service"))] + [("c", "hook")]
RUSTC = shutil.which("rustc") or shutil.which("rustc", path=os.path.expanduser("~/.cargo/bin"))
if RUSTC:
    KINDS.append(("rust", "hook"))


def refused(program: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run([program, "plugin", "new", *arguments, "--dir", str(folder)], text=True, capture_output=True)
    if done.returncode == 0:
        raise SystemExit(f"plugin new {' '.join(arguments)} was taken")
    return done.stderr


def expect(part: str, text: str) -> None:
    if part not in text:
        raise SystemExit(f"expected {part!r} in:\n{text}")


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="patchbay-new-") as name:
        folder = Path(name)
        environment = install(folder)
        for language, kind in KINDS:
            plugin = f"my-{kind}-{language}"
            run(program, "plugin", "new", kind, plugin, "--lang", language, "--dir", str(folder))
            build = str(folder / plugin / "build")
            run("cmake", "-S", str(folder / plugin), "-B", build, env=environment)
            run("cmake", "--build", build, env=environment)
            expect("100% tests passed", run("ctest", "--test-dir", build, "-R", f"^{plugin}$"))
            run(program, "plugin", "validate", "--runs", "20", f"{build}/{plugin}.so")
        expect("there already", refused(program, folder, "hook", "my-hook-c", "--lang", "c"))
        expect("in cpp there are: acl, auth, hook", refused(program, folder, "ui", "mine"))
        expect("lower-case letters", refused(program, folder, "hook", "Mine"))


main()
