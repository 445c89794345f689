//! Who made a module: detached signatures in minisign's format, by keys that the user trusts.
//!
//! The format is described at <https://jedisct1.github.io/minisign/>.

mod detached;
mod error;
mod key;
mod keys;

pub(crate) use self::detached::{SIZE_LIMIT, read_beside, signature_path};
pub use self::{
    error::SignatureError,
    key::Signer,
    keys::{Judgement, Signers},
};
