"""The files of the tree as the rules see them: text, code without comments and strings, includes, layers, functions."""

import os
import re
from dataclasses import dataclass
from functools import cached_property

CODE_ENDINGS = (".h", ".hpp", ".cpp", ".c", ".def")
TEXT_ENDINGS = CODE_ENDINGS + (".py", ".js", ".md", ".txt", ".cmake", ".json", ".sh", ".in", ".toml")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", "corpus"}


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Layer:
    name: str
    folder: str  # below core/
    depends: tuple


@dataclass(frozen=True)
class Function:
    line: int  # of its opening brace
    length: int  # lines from the opening to the closing brace, both counted
    head: str


# Each alternative is one thing that is no code; what is kept of it is decided in without_comments().
_NOT_CODE = re.compile(
    r'R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
    r"|//(?:[^\n\\]|\\.|\\\n)*"
    r"|/\*.*?\*/"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)


def without_comments(text, keep_strings=False):
    """`text` without comments, and with empty strings unless they are kept; line numbers stay as they are."""

    def blank(match):
        found = match.group(0)
        lines = "\n" * found.count("\n")
        if found.startswith("/"):
            return " " + lines
        if keep_strings:
            return found
        return ("''" if found.startswith("'") else '""') + lines

    return _NOT_CODE.sub(blank, text)


class SourceFile:
    def __init__(self, path, text):
        self.path = path
        self.text = text

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        return without_comments(self.text)

    @cached_property
    def includes(self):
        """(line, name as written without its quotes or brackets)"""
        found = []
        for number, line in enumerate(without_comments(self.text, keep_strings=True).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line)
            if match:
                found.append((number, match.group(1)))
        return found

    @property
    def is_code(self):
        return self.path.endswith(CODE_ENDINGS)

    @property
    def is_header(self):
        return self.path.endswith((".h", ".hpp"))

    def below(self, *folders):
        return any(self.path.startswith(folder + "/") for folder in folders)

    def matches(self, pattern):
        """(line, match) of every match in the code"""
        for match in pattern.finditer(self.code):
            yield self.code.count("\n", 0, match.start()) + 1, match


class Tree:
    """`files` maps a path below the root to its text, so that the self-test needs no disk."""

    def __init__(self, files):
        self.files = [SourceFile(path, text) for path, text in sorted(files.items())]
        self._by_path = {file.path: file for file in self.files}

    @staticmethod
    def load(root):
        files = {}
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = [name for name in subfolders if name not in SKIPPED_FOLDERS]
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), root)
                if not name.endswith(TEXT_ENDINGS) and not path.startswith(("scripts/", ".ci/")):
                    continue
                with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                    files[path] = file.read()
        return Tree(files)

    def get(self, path):
        return self._by_path.get(path)

    def code_below(self, *folders):
        return [file for file in self.files if file.is_code and file.below(*folders)]

    @cached_property
    def layers(self):
        """The one table of layers: the patchbay_layer() calls of core/CMakeLists.txt, lowest first."""
        table = self.get("core/CMakeLists.txt")
        if table is None:
            return []
        text = re.sub(r"#[^\n]*", "", table.text)
        layers = []
        for call in re.finditer(r"^patchbay_layer\(\s*NAME\s+([^)]*)\)", text, re.MULTILINE):
            words = call.group(1).split()
            depends, taking = [], False
            for word in words[3:]:
                if word.isupper():
                    taking = word == "DEPENDS"
                elif taking:
                    depends.append(word)
            layers.append(Layer(words[0], words[2], tuple(depends)))
        return layers

    def layer_of(self, path):
        fitting = [layer for layer in self.layers if path.startswith(f"core/{layer.folder}/")]
        return max(fitting, key=lambda layer: len(layer.folder), default=None)

    def visible_to(self, layer):
        """Names of the layers whose headers `layer` may include: itself and all below it."""
        by_name = {other.name: other for other in self.layers}
        seen, waiting = set(), [layer.name]
        while waiting:
            name = waiting.pop()
            if name not in seen and name in by_name:
                seen.add(name)
                waiting.extend(by_name[name].depends)
        return seen

    def included_path(self, include):
        """Path of the file of ours that a "layer/file.h" names, or None."""
        first, _, rest = include.partition("/")
        for layer in self.layers:
            if layer.name == first and self.get(f"core/{layer.folder}/{rest}"):
                return f"core/{layer.folder}/{rest}"
        return None


_TYPE_HEAD = re.compile(r"^(?:template\b.*)?\s*(?:typedef\s+)?(?:class|struct|union|enum)\b")
_SCOPE_HEAD = re.compile(r'^(?:inline\s+)?namespace\b|^extern\s+""\s*$')


def functions(file):
    """The functions of a file, found by their braces: a block is a function if only namespaces and types enclose it."""
    # Preprocessor lines would unbalance the braces of an #if with two heads; only whole lines go, so numbers stay.
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: "\n" * m.group(0).count("\n"), file.code, flags=re.MULTILINE)
    found, open_blocks, head_start, line, depth = [], [], 0, 1, 0
    for position, letter in enumerate(code):
        if letter == "\n":
            line += 1
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == ";" and depth == 0:
            head_start = position + 1
        elif letter == "{":
            head = " ".join(code[head_start:position].split())
            kind = _kind_of(head, open_blocks)
            open_blocks.append((kind, line, head, depth))
            head_start, depth = position + 1, 0
        elif letter == "}" and open_blocks:
            kind, opened, head, depth = open_blocks.pop()
            if kind == "function":
                found.append(Function(opened, line - opened + 1, head))
            head_start = position + 1
    return found


def _kind_of(head, open_blocks):
    if any(kind in ("function", "value") for kind, *_ in open_blocks):
        return "inner"
    # Labels of access, attributes and the like stand before the head proper.
    head = re.sub(r"^(?:(?:public|protected|private)\s*:\s*|\[\[[^\]]*\]\]\s*)+", "", head)
    if _SCOPE_HEAD.search(head):
        return "scope"
    if _TYPE_HEAD.search(head) and not re.search(r"\)\s*(?:const|noexcept|override|final|->.*)?\s*$", head):
        return "scope"
    if head.endswith("=") or (head and ")" not in head and not head.startswith("operator")):
        return "value"
    return "function"
