#!/usr/bin/env python3
"""The Rust bindings are what the headers say, and have the layout that a C compiler gives the structs."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "plugin-sdk"
sys.path.insert(0, str(SDK / "tools"))
from abi_headers import Abi  # noqa: E402
from rust_bindings import bindings, name_of  # noqa: E402


def rust_layout(rustc: str, abi: Abi) -> set:
    lines = [f'#[path = "{SDK}/rust/patchbay_sys.rs"] mod sys; use sys::*; use std::mem::{{offset_of, size_of}}; fn main() {{']
    for name, fields in sorted(abi.structs.items()):
        lines.append(f'println!("struct {name} {{}}", size_of::<{name}>());')
        lines += [f'println!("field {name}.{f.name} at {{}}", offset_of!({name}, {name_of(f)}));' for f in fields]
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "layout.rs", Path(folder) / "layout"
        source.write_text("\n".join(lines) + "}\n")
        subprocess.run([rustc, "--edition", "2021", "-o", str(program), str(source)], check=True)
        return set(subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.splitlines())


def main() -> int:
    if (SDK / "rust" / "patchbay_sys.rs").read_text() != bindings():
        print("rust/patchbay_sys.rs isn't what the headers say: run plugin-sdk/tools/rust_bindings.py write")
        return 1
    rustc = shutil.which("rustc") or shutil.which("rustc", path=os.path.expanduser("~/.cargo/bin"))
    if rustc is None:
        print("no rustc: only the text was compared")
        return 0
    abi = Abi(SDK / "include")
    done = subprocess.run([sys.executable, str(SDK / "tools" / "layout.py"), "print"], check=True, capture_output=True, text=True)
    wanted = {re.sub(r" size \d+$", "", line) for line in done.stdout.splitlines() if re.match(r"struct |field ", line)}
    wrong = sorted(wanted ^ rust_layout(rustc, abi))
    print("\n".join(wrong) or f"{len(wanted)} sizes and offsets agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
