"""Who may include what."""

import re

from source_tree import Finding

# An external library that belongs to some folders only, whatever the layer.
FOLDERS_OF = {
    r"^(asio\.hpp|asio/|boost/asio)": ("core/flow/net",),
    r"^openssl/": ("core/flow/net", "core/control/package", "core/control/admin"),
    r"^re2/": ("core/flow/router", "core/control/package", "core/control/operations"),
    r"^CLI/": ("core/control/config", "core/control/ctl"),  # two command lines
}
# An external library that exactly one file of core may include, behind a header of ours.
ONE_FILE_EACH = {
    "httplib": r"^httplib\.h$",
    "spdlog": r"^spdlog/",
    "toml++": r"^toml\+\+/|^toml\.hpp$",
}
HEAVY_IN_HEADERS = {"regex", "iostream"}


def layer_table(tree):
    """A layer names only layers declared above it, so the table itself cannot hold a cycle."""
    findings, above = [], set()
    for layer in tree.layers:
        for lower in layer.depends:
            if lower not in above:
                findings.append(Finding("core/CMakeLists.txt", 1, "layer_table",
                                        f"{layer.name} depends on {lower}, which is not declared above it"))
        above.add(layer.name)
    if not tree.layers:
        findings.append(Finding("core/CMakeLists.txt", 1, "layer_table", "no patchbay_layer() found"))
    return findings


def direction(tree):
    findings = []
    names = {layer.name for layer in tree.layers}
    for file in tree.code_below("core"):
        layer = tree.layer_of(file.path)
        if layer is None:
            continue
        visible = tree.visible_to(layer)
        for line, include in file.includes:
            target = include.split("/")[0]
            if target in names and target not in visible:
                findings.append(Finding(file.path, line, "direction", f"{layer.name} may not include {include}"))
    return findings


# Folders whose sources know each other; their headers do not. To be untangled, not to grow.
ENTANGLED_SOURCES = ("core/control/plugin_bridge", "core/flow/net/io_shard")


def cycles(tree):
    """No cycle between modules; a module is a header and its source, the files of one stem."""
    graph = {}
    for file in tree.code_below("core"):
        module = _module(file.path)
        targets = graph.setdefault(module, {})
        for line, include in file.includes:
            path = tree.included_path(include)
            if not file.is_header and file.path.startswith(ENTANGLED_SOURCES):
                continue
            if path and _module(path) != module:
                targets.setdefault(_module(path), (file.path, line))
    findings, state = [], {}

    def visit(module, trail):
        state[module] = "open"
        for target, (path, line) in sorted(graph.get(module, {}).items()):
            if state.get(target) == "open":
                loop = trail[trail.index(target):] + [target]
                findings.append(Finding(path, line, "cycles", " -> ".join(loop)))
            elif target not in state:
                visit(target, trail + [target])
        state[module] = "done"

    for module in sorted(graph):
        if module not in state:
            visit(module, [module])
    return findings


def _module(path):
    return re.sub(r"\.(h|hpp|cpp|c|def)$", "", path)


def parent_folder(tree):
    return [Finding(file.path, line, "parent_folder", f"include names a parent folder: {include}")
            for file in tree.files if file.is_code
            for line, include in file.includes if "../" in include]


def one_home(tree):
    findings, homes = [], {}
    for file in tree.code_below("core"):
        for line, include in file.includes:
            for pattern, folders in FOLDERS_OF.items():
                if re.search(pattern, include) and not file.below(*folders):
                    findings.append(Finding(file.path, line, "one_home", f"{include} belongs to {', '.join(folders)} only"))
            for library, pattern in ONE_FILE_EACH.items():
                if re.search(pattern, include):
                    homes.setdefault(library, {}).setdefault(file.path, line)
    for library, files in homes.items():
        for path, line in list(files.items())[1:]:
            findings.append(Finding(path, line, "one_home", f"{library} is included by {next(iter(files))} already"))
    return findings


def heavy_in_headers(tree):
    return [Finding(file.path, line, "heavy_in_headers", f"<{include}> in a header")
            for file in tree.code_below("core") if file.is_header
            for line, include in file.includes if include in HEAVY_IN_HEADERS]


def plugins_stay_out(tree):
    """Plugins and the SDK know nothing of core."""
    names = {layer.name for layer in tree.layers}
    return [Finding(file.path, line, "plugins_stay_out", f"includes core: {include}")
            for file in tree.code_below("plugins", "plugin-sdk")
            for line, include in file.includes if include.split("/")[0] in names or "core/" in include]
