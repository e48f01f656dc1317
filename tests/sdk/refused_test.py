#!/usr/bin/env python3
"""Mistakes that do not compile, and the sentence that says why."""
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "plugin-sdk"
PLUGIN = """#include <patchbay/plugin.hpp>
struct mine final : patchbay::plugin<mine> {
  using plugin::plugin;
  %s
};
PATCHBAY_PLUGIN(mine, "{}")
"""
MISTAKES = [
    ("verdict on_message(message) { return {}; }", "on_message isn't a hook: you may mean on_publish"),
    ("verdict on_auth(auth_request) { return {}; }", "on_auth isn't a hook: you may mean on_authenticate"),
    ("void on_disconnect(patchbay::client_event) {}", "on_disconnect isn't a hook: you may mean on_disconnected"),
    ("void on_publish_batch(patchbay::routed_batch) {}", "you may mean on_publish_routed_batch"),
    ("verdict on_authenticate(patchbay::reply_request) { return {}; }", "can't be called with the hook's event"),
    ("bool on_authenticate(auth_request) { return true; }", "this hook's return type doesn't fit its point"),
    ("void on_authenticate(auth_request) {}", "this hook's return type doesn't fit its point"),
    ("verdict on_client_connected(patchbay::client_event) { return {}; }", "this hook's return type doesn't fit its point"),
    ("change on_acl_publish(acl_request) { return {}; }", "this hook's return type doesn't fit its point"),
    ("task<verdict> on_publish_rewrite(patchbay::rewrite_request) { co_return {}; }", "this point can't wait for an answer"),
    ("void on_acl_publish_batch(patchbay::batch<patchbay_authorize_event>) {}", "only observers get batches"),
]
RIGHT = "verdict on_publish(message) { return {}; } void on_routed(patchbay::routed_event) {} int on_this_is_mine = 0;"


def compile_with(compiler: str, member: str) -> subprocess.CompletedProcess:
    return subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-I", str(SDK / "include"), "-I", str(SDK / "cpp"),
                           "-x", "c++", "-"], input=PLUGIN % member, text=True, capture_output=True)


def wrong_of(case: tuple) -> str:
    compiler, member, sentence = case
    done = compile_with(compiler, member)
    if sentence is None:
        return f"{compiler} refuses what is right:\n{done.stderr}" if done.returncode != 0 else ""
    # clang prints the condition first, and g++ quotes: compare without white space at the ends of lines.
    if done.returncode == 0 or sentence not in done.stderr.replace('" "', ""):
        return f"{compiler}: expected \"{sentence}\" for: {member}\n{done.stderr[:2000]}"
    return ""


def main() -> int:
    compilers = [c for c in ("g++", "clang++-14") if shutil.which(c)]
    cases = [(c, member, sentence) for c in compilers for member, sentence in [*MISTAKES, (RIGHT, None)]]
    with ThreadPoolExecutor(2) as pool:
        wrong = [text for text in pool.map(wrong_of, cases) if text]
    print("\n".join(wrong) or f"{len(cases)} programs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
