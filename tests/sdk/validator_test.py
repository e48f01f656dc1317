#!/usr/bin/env python3
"""The validator outlives what it tests: a plugin with a fault fails the test that is about it, by name, and the others still run.

    validator_test.py PATCHBAY FOLDER_OF_TEST_PLUGINS
"""
import json
import subprocess
import sys

# plugin, test that is about its fault, that test's outcome, a part of what is said
FAULTS = [
    ("fault_crash_at_load", "loads quickly, starts nothing", "crashed", "ended by signal 11"),
    ("fault_thread", "no thread is left", "fail", "a thread that the host did not start is still there"),
    ("fault_leak", "each hook, each input, fenced views", "fail", "message"),
    ("fault_twice", "answered once", "warn", "publish.accept: a question was answered more than once"),
]


def report_of(program: str, file: str, exit_code: int) -> dict:
    done = subprocess.run([program, "plugin", "validate", "--json", "--runs", "1", "--seed", "1", file], capture_output=True, text=True,
                          timeout=250)
    if done.returncode != exit_code:
        raise SystemExit(f"{file}: exit code {done.returncode}, expected {exit_code}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)[0]


def wrong_with(report: dict, test: str, outcome: str, part: str) -> str:
    found = next(each for each in report["tests"] if each["name"] == test)
    said = "\n".join(remark["sentence"] for remark in found["remarks"])
    if found["outcome"] != outcome or part not in said:
        everything = [(each["name"], each["outcome"], each["remarks"]) for each in report["tests"] if each["outcome"] not in ("pass", "skip")]
        return f"expected {outcome} with \"{part}\" at \"{test}\"; found {found['outcome']}: {said}\n{everything}"
    return "" if report["valid"] == (outcome == "warn") else f"valid: {report['valid']}"


def main() -> int:
    program, folder = sys.argv[1:]
    wrong = 0
    for plugin, *expected in FAULTS:
        report = report_of(program, f"{folder}/{plugin}.so", 0 if expected[1] == "warn" else 1)
        trouble = wrong_with(report, *expected)
        wrong += 1 if trouble else 0
        print(f"{plugin}: {trouble or 'as it should be'}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
