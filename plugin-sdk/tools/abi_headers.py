"""The C headers of the ABI as data: structs with their fields, function types, constants. For the generators beside this file.

The headers are regular on purpose, so a few patterns read them after the C preprocessor has run. Whatever isn't understood is an error.
"""
import re
import subprocess
from pathlib import Path

SDK = Path(__file__).resolve().parent.parent
UNIT = "#include <patchbay/patchbay.h>\n#include <patchbay/ext/draft/store.h>\n#include <patchbay/ext/draft/cluster.h>\n"


def preprocess(include: Path, *options: str) -> str:
    unit = "".join(line + "\n" for line in UNIT.splitlines() if (include / re.search(r"<(.*)>", line)[1]).exists())
    return subprocess.run(["cc", "-std=c11", "-E", "-P", *options, "-I", str(include), "-x", "c", "-"], input=unit, text=True,
                          check=True, capture_output=True).stdout


class Field:
    """One member of a struct, or one parameter: its name and its C type as text, `*` where the name stood in a function type."""

    def __init__(self, declaration: str):
        text = " ".join(declaration.split())
        function = re.match(r"^(.*?)\(\s*\*\s*(\w*)\s*\)\s*\((.*)\)$", text)
        if function:
            self.name, self.type, self.array = function[2], "function", None
            self.result, self.parameters = function[1].strip(), parameters_of(function[3])
            return
        plain = re.match(r"^(.*?[\s*])(\w+)\s*(?:\[(\d+)\])?$", text)
        if not plain:
            raise ValueError(f"cannot read the declaration: {text}")
        self.name, self.type, self.array = plain[2], plain[1].strip(), int(plain[3]) if plain[3] else None


def parameters_of(text: str) -> list:
    parts, depth, last = [], 0, 0
    for at, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(text[last:at])
            last = at + 1
    parts.append(text[last:])
    return [Field(part) for part in parts if part.strip() and part.strip() != "void"]


def statements(body: str):
    depth, last = 0, 0
    for at, c in enumerate(body):
        depth += (c in "({") - (c in ")}")
        if c == ";" and depth == 0:
            yield body[last:at]
            last = at + 1


class Abi:
    """Everything that is named patchbay_ or PATCHBAY_ in the headers below `include`."""

    def __init__(self, include: Path):
        text = preprocess(include)
        text = text[text.index("patchbay_str") - 40:]
        self.structs = {m[1]: [Field(s) for s in statements(m[2])]
                        for m in re.finditer(r"struct (patchbay_\w+)\s*\{([^{}]*)\}", text)}
        self.opaque = sorted(set(re.findall(r"struct (patchbay_\w+)", text)) - set(self.structs))
        self.functions = {}
        for m in re.finditer(r"typedef ([^;{}]*?)\(\s*\*\s*(patchbay_\w+)\s*\)\s*\(([^;]*)\);", text):
            self.functions[m[2]] = (m[1].strip(), parameters_of(m[3]))
        hooks = re.search(r"enum\s*\{(.*?)\}", text, re.S)[1]
        self.hooks = {m[1]: int(m[2]) for m in re.finditer(r"(PATCHBAY_HOOK_\w+) = (\d+)", hooks)}
        macros = preprocess(include, "-dM")
        self.numbers, self.texts = {}, {}
        for name, value in re.findall(r"^#define (PATCHBAY_\w+) (.+)$", macros, re.M):
            if re.fullmatch(r"(0x)?[0-9A-Fa-f]+u?", value):
                self.numbers[name] = int(value.rstrip("u"), 0)
            elif re.fullmatch(r'"[^"]*"', value):
                self.texts[name] = value
