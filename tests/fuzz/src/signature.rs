//! What vouches for a module.

#[path = "../../../core/plugin/src/signature/error.rs"]
#[expect(dead_code, reason = "nothing is installed here")]
mod error;
#[expect(dead_code, reason = "keys are not read from files here")]
#[path = "../../../core/plugin/src/signature/key.rs"]
mod key;
#[expect(dead_code, clippy::module_inception, reason = "the plugin host's own name")]
#[path = "../../../core/plugin/src/signature/signature.rs"]
mod signature;

use std::path::Path;

use self::{key::Signer, signature::Signature};

pub use self::error::SignatureError;

/// A key whose secret half was thrown away: no signature by it can be right.
const KEY: &str = "RWQBAgMEBQYHCNy3/7qNHI5EVE4rWeInOE6/ZwPqkGJduDLRdNJvUyLM";

/// A text as a key and as a signature.
pub(crate) fn signature(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(signer) = text.parse::<Signer>() {
        assert_eq!(signer.key.parse::<Signer>(), Ok(signer));
    }
    let (module, signer) = (Path::new("fuzz.wasm"), KEY.parse::<Signer>().unwrap());
    match Signature::parse(module, text) {
        Ok(signature) => {
            assert!(signature.check(&signer, module, b"").is_err(), "a forged signature: {text:?}");
        }
        Err(error) => drop(error.to_string()),
    }
}
