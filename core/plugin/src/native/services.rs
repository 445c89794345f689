//! The host's table of services, as a native module sees it.
#![expect(unsafe_code, reason = "the C interface; every block says why it is sound")]

use std::{
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::Handle;
use wildcert_plugin_sdk::{
    Request,
    abi::{
        bytes::Octets,
        json,
        native::{octets, reclaim},
        table::{Given, HostTable, Lent, TABLE_ABI},
    },
};

use crate::services::Call;

/// One call of a native module, on the thread that runs it.
pub(super) struct Context {
    pub(super) call: Call,
    /// Where the services run; the module's thread waits for them.
    pub(super) runtime: Handle,
}

impl Context {
    /// The table for this call; it must not outlive the context.
    pub(super) fn table(&self) -> HostTable {
        HostTable {
            size: size_of::<HostTable>() as u32,
            abi: TABLE_ABI,
            context: std::ptr::from_ref(self).cast(),
            send,
            exchange,
            now,
            sleep,
            random,
            log,
            cache_get,
            cache_put,
            free: reclaim,
        }
    }
}

/// Reads the input, runs the service, writes its answer. Input that cannot be read and a panic give
/// nothing, which the module reports.
///
/// # Safety
/// `context` is that of a [`Context::table`] whose context lives, and `input` points to readable
/// octets for the time of the call.
unsafe fn serve<I: DeserializeOwned, O: Serialize>(
    context: *const c_void,
    input: Lent,
    service: impl FnOnce(&Context, I) -> O,
) -> Given {
    let answer = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: by this function's contract.
        let (context, input) = unsafe { (&*context.cast::<Context>(), octets(input)) };
        let answer = service(context, serde_json::from_slice(input).ok()?);
        serde_json::to_vec(&answer).ok()
    }));
    match answer {
        Ok(Some(bytes)) => Given::new(bytes),
        _ => Given { ptr: std::ptr::null_mut(), len: 0, capacity: 0 },
    }
}

unsafe extern "C" fn send(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, request: Request| cx.runtime.block_on(cx.call.send(request));
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}

unsafe extern "C" fn exchange(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, json::Exchange { server, message: Octets(message) }| {
        cx.runtime.block_on(cx.call.exchange(&server, &message)).map(Octets)
    };
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}

unsafe extern "C" fn now(context: *const c_void, input: Lent) -> Given {
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, |cx, ()| cx.call.now()) }
}

unsafe extern "C" fn sleep(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, milliseconds: u32| {
        cx.runtime.block_on(cx.call.sleep(Duration::from_millis(milliseconds.into())));
    };
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}

unsafe extern "C" fn random(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, length: usize| cx.call.random(length).map(Octets);
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}

unsafe extern "C" fn log(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, json::Log { level, message }| cx.call.log(&level, &message);
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}

unsafe extern "C" fn cache_get(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, key: String| cx.call.cache_get(&key);
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}

unsafe extern "C" fn cache_put(context: *const c_void, input: Lent) -> Given {
    let service = |cx: &Context, json::CachePut { key, value, ttl_ms }| {
        cx.call.cache_put(&key, &value, Duration::from_millis(ttl_ms));
    };
    // SAFETY: the module calls with the context of its table and octets that outlive the call.
    unsafe { serve(context, input, service) }
}
