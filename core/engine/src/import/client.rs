//! The clients whose files are understood.

use std::{fmt, path::Path, str::FromStr};

use super::{acme_sh, certbot, dehydrated, found::Found, lego, posh_acme};
use crate::error::Error;

/// An ACME client whose files can be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Client {
    /// acme.sh: its home, `~/.acme.sh`.
    AcmeSh,
    /// certbot: its configuration, `/etc/letsencrypt`.
    Certbot,
    /// dehydrated: the folder of its `config`, `/etc/dehydrated`.
    Dehydrated,
    /// lego: its `--path`, `./.lego`.
    Lego,
    /// Posh-ACME: its home, `~/.config/Posh-ACME`.
    PoshAcme,
}

impl Client {
    /// Every client, as it is written on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("acme.sh", Self::AcmeSh),
        ("certbot", Self::Certbot),
        ("dehydrated", Self::Dehydrated),
        ("lego", Self::Lego),
        ("posh-acme", Self::PoshAcme),
    ];

    /// What its files in `folder` hold; `server` is a CA's directory URL, for files that tell none.
    pub(super) fn read(self, folder: &Path, server: Option<&str>) -> Result<Found, Error> {
        match self {
            Self::AcmeSh => acme_sh::read(folder),
            Self::Certbot => certbot::read(folder),
            Self::Dehydrated => dehydrated::read(folder),
            Self::Lego => lego::read(folder, server),
            Self::PoshAcme => posh_acme::read(folder),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, client)| client == self).map(|(name, _)| *name);
        f.pad(name.unwrap_or_default())
    }
}

/// In any case, with or without the marks between the words.
impl FromStr for Client {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |text: &str| text.to_ascii_lowercase().replace(['.', '-', '_'], "");
        let found = Self::ALL.iter().find(|(name, _)| plain(name) == plain(text));
        found.map(|(_, client)| *client).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is not one of {}", names.join(", "))
        })
    }
}
