// Refuses whatever is published below internal/. A panic must not leave an entry: fenced() keeps it.
mod patchbay;
use patchbay::*;
use std::ffi::c_void;
use std::mem::{size_of, zeroed};

struct Instance {
    table: patchbay_plugin,
    host: *const patchbay_host,
}

const NO_OPINION: patchbay_verdict =
    patchbay_verdict { kind: PATCHBAY_CONTINUE as u8, reason: 0, flags: 0, reserved: 0, arg: 0 };
const NOT_AUTHORIZED: patchbay_verdict = patchbay_verdict { kind: PATCHBAY_DENY as u8, reason: 0x87, ..NO_OPINION };
/// A panic: the operator's fallback decides.
const FAULT: patchbay_verdict = patchbay_verdict {
    kind: PATCHBAY_DENY as u8,
    flags: (PATCHBAY_VERDICT_FAILED | PATCHBAY_VERDICT_THREW) as u16,
    ..NO_OPINION
};

unsafe extern "C" fn on_publish(_this: *mut c_void, shown: *const c_void, _token: patchbay_token) -> patchbay_verdict {
    fenced(FAULT, || unsafe {
        let event = &*shown.cast::<patchbay_publish_accept_event>();
        let topic = bytes(patchbay_bytes { ptr: event.topic.ptr.cast(), len: event.topic.len });
        Some(if topic.starts_with(b"internal/") { NOT_AUTHORIZED } else { NO_OPINION })
    })
}

unsafe extern "C" fn configure(_this: *mut c_void, _json: patchbay_str, _errors: *mut patchbay_writer) -> patchbay_status {
    PATCHBAY_OK
}

unsafe extern "C" fn start(this: *mut c_void, _errors: *mut patchbay_writer) -> patchbay_status {
    fenced(PATCHBAY_FAILED, || unsafe {
        let of = &*this.cast::<Instance>();
        let mut hook: patchbay_hook = zeroed();
        hook.size = size_of::<patchbay_hook>() as u32;
        hook.hook = PATCHBAY_HOOK_publish_accept;
        hook.phase = PATCHBAY_PHASE_DECIDE;
        hook.self_ = this;
        hook.fn_ = Some(on_publish);
        Some(((*of.host).add_hook?)(of.host, &hook))
    })
}

unsafe extern "C" fn stop(_this: *mut c_void) {}

unsafe extern "C" fn destroy(this: *mut c_void) {
    fenced((), || unsafe {
        drop(Box::from_raw(this.cast::<Instance>()));
        Some(())
    })
}

unsafe extern "C" fn create(host: *const patchbay_host, _name: patchbay_str) -> *const patchbay_plugin {
    fenced(std::ptr::null(), || unsafe {
        let made = Box::into_raw(Box::new(Instance { table: zeroed(), host }));
        (*made).table.size = size_of::<patchbay_plugin>() as u32;
        (*made).table.self_ = made.cast();
        (*made).table.configure = Some(configure);
        (*made).table.start = Some(start);
        (*made).table.stop = Some(stop);
        (*made).table.destroy = Some(destroy);
        Some(&(*made).table as *const _)
    })
}

patchbay_plugin!(include_bytes!("manifest.json"), create);
