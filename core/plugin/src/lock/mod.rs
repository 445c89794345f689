//! Which modules may run: providers.lock, and who could have written the module's file.

mod admission;
mod exposure;
mod record;
#[cfg(test)]
mod tests;

pub use self::admission::{FirstUse, Lock, Standing};
