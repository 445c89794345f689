//! Everything that reads what strangers made, under libFuzzer.
//!
//! The first octet of an input says who reads the rest; see [`READERS`]. Seeds are made at the
//! start, in the folder that is the first argument.
#![no_main]

mod answers;
mod modules;
mod seeds;
mod services;
mod signature;

// The plugin host's own files, under the names by which they know each other.
#[path = "../../../core/plugin/src/artifact.rs"]
#[expect(dead_code, reason = "files are not read here")]
mod artifact;
#[path = "../../../core/plugin/src/digest.rs"]
mod digest;
#[path = "../../../core/plugin/src/error.rs"]
#[expect(dead_code, reason = "only a part of what may fail is here")]
mod error;
#[path = "../../../core/plugin/src/failure.rs"]
#[expect(dead_code, reason = "nothing is run here")]
mod failure;
#[path = "../../../core/plugin/src/settings/fault.rs"]
#[expect(dead_code, reason = "nothing is set here")]
mod fault;
#[path = "../../../core/plugin/src/hint.rs"]
mod hint;
#[path = "../../../core/plugin/src/inspect/mod.rs"]
mod inspect;
#[path = "../../../core/plugin/src/install/error.rs"]
#[expect(dead_code, reason = "nothing is installed here")]
mod install_error;
mod install {
    pub use crate::install_error::InstallError;
}
mod settings {
    pub use crate::fault::Fault;
}

use libfuzzer_sys::fuzz_target;

/// Who reads an input: the reader of provider.toml, of modules, of what native modules answer,
/// of signatures, the judge of URLs, and who takes secrets out of texts.
const READERS: [fn(&[u8]); 6] = [
    modules::manifest,
    modules::module,
    answers::answer,
    signature::signature,
    services::url,
    services::secret,
];

fuzz_target!(init: seeds::write(), |data: &[u8]| {
    if let Some((first, rest)) = data.split_first() {
        READERS[usize::from(*first) % READERS.len()](rest);
    }
});
