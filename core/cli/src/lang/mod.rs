//! What is said to people, in their language; what programs read never changes with it.

mod catalogue;
mod choice;
mod describe;
#[cfg(test)]
mod tests;
mod text;

pub use choice::Lang;
pub(crate) use describe::{describe, describe_acme, describe_window, hints, program};
pub(crate) use describe::{
    describe_endpoint, describe_finding, describe_probe, finding_word, probe_word,
};
pub(crate) use text::Text;
