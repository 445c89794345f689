//! Makes modules of providers' folders: `wildcert providers build`.
//!
//! A crate is compiled for `wasm32-unknown-unknown`, which has no WASI, and then made a component,
//! which takes milliseconds. Cargo and a Rust compiler are all it needs. What another language's
//! toolchain has made gets its manifest, and passes the same checks.

mod cargo;
mod component;
mod crates;
mod folders;
mod modules;
mod ready;
mod toolchain;

pub use self::modules::{BuildOptions, Built, Report, build};
