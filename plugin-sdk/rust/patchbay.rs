// SPDX-License-Identifier: Apache-2.0
//! What a plugin in Rust needs besides the bindings: texts, the fence around entries, the exported constant.
#![allow(dead_code)]
#[path = "patchbay_sys.rs"]
mod sys;
use std::panic::{catch_unwind, AssertUnwindSafe};
pub use sys::*;

/// A borrowed text.
pub fn text(from: &str) -> patchbay_str {
    patchbay_str { ptr: from.as_ptr().cast(), len: from.len() }
}

/// The bytes behind a view; they live as long as the call that brought it.
///
/// # Safety
/// `view` is one that the host has given, and its call has not returned.
pub unsafe fn bytes<'a>(view: patchbay_bytes) -> &'a [u8] {
    if view.len == 0 {
        return &[];
    }
    unsafe { std::slice::from_raw_parts(view.ptr, view.len) }
}

/// Runs `body`. A panic must not leave an entry: it stays here, and `otherwise` is the answer; also where `body` finds a function missing.
pub fn fenced<T>(otherwise: T, body: impl FnOnce() -> Option<T>) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Some(value)) => value,
        _ => otherwise,
    }
}

/// `from` with a zero behind it.
pub const fn terminated<const N: usize>(from: &[u8]) -> [u8; N] {
    let mut out = [0u8; N];
    let mut i = 0;
    while i < from.len() {
        out[i] = from[i];
        i += 1;
    }
    out
}

/// The entry is a constant without interior state, so any thread may read it.
#[repr(transparent)]
pub struct Entry(pub patchbay_entry);
unsafe impl Sync for Entry {}

/// Exports the plugin: `patchbay_plugin!(include_bytes!("manifest.json"), create);`
#[macro_export]
macro_rules! patchbay_plugin {
    ($manifest:expr, $create:expr) => {
        const MANIFEST_JSON: &[u8] = $manifest;
        #[used]
        #[link_section = ".patchbay.manifest"]
        static MANIFEST: [u8; MANIFEST_JSON.len() + 1] = $crate::patchbay::terminated(MANIFEST_JSON);
        #[no_mangle]
        pub static patchbay_plugin_entry: $crate::patchbay::Entry = $crate::patchbay::Entry(patchbay_entry {
            magic: PATCHBAY_ENTRY_MAGIC,
            size: std::mem::size_of::<patchbay_entry>() as u32,
            abi_major: PATCHBAY_ABI_MAJOR,
            abi_minor: PATCHBAY_ABI_MINOR,
            abi_minor_min: 0,
            flags: 0,
            build: c"rustc, SDK 1.0".as_ptr(),
            manifest: MANIFEST.as_ptr().cast(),
            create: Some($create),
        });
    };
}
