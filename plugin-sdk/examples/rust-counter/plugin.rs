// Counts routed messages and their bytes. A plugin in Rust needs the bindings and nothing else; a panic must not leave an entry.
#[path = "../../rust/patchbay.rs"]
mod patchbay;
use patchbay::*;
use std::ffi::c_void;
use std::mem::{size_of, zeroed};

struct Counter {
    table: patchbay_plugin,
    host: *const patchbay_host,
    metrics: *const patchbay_metrics,
    messages: u32,
    payload: u32,
}

unsafe extern "C" fn on_routed(this: *mut c_void, records: *const patchbay_record, count: usize) {
    fenced((), || unsafe {
        let of = &*this.cast::<Counter>();
        let mut bytes = 0u64;
        for record in std::slice::from_raw_parts(records, count) {
            let event = &*record.event.cast::<patchbay_publish_routed_event>();
            let mut view: patchbay_message_view = zeroed();
            view.size = size_of::<patchbay_message_view>() as u32;
            ((*of.host).message_view?)(of.host, event.message, &mut view);
            bytes += view.payload.len as u64;
        }
        let add = (*of.metrics).add?;
        add(of.host, of.messages, count as u64);
        add(of.host, of.payload, bytes);
        Some(())
    })
}

unsafe extern "C" fn configure(_this: *mut c_void, _json: patchbay_str, _errors: *mut patchbay_writer) -> patchbay_status {
    PATCHBAY_OK
}

unsafe extern "C" fn start(this: *mut c_void, _errors: *mut patchbay_writer) -> patchbay_status {
    fenced(PATCHBAY_FAILED, || unsafe {
        let of = &mut *this.cast::<Counter>();
        let declare = (*of.metrics).declare?;
        for (name, help, metric) in [
            ("messages", "Messages that were routed.", &mut of.messages),
            ("payload", "Bytes of their payloads.", &mut of.payload),
        ] {
            let status = declare(of.host, text(name), PATCHBAY_METRIC_COUNTER, text(help), std::ptr::null(), 0, metric);
            if status != PATCHBAY_OK {
                return Some(status);
            }
        }
        let mut hook: patchbay_hook = zeroed();
        hook.size = size_of::<patchbay_hook>() as u32;
        hook.hook = PATCHBAY_HOOK_publish_routed;
        hook.phase = PATCHBAY_PHASE_OBSERVE;
        hook.self_ = this;
        hook.batch = Some(on_routed);
        Some(((*of.host).add_hook?)(of.host, &hook))
    })
}

unsafe extern "C" fn stop(_this: *mut c_void) {}

unsafe extern "C" fn destroy(this: *mut c_void) {
    fenced((), || unsafe {
        drop(Box::from_raw(this.cast::<Counter>()));
        Some(())
    })
}

unsafe extern "C" fn create(host: *const patchbay_host, _name: patchbay_str) -> *const patchbay_plugin {
    fenced(std::ptr::null(), || unsafe {
        let metrics = ((*host).get?)(host, PATCHBAY_METRICS_1.as_ptr()).cast::<patchbay_metrics>();
        if metrics.is_null() {
            return None;
        }
        let made = Box::into_raw(Box::new(Counter { table: zeroed(), host, metrics, messages: 0, payload: 0 }));
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
