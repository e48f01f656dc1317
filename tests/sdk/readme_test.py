#!/usr/bin/env python3
"""The commands of "The first plugin" in README.md do what the text says, exactly as they are written."""
import re
import sys
import tempfile
from pathlib import Path

from installed_sdk import SDK, install, run


def main() -> int:
    text = (SDK / "README.md").read_text()
    chapter = text[text.index("## The first plugin"):]
    chapter = chapter[:chapter.index("\n## ", 3)]
    blocks = re.findall(r"^```sh\n(.*?)^```$", chapter, re.M | re.S)
    with tempfile.TemporaryDirectory(prefix="patchbay-readme-") as name:
        folder = Path(name)
        environment = install(folder)
        script = folder / "commands.sh"
        script.write_text("set -eu\n" + "".join(blocks))
        out = run("bash", str(script), cwd=folder, env=environment)
        assert len(blocks) == 2, "the chapter has two blocks of commands"
        assert "100% tests passed" in out, out
        exported = run("nm", "-D", "--defined-only", str(folder / "no-root/build/no-root.so")).split()
        assert exported[2:] == ["patchbay_plugin_entry"], exported
    lines = blocks[0].split("<<'END'\n")[1].split("END\n")[0].strip().splitlines()
    assert len(lines) <= 12, f"a plugin in twelve lines has {len(lines)}"
    print("README.md: the first plugin builds, passes its test, exports one symbol")
    return 0


if __name__ == "__main__":
    sys.exit(main())
