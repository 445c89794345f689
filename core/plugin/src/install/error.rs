//! Why a module is not installed, or not removed.

use std::path::PathBuf;

use crate::digest::Sha256Digest;

/// Why a module was not installed or removed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The text is no URL that modules are fetched from.
    #[error("`{url}` is no URL of a module: {reason}")]
    Url {
        /// The text, without what could be secret in it.
        url: String,
        /// Why.
        reason: String,
    },
    /// A module is fetched from a URL without saying which.
    #[error("`{url}` may hold anything: the SHA-256 digest of the module is missing")]
    NoDigest {
        /// The URL.
        url: String,
    },
    /// A digest was given for more than one file.
    #[error("`{path}` is a folder, and a digest is of one file")]
    DigestOfFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file is not the one that was meant.
    #[error("`{from}` is not the module that was meant: its SHA-256 digest is {is}, not {wanted}")]
    Digest {
        /// The file or URL.
        from: String,
        /// What it should be.
        wanted: Sha256Digest,
        /// What it is.
        is: Sha256Digest,
    },
    /// A folder holds no modules.
    #[error("`{path}` holds no modules: no `.wasm`, no native library, no provider's crate")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Modules of a folder cannot be used.
    #[error("`{path}` holds what cannot be used:{}", .faults.iter().map(|fault| format!("\n  {fault}")).collect::<String>())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// Every fault.
        faults: Vec<String>,
    },

    // Fetching.
    /// The server did not answer.
    #[error("cannot fetch `{url}`: {reason}")]
    Fetch {
        /// The URL.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The server answered with something else than the file.
    #[error("cannot fetch `{url}`: the server answers {status}")]
    Status {
        /// The URL.
        url: String,
        /// The status code.
        status: u16,
    },
    /// The server sends us to where we do not go.
    #[error("`{url}` leads to `{to}`, which is refused: {reason}")]
    Redirect {
        /// The URL.
        url: String,
        /// Where it leads.
        to: String,
        /// Why that is refused.
        reason: &'static str,
    },
    /// The server sends us about.
    #[error("`{url}` leads on and on: more than {limit} redirects")]
    Redirects {
        /// The URL.
        url: String,
        /// How many are followed.
        limit: usize,
    },
    /// The file is larger than any module.
    #[error("`{url}` is larger than {limit} octets")]
    TooLarge {
        /// The URL.
        url: String,
        /// The most that is read.
        limit: u64,
    },

    // Removing.
    /// The module came with wildcert.
    #[error("provider `{id}` came with wildcert (`{path}`) and is not removed")]
    OfRelease {
        /// The provider's id.
        id: String,
        /// Its file.
        path: PathBuf,
    },
    /// The module is in a folder that `install` does not write.
    #[error("provider `{id}` was not installed by `wildcert providers install`: it is `{path}`")]
    NotInstalled {
        /// The provider's id.
        id: String,
        /// Its file.
        path: PathBuf,
    },
}

impl InstallError {
    /// What to do about it, where there is something to do.
    pub(crate) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Url { .. } => "modules are fetched over https only; for a file write its path, \
                                 such as `./acme.wasm`"
                .to_owned(),
            Self::NoDigest { .. } => "add `--sha256 HEX` with the digest that the module's author \
                                      publishes; `sha256sum FILE` tells that of a file"
                .to_owned(),
            Self::DigestOfFolder { .. } => {
                "name one module of it, or leave out `--sha256`".to_owned()
            }
            Self::Digest { .. } => "do not use it: ask its author which digest is right, and \
                                    whether the file was exchanged"
                .to_owned(),
            Self::Empty { .. } => {
                "`wildcert providers build DIR` makes modules of a provider's crate".to_owned()
            }
            Self::Fetch { .. } => "is the server's certificate known here? `SSL_CERT_FILE` adds \
                                   roots; proxies come from `HTTPS_PROXY`"
                .to_owned(),
            Self::Redirect { .. } => {
                "fetch the file yourself and install that, or give the URL where it is".to_owned()
            }
            Self::OfRelease { id, .. } => format!(
                "it runs only when it is named: leave out `--dns {id}`; whoever installed wildcert \
                 may delete the file"
            ),
            Self::NotInstalled { path, .. } => {
                format!("delete the file yourself: `rm {}`", path.display())
            }
            Self::Redirects { .. }
            | Self::Status { .. }
            | Self::TooLarge { .. }
            | Self::Unusable { .. } => return None,
        })
    }
}
