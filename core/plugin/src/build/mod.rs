//! Makes modules of providers' crates: `wildcert providers build`.
//!
//! WebAssembly is compiled for `wasm32-unknown-unknown`, which has no WASI, and then made a
//! component, which takes milliseconds. Cargo and a Rust compiler are all it needs.

mod cargo;
mod component;
mod crates;
mod modules;
mod toolchain;

pub use self::modules::{BuildOptions, Built, Report, build};
