#!/usr/bin/env python3
"""An author outside of our tree, with an installed SDK: find_package, add_patchbay_plugin, in C and in C++, with g++ and with clang."""
import re
import shutil
import sys
import tempfile
from pathlib import Path

from installed_sdk import install, run

C_PLUGIN = """#include <patchbay/patchbay.h>
PATCHBAY_MANIFEST_SECTION static const char manifest[] = PATCHBAY_MANIFEST;
static const patchbay_plugin *create(const patchbay_host *host, patchbay_str name) { (void)host; (void)name; return NULL; }
const patchbay_entry patchbay_plugin_entry = {PATCHBAY_ENTRY_MAGIC, sizeof(patchbay_entry), 1, 0, 0, 0, "C", manifest, create};
"""
CPP_PLUGIN = """#include <patchbay/plugin.hpp>
#include <patchbay/with_timeout.hpp>
#include <functional>
#include <map>
#include <regex>
inline std::map<std::string, std::function<int()>> inline_static;  // a GNU unique symbol without the right flags
struct mine final : patchbay::plugin<mine> {
  using plugin::plugin;
  task<verdict> on_authenticate(auth_request a) {
    const std::string name(a.username());
    co_await patchbay::sleep(std::chrono::milliseconds(1));
    co_return std::regex_match(name, std::regex("a+")) ? verdict::allow() : verdict::deny(inline_static.empty() ? 0 : 1);
  }
};
PATCHBAY_PLUGIN(mine)
"""
LISTS = """cmake_minimum_required(VERSION 3.20)
project(outside LANGUAGES C CXX)
find_package(PatchbaySDK 1 REQUIRED)
add_patchbay_plugin(in-c C SOURCES plugin.c MANIFEST manifest.json)
add_patchbay_plugin(in-cpp SOURCES plugin.cpp MANIFEST manifest.json)
"""
MANIFEST = '{ "id": "com.example.outside", "version": "1.0.0",\n  "title": "quotes \\" and back\\\\slashes; semicolons" }\n'


def check(plugin: Path):
    exported = [line.split()[-1] for line in run("nm", "-D", "--defined-only", str(plugin)).splitlines()]
    assert exported == ["patchbay_plugin_entry"], f"{plugin.name} exports {exported}"
    symbols = run("readelf", "--dyn-syms", "-W", str(plugin))
    assert "UNIQUE" not in symbols, f"{plugin.name} has unique symbols"
    dynamic = run("readelf", "-dW", str(plugin))
    assert "STATIC_TLS" not in dynamic and re.search(r"FLAGS_1.*NOW", dynamic), dynamic
    sections = run("readelf", "-SW", str(plugin))
    assert ".note.gnu.build-id" in sections, f"{plugin.name} has no build id"
    place = re.search(r"\.patchbay\.manifest\s+PROGBITS\s+\w+ (\w+) (\w+)", sections)
    begin, size = int(place[1], 16), int(place[2], 16)
    text = plugin.read_bytes()[begin:begin + size]
    assert text == MANIFEST.encode() + b"\0", f"{plugin.name} has the manifest {text}"


def build(folder: Path, environment: dict, name: str, *options: str) -> Path:
    run("cmake", "-S", str(folder / "outside"), "-B", str(folder / name), *options, env=environment)
    run("cmake", "--build", str(folder / name), env=environment)
    return folder / name


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="patchbay-package-") as name:
        folder = Path(name)
        environment = install(folder)
        (folder / "outside").mkdir()
        for file, text in (("plugin.c", C_PLUGIN), ("plugin.cpp", CPP_PLUGIN), ("CMakeLists.txt", LISTS), ("manifest.json", MANIFEST)):
            (folder / "outside" / file).write_text(text)
        builds = [build(folder, environment, "release", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DPATCHBAY_SPLIT_DEBUG=ON"),
                  build(folder, environment, "sections", "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,--gc-sections",
                        "-DCMAKE_MODULE_LINKER_FLAGS=-Wl,--gc-sections", "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON")]
        for c_compiler, cpp_compiler in (("clang-14", "clang++-14"), ("clang", "clang++")):
            if shutil.which(cpp_compiler):
                builds.append(build(folder, environment, "clang", f"-DCMAKE_C_COMPILER={c_compiler}", f"-DCMAKE_CXX_COMPILER={cpp_compiler}"))
                break
        assert ".debug_info" in run("readelf", "-SW", str(builds[0] / "in-cpp.so.debug"))
        assert ".debug_info" not in run("readelf", "-SW", str(builds[0] / "in-cpp.so"))
        for each in builds:
            for plugin in ("in-c.so", "in-cpp.so"):
                run("strip", str(each / plugin))
                check(each / plugin)
        print(f"{len(builds)} builds, one symbol and one manifest in each file")
    return 0


if __name__ == "__main__":
    sys.exit(main())
