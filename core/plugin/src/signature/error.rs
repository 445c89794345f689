//! Why a signature does not count.

use std::path::PathBuf;

/// Why a module is not taken as signed, or a key is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// No signature is beside the module.
    #[error("`{module}` is not signed: there is no `{signature}`")]
    Absent {
        /// The module.
        module: PathBuf,
        /// The file that was looked for.
        signature: PathBuf,
    },
    /// A module that is built here has no signature by nature.
    #[error("a module that is built of `{folder}` is not signed")]
    BuiltHere {
        /// The provider's crate.
        folder: PathBuf,
    },
    /// The file beside the module is something else.
    #[error("`{signature}` is no signature of minisign: {reason}")]
    Syntax {
        /// The file.
        signature: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The signature is of minisign's first form, over the whole file.
    #[error("`{signature}` is a signature of minisign's old form")]
    OldForm {
        /// The file.
        signature: PathBuf,
    },
    /// Somebody signed whom the user does not trust.
    #[error("`{module}` is signed by the key {key}, which is not trusted")]
    UnknownKey {
        /// The module.
        module: PathBuf,
        /// The key's id.
        key: String,
    },
    /// The signature's own text is not what the key signed.
    #[error("`{signature}` was altered: its comment or signature is not what the key {key} made")]
    Altered {
        /// The file.
        signature: PathBuf,
        /// The key's id.
        key: String,
    },
    /// The module is not what the key signed.
    #[error("`{module}` was altered: it is not what the key {key} signed")]
    Tampered {
        /// The module.
        module: PathBuf,
        /// The key's id.
        key: String,
    },
    /// The signature is for another file.
    #[error("`{signature}` is the signature of `{other}`, not of `{module}`")]
    OtherFile {
        /// The signature.
        signature: PathBuf,
        /// The module.
        module: PathBuf,
        /// The file that it names.
        other: String,
    },
    /// The text is no public key.
    #[error("`{text}` is no public key of minisign: {reason}")]
    NotAKey {
        /// The text, or the file that holds it.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No such key is trusted.
    #[error("no key `{key}` is trusted")]
    NotTrusted {
        /// What was looked for.
        key: String,
    },
}

impl SignatureError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Absent { module, .. } => format!(
                "fetch its author's signature to beside it, or, if it is your own, sign it: \
                 `minisign -Sm {}`",
                module.display()
            ),
            Self::BuiltHere { .. } => {
                "build it with `wildcert providers build`, sign the module with `minisign -Sm \
                 FILE` and install that file"
                    .to_owned()
            }
            Self::Syntax { .. } => "fetch the signature again; it has four lines".to_owned(),
            Self::OldForm { .. } => {
                "its author signs it anew, with minisign 0.8 or later and without `-l`".to_owned()
            }
            Self::UnknownKey { .. } => {
                "get the author's key from a place that you trust, then `wildcert providers trust \
                 KEY`; without KEY it lists the trusted ones"
                    .to_owned()
            }
            Self::Altered { .. } => {
                "do not use it: fetch module and signature again, from their author".to_owned()
            }
            Self::Tampered { .. } => {
                "do not use it: fetch the module and its signature again, both of the same release"
                    .to_owned()
            }
            Self::OtherFile { other, .. } => {
                format!("fetch the signature that belongs to the module; this one is for `{other}`")
            }
            Self::NotAKey { .. } => {
                "give the second line of the author's minisign.pub (it begins with `RW`), or the \
                 file"
                    .to_owned()
            }
            Self::NotTrusted { .. } => {
                "`wildcert providers trust` lists the trusted keys".to_owned()
            }
        }
    }
}
