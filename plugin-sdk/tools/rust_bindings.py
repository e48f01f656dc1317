#!/usr/bin/env python3
"""Makes rust/patchbay_sys.rs from the C headers: the same structs, constants and function types, and nothing else.

    rust_bindings.py write | check
"""
import re
import sys

from abi_headers import SDK, Abi

TARGET = SDK / "rust" / "patchbay_sys.rs"
PLAIN = {"uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64", "int32_t": "i32", "int64_t": "i64", "size_t": "usize",
         "char": "c_char", "void": "c_void", "patchbay_status": "patchbay_status"}
KEYWORDS = {"type", "match", "ref", "move", "fn", "in", "self", "use", "where", "final"}


def rust_type(text: str, abi: Abi) -> str:
    text = " ".join(re.sub(r"\bstruct\b", "", text).replace("*", " * ").split())
    base = re.match(r"(const )?(\w+)(.*)$", text)
    name = base[2]
    if name in abi.functions:
        return name
    out = PLAIN.get(name, name)
    constant = bool(base[1])
    rest = base[3].split()
    while rest:
        if rest[0] != "*":
            raise ValueError(f"cannot say in Rust: {text}")
        out = f"*{'const' if constant else 'mut'} {out}"
        constant = rest[1:2] == ["const"]
        rest = rest[2:] if constant else rest[1:]
    return out


def function_type(result: str, parameters: list, abi: Abi) -> str:
    inside = ", ".join(f"{name_of(p)}: {field_type(p, abi)}" for p in parameters)
    tail = "" if result == "void" else f" -> {rust_type(result, abi)}"
    return f'Option<unsafe extern "C" fn({inside}){tail}>'


def name_of(field) -> str:
    return f"{field.name}_" if field.name in KEYWORDS else field.name


def field_type(field, abi: Abi) -> str:
    if field.type == "function":
        return function_type(field.result, field.parameters, abi)
    plain = rust_type(field.type, abi)
    return f"[{plain}; {field.array}]" if field.array else plain


def bindings() -> str:
    abi = Abi(SDK / "include")
    out = ["// SPDX-License-Identifier: Apache-2.0",
           "// The C ABI of Patchbay in Rust. Made from include/patchbay by tools/rust_bindings.py; never edited.",
           "#![allow(non_camel_case_types, non_upper_case_globals, dead_code)]", "use std::os::raw::{c_char, c_void};", "",
           "pub type patchbay_status = u32;", ""]
    out += [f"pub const {name}: u32 = {value};" for name, value in sorted(abi.numbers.items())]
    out += [f"pub const {name}: u32 = {value};" for name, value in sorted(abi.hooks.items(), key=lambda each: each[1])]
    for name, value in sorted(abi.texts.items()):
        out.append(f"pub const {name}: &std::ffi::CStr = c{value};")
    out.append("")
    for name in abi.opaque:
        out += ["#[repr(C)]", f"pub struct {name} {{", "    private: [u8; 0],", "}", ""]
    for name, (result, parameters) in sorted(abi.functions.items()):
        out += [f"pub type {name} = {function_type(result, parameters, abi)};", ""]
    for name, fields in sorted(abi.structs.items()):
        out += ["#[repr(C)]", "#[derive(Clone, Copy)]", f"pub struct {name} {{"]
        out += [f"    pub {name_of(f)}: {field_type(f, abi)}," for f in fields]
        out += ["}", ""]
    return "\n".join(out)


def main() -> int:
    made = bindings()
    if sys.argv[1:] == ["write"]:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(made)
        return 0
    if TARGET.read_text() == made:
        return 0
    print(f"{TARGET} isn't what the headers say: run tools/rust_bindings.py write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
