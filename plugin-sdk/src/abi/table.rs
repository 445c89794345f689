//! The tables of functions between a native module and its host. Append-only: a field is never
//! moved, changed or removed, and `size` tells how much of a table its maker knew.

use std::ffi::c_void;

/// The symbol of a native module: an [`Entry`].
pub const SYMBOL: &str = "wildcert_provider_0_1";

/// The version of both tables; another number means that nothing after it can be read.
pub const TABLE_ABI: u32 = 1;

/// What the symbol is: a function that gives the module's table, which lives as long as the module.
pub type Entry = unsafe extern "C" fn() -> *const ProviderTable;

/// Octets that the caller owns and lends for the time of the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Lent {
    /// The first octet; not null, even when `len` is 0.
    pub ptr: *const u8,
    /// How many octets.
    pub len: usize,
}

/// Octets that the callee allocated; the receiver hands them back to the `free` of the same table.
#[derive(Debug)]
#[repr(C)]
pub struct Given {
    /// The first octet; null when there is nothing, which the receiver treats as a broken answer.
    pub ptr: *mut u8,
    /// How many octets.
    pub len: usize,
    /// How many were allocated.
    pub capacity: usize,
}

/// An operation of a module: the host's table and JSON in, JSON out.
pub type Operation = unsafe extern "C" fn(host: *const HostTable, input: Lent) -> Given;

/// A service of the host: its context and JSON in, JSON out.
pub type Service = unsafe extern "C" fn(context: *const c_void, input: Lent) -> Given;

/// What a native module offers.
#[derive(Debug)]
#[repr(C)]
pub struct ProviderTable {
    /// `size_of::<ProviderTable>()` as its maker knew it.
    pub size: u32,
    /// [`TABLE_ABI`].
    pub abi: u32,
    /// provider.toml, UTF-8.
    pub manifest: Lent,
    /// [`json::Check`](super::json::Check) to `Result<Vec<String>>`.
    pub check: Operation,
    /// [`json::Present`](super::json::Present) to `Result<Vec<Result<Option<String>>>>`.
    pub present: Operation,
    /// [`json::Remove`](super::json::Remove) to `Result<Vec<Result<()>>>`.
    pub remove: Operation,
    /// Takes back what an operation gave.
    pub free: unsafe extern "C" fn(Given),
}

/// What the host offers to a native module, for the time of one call.
#[derive(Debug)]
#[repr(C)]
pub struct HostTable {
    /// `size_of::<HostTable>()` as its maker knew it.
    pub size: u32,
    /// [`TABLE_ABI`].
    pub abi: u32,
    /// Handed to every service.
    pub context: *const c_void,
    /// [`Request`](crate::Request) to `Result<Response>`.
    pub send: Service,
    /// [`json::Exchange`](super::json::Exchange) to `Result<Octets>`.
    pub exchange: Service,
    /// `null` to milliseconds since 1970.
    pub now: Service,
    /// Milliseconds to `null`.
    pub sleep: Service,
    /// A count to [`Octets`](super::bytes::Octets).
    pub random: Service,
    /// [`json::Log`](super::json::Log) to `null`.
    pub log: Service,
    /// A key to a text or `null`.
    pub cache_get: Service,
    /// [`json::CachePut`](super::json::CachePut) to `null`.
    pub cache_put: Service,
    /// Takes back what a service gave.
    pub free: unsafe extern "C" fn(Given),
}

#[expect(unsafe_code, reason = "a raw pointer in a static needs it")]
// SAFETY: the only pointers are functions and the manifest, a `'static` text that nobody writes.
unsafe impl Sync for ProviderTable {}

impl Lent {
    /// Lends `bytes`; they must outlive the call.
    pub const fn new(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }
}

impl Given {
    /// Gives `bytes` away; [`reclaim`](super::native::reclaim) takes them back.
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        Self { ptr: bytes.as_mut_ptr(), len: bytes.len(), capacity: bytes.capacity() }
    }
}
