//! Of settings, only what can be wrong with them: errors speak of it.

#[path = "../../../core/plugin/src/settings/fault.rs"]
#[expect(dead_code, reason = "nothing is set here")]
mod fault;

pub use fault::Fault;
