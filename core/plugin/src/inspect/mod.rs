//! What a file says of itself, read without running it.

mod native;
mod wasm;

pub(crate) use self::{native::library, wasm::component};
