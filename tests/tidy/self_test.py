"""Shows that each rule catches what it is for, and lets pass what is right: a check that cannot fail is no check."""

import os
import subprocess
import sys
import tempfile
import unittest

import rules
from rules import clauses, includes, sizes, words
from source_tree import Tree, functions

LAYERS = """
function(patchbay_layer)
endfunction()
patchbay_layer(NAME base DIR base LINK Threads::Threads)
patchbay_layer(NAME topic DIR topic DEPENDS base)
patchbay_layer(NAME session DIR flow/session DEPENDS topic
               LINK OpenSSL::SSL)
patchbay_layer(NAME net DIR flow/net DEPENDS session base)
"""
GUARD = "#pragma once\n"


def tree_of(**files):
    """Keys are paths with __ for / and a last _ for the dot of the ending."""
    named = {"core/CMakeLists.txt": LAYERS}
    for key, text in files.items():
        head, _, ending = key.replace("__", "/").rpartition("_")
        named[f"{head}.{ending}"] = text
    return Tree(named)


def lines_of(body, count):
    return "\n".join([body] * count) + "\n"


# rule -> (bad trees, good trees)
CASES = {
    includes.layer_table: (
        [Tree({"core/CMakeLists.txt": "patchbay_layer(NAME low DIR low DEPENDS high)\npatchbay_layer(NAME high DIR high)"}),
         Tree({"core/CMakeLists.txt": "add_library(all all.cpp)"})],
        [tree_of()]),
    includes.direction: (
        [tree_of(core__base__clock_h='#include "session/session.h"'),
         tree_of(core__topic__filter_cpp='#include <string>\n #  include "net/listener.h"')],
        [tree_of(core__flow__net__stream_cpp='#include "topic/filter.h"\n#include "net/stream.h"\n// #include "admin/x.h"'),
         tree_of(core__base__clock_h='// #include "session/session.h"\n/* #include "net/a.h" */')]),
    includes.cycles: (
        [tree_of(core__base__a_h='#include "base/b.h"', core__base__b_h='#include "base/a.h"'),
         tree_of(core__base__a_h='#include "base/b.h"', core__base__b_cpp='#include "base/c.h"',
                 core__base__b_h="", core__base__c_h='#include "base/a.h"')],
        [tree_of(core__base__a_h='#include "base/b.h"\n#include "base/c.h"', core__base__b_h='#include "base/c.h"',
                 core__base__c_h="", core__base__a_cpp='#include "base/a.h"')]),
    includes.parent_folder: (
        [tree_of(core__base__a_cpp='#include "../topic/filter.h"'), tree_of(tests__unit__a_cpp='#include "../b.h"')],
        [tree_of(core__base__a_cpp='#include "base/a.h"  // not "../a.h"')]),
    includes.one_home: (
        [tree_of(core__flow__session__a_cpp="#include <asio/io_context.hpp>"),
         tree_of(core__control__tls_cpp="#include <openssl/ssl.h>"),
         tree_of(core__control__a_cpp="#include <spdlog/spdlog.h>", core__control__b_cpp="#include <spdlog/logger.h>"),
         tree_of(core__control__a_cpp="#include <toml++/toml.h>", core__control__b_h="#include <toml++/toml.h>")],
        [tree_of(core__flow__net__a_cpp="#include <openssl/ssl.h>\n#include <asio.hpp>",
                 core__control__a_cpp="#include <spdlog/spdlog.h>\n#include <spdlog/sinks/basic_file_sink.h>")]),
    includes.heavy_in_headers: (
        [tree_of(core__base__a_h="#include <regex>"), tree_of(core__topic__b_h="#include <iostream>")],
        [tree_of(core__base__a_cpp="#include <iostream>", core__base__a_h="#include <iosfwd>")]),
    includes.plugins_stay_out: (
        [tree_of(plugins__webhook__plugin_cpp='#include "session/session.h"'),
         tree_of(**{"plugin-sdk__include__a_h": '#include "core/base/result.h"'})],
        [tree_of(plugins__webhook__plugin_cpp='#include "patchbay/plugin.h"\n#include <vector>')]),
    sizes.file_length: (
        [tree_of(core__base__a_cpp=lines_of("int a;", 501)), tree_of(tests__tidy__a_py=lines_of("a = 1", 501))],
        [tree_of(core__base__a_cpp=lines_of("int a;", 500), core__base__rows_def=lines_of("ROW(1)", 900))]),
    sizes.function_length: (
        [tree_of(core__base__a_cpp="namespace a {\nint f(int b) {\n" + lines_of("  ++b;", 69) + "}\n}"),
         tree_of(core__base__a_h="class A : public B {\n public:\n  A() : b_{1}, c_{2} {\n" + lines_of("  c();", 69) + "  }\n};"),
         tree_of(tests__unit__a_cpp='TEST_CASE("a { brace in a string") {\n' + lines_of("  CHECK(a);", 69) + "}"),
         tree_of(core__base__a_cpp="auto f(int a) -> std::vector<int> {\n" + lines_of("if (a) { a = 1; }", 69) + "}")],
        [tree_of(core__base__a_cpp="namespace a {\nint f(int b) {\n" + lines_of("  ++b;", 68) + "}\n}"),
         tree_of(core__base__a_cpp="constexpr Row kRows[] = {\n" + lines_of("  {1, f(2), '}', \"{\"},", 80) + "};"),
         tree_of(core__base__a_h="struct A {\n" + lines_of("  int f() { return 1; }", 90) + "};"),
         tree_of(core__base__a_h="enum class A : uint8_t {\n" + lines_of("  a,", 90) + "};")]),
    sizes.test_share: (
        [tree_of(core__base__a_cpp=lines_of("int a;", 100), tests__unit__a_cpp=lines_of("CHECK(a);", 50)),
         tree_of(core__base__a_cpp=lines_of("int a;", 10), tests__bench__a_cpp=lines_of("int a;", 100))],
        [tree_of(core__base__a_cpp=lines_of("int a;", 100), tests__unit__a_cpp=lines_of("CHECK(a);\n", 110))]),
    words.unkept_promises: (
        [tree_of(core__base__a_cpp="// TO" "DO: later"), tree_of(scripts__run_sh="# X" "XX"),
         tree_of(core__base__b_h="// FIX" "ME(me): broken")],
        [tree_of(core__base__a_cpp="// mktemp patchbay.XX" "XXXX, and a todo list")]),
    words.adapters_only: (
        [tree_of(core__flow__session__a_cpp="auto now = std::chrono::steady_clock::now();"),
         tree_of(core__flow__session__b_cpp="std::random_device seed;"),
         tree_of(core__flow__session__c_cpp="auto t = time(nullptr);"),
         tree_of(core__control__d_cpp="getrandom(a, 1, 0);")],
        [tree_of(core__base__clock_cpp="std::chrono::steady_clock::now();", core__base__random_cpp="getrandom(a, 1, 0);"),
         tree_of(core__flow__session__a_cpp="clock_.time(0); // like system_clock\nlog(\"steady_clock\");")]),
    words.sleeps: (
        [tree_of(tests__unit__base__a_cpp="std::this_thread::sleep_for(1s);"), tree_of(tests__flow__a_cpp="usleep(10);")],
        [tree_of(tests__wire__a_cpp="std::this_thread::sleep_for(1s);", tests__unit__a_cpp="// no sleep_for(1s) here")]),
    words.dangerous_calls: (
        [tree_of(core__base__a_cpp="strcpy(a, b);"), tree_of(plugins__x__a_cpp="std::system(\"ls\");")],
        [tree_of(core__base__a_cpp="port.system(1); snprintf(a, 2, b); // sprintf(")]),
    words.header_guard: (
        [tree_of(core__base__a_h="int a;")],
        [tree_of(core__base__a_h="// What it is.\n" + GUARD)]),
    clauses.untested: (
        [tree_of(core__mqtt__a_cpp="// [MQTT-3.3.1-4] no QoS 3"),
         tree_of(core__mqtt__a_cpp="// [MQTT-3.3.1-4]", tests__unit__a_cpp="// [MQTT-3.3.1-40]"),
         tree_of(core__mqtt__a_cpp="// [MQTT-3.3.1-4]", tests__tidy__a_py="# [MQTT-3.3.1-4]")],
        [tree_of(core__mqtt__a_cpp="// [MQTT-3.3.1-4]", tests__vectors__publish_txt="clause [MQTT-3.3.1-4]")]),
}


class EachRule(unittest.TestCase):
    def test_has_cases(self):
        self.assertEqual(set(rules.ALL), set(CASES))

    def test_catches_what_is_wrong(self):
        for rule, (bad, _) in CASES.items():
            for number, tree in enumerate(bad):
                with self.subTest(rule=rule.__name__, number=number):
                    self.assertEqual(1, len(rule(tree)), rule(tree))

    def test_passes_what_is_right(self):
        for rule, (_, good) in CASES.items():
            for number, tree in enumerate(good):
                with self.subTest(rule=rule.__name__, number=number):
                    self.assertEqual([], rule(tree))


class FunctionDetector(unittest.TestCase):
    def lengths(self, text):
        return [function.length for function in functions(tree_of(core__a_cpp=text).get("core/a.cpp"))]

    def test_measures_functions_only(self):
        text = ("namespace a::b {\nstruct S : T<int> {\n  int x = 1;\n  S() : x{1} {\n    y();\n  }\n"
                "  int f() const noexcept { return 1; }\n};\nconst int k[] = {1,\n2};\n"
                "template <class T>\nvoid g(T t) {\n  auto l = [&] {\n    if (t) {\n    }\n  };\n}\n}\n")
        self.assertEqual([1, 3, 1, 6], self.lengths(text))

    def test_is_not_confused_by_text(self):
        self.assertEqual([4], self.lengths("void f() {\n  // }\n  a = '}'; b = \"}\"; c = R\"x(}\")x\"; /* } */\n}\n"))

    def test_default_arguments_and_operators(self):
        self.assertEqual([1, 3], self.lengths("bool operator()(int a) { return a; }\nvoid f(S s = {}, int b = 1) {\n  g();\n}\n"))


class WholeProgram(unittest.TestCase):
    def run_on(self, files):
        here = os.path.dirname(os.path.abspath(__file__))
        with tempfile.TemporaryDirectory() as root:
            for path, text in {"core/CMakeLists.txt": LAYERS, ".clang-format": "BasedOnStyle: Google\n", **files}.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return subprocess.run([sys.executable, os.path.join(here, "tidy.py"), root], capture_output=True, text=True,
                                  check=False)

    GOOD = {"core/base/a.cpp": "int a;\n", "tests/unit/a_test.cpp": "int a;\nint b;\n"}

    def test_ends_with_0_on_a_good_tree(self):
        run = self.run_on(self.GOOD)
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        self.assertIn("tidy: 0 findings", run.stdout)

    def test_names_file_and_line_and_ends_with_1(self):
        run = self.run_on({**self.GOOD, "core/base/a.cpp": 'int a;\n#include "net/a.h"\n'})
        self.assertEqual(1, run.returncode)
        self.assertIn("core/base/a.cpp:2: direction: base may not include net/a.h", run.stdout)

    def test_formatting_is_checked_where_the_formatter_is(self):
        run = self.run_on({**self.GOOD, "core/base/a.cpp": "int    a  ;\n"})
        if "formatting is not checked" not in run.stdout:
            self.assertEqual(1, run.returncode)
            self.assertIn("core/base/a.cpp:1: formatting", run.stdout)

    def test_refuses_an_empty_tree(self):
        self.assertEqual(1, self.run_on({}).returncode)


if __name__ == "__main__":
    unittest.main()
