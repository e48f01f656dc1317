#!/usr/bin/env python3
"""The layout comparison sees what breaks old plugins, and lets through what does not."""
import shutil
import sys
import tempfile
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "plugin-sdk"
sys.path.insert(0, str(SDK / "tools"))
from layout import changed, layout  # noqa: E402

CHANGES = [
    ("appended field", "timer.h", "} patchbay_timer;", "void (*later)(void);\n} patchbay_timer;", False),
    ("new constant", "types.h", "#define PATCHBAY_FAILED 13u", "#define PATCHBAY_FAILED 13u\n#define PATCHBAY_NEW 14u", False),
    ("new minor", "types.h", "#define PATCHBAY_ABI_MINOR 0u", "#define PATCHBAY_ABI_MINOR 1u", False),
    ("draft field", "ext/draft/store.h", "uint64_t maximum_value;", "uint32_t other;\nuint32_t another;", False),
    ("inserted field", "timer.h", "uint32_t reserved;", "uint32_t reserved;\nvoid *inserted;", True),
    ("other type", "message.h", "uint64_t publisher_handle;", "uint32_t publisher_handle;", True),
    ("renamed field", "events.h", "patchbay_bytes certificate_der;", "patchbay_bytes certificate;", True),
    ("other value", "types.h", "#define PATCHBAY_DENY 2u", "#define PATCHBAY_DENY 7u", True),
    ("removed constant", "types.h", "#define PATCHBAY_EXISTS 9u", "", True),
    ("other interface id", "timer.h", '"patchbay.timer/1"', '"patchbay.timer/2"', True),
    ("other hook number", "hooks.def", "PATCHBAY_CONTROL_HOOK(59,", "PATCHBAY_CONTROL_HOOK(60,", True),
]


def main() -> int:
    golden = layout(SDK / "include")
    wrong = 0
    assert not changed(golden, golden)
    for name, file, old, new, breaks in CHANGES:
        with tempfile.TemporaryDirectory() as folder:
            include = Path(folder) / "include"
            shutil.copytree(SDK / "include", include)
            path = include / "patchbay" / file
            text = path.read_text()
            if old not in text:
                raise SystemExit(f"{name}: {file} has no {old}")
            path.write_text(text.replace(old, new, 1))
            found = changed(golden, layout(include))
            if bool(found) != breaks:
                print(f"{name}: {'not seen' if breaks else f'refused: {found}'}")
                wrong += 1
    print(f"{len(CHANGES)} changes, {wrong} judged wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
