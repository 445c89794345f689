//! What is copied: which file of a certificate, where to, whose it is there and who may read it.

use std::{fmt, fs, str::FromStr};

use zeroize::Zeroizing;

use super::error::DeployError;
use crate::{
    config::{Copies, DeployTarget},
    files::file_error,
    outputs::{BUNDLE, FULLCHAIN, PRIVATE_KEY},
    store::CertificateInfo,
};

/// The permissions of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mode(pub u32);

/// Whose a file is: a user, a group or both, by name or number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Owner {
    /// The user; otherwise whoever writes the file.
    pub user: Option<String>,
    /// The group; otherwise that of whoever writes the file.
    pub group: Option<String>,
}

/// A file that shall be somewhere.
pub(super) struct Copy {
    /// The absolute path.
    pub(super) path: String,
    pub(super) content: Zeroizing<Vec<u8>>,
    pub(super) owner: Option<Owner>,
    pub(super) mode: Mode,
}

/// A file that a certificate has, as keys of the configuration call it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Fullchain,
    Cert,
    Chain,
    Key,
    Combined,
    Pfx,
}

impl Form {
    pub(crate) const ALL: [Self; 6] =
        [Self::Fullchain, Self::Cert, Self::Chain, Self::Key, Self::Combined, Self::Pfx];

    /// The key of the configuration.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fullchain => "fullchain",
            Self::Cert => "cert",
            Self::Chain => "chain",
            Self::Key => "key",
            Self::Combined => "combined",
            Self::Pfx => "pfx",
        }
    }

    /// Whether the private key is in it.
    pub(crate) fn is_secret(self) -> bool {
        matches!(self, Self::Key | Self::Combined | Self::Pfx)
    }

    fn content(self, info: &CertificateInfo) -> Result<Zeroizing<Vec<u8>>, crate::Error> {
        let read = |name: &str| {
            let path = info.path.join(name);
            fs::read(&path).map(Zeroizing::new).map_err(|source| file_error("read", &path, source))
        };
        match self {
            Self::Fullchain => read(FULLCHAIN),
            Self::Cert => read("cert.pem"),
            Self::Chain => read("chain.pem"),
            Self::Key => read(PRIVATE_KEY),
            Self::Pfx => read(BUNDLE),
            Self::Combined => {
                let (key, chain) = (read(PRIVATE_KEY)?, read(FULLCHAIN)?);
                Ok(Zeroizing::new([key.as_slice(), chain.as_slice()].concat()))
            }
        }
    }
}

impl Copies {
    /// Where a file goes, if it does.
    pub(crate) fn of(&self, form: Form) -> Option<&str> {
        let path = match form {
            Form::Fullchain => &self.fullchain,
            Form::Cert => &self.cert,
            Form::Chain => &self.chain,
            Form::Key => &self.key,
            Form::Combined => &self.combined,
            Form::Pfx => &self.pfx,
        };
        path.as_deref()
    }
}

/// What a target wants copied of a certificate, with what is in it.
pub(super) fn copies(
    target: &DeployTarget,
    info: &CertificateInfo,
) -> Result<Vec<Copy>, crate::Error> {
    let mut copies = Vec::new();
    for form in Form::ALL {
        let Some(path) = target.copies.of(form) else { continue };
        let lacking = match form {
            Form::Pfx if info.outputs.pfx.is_none() => true,
            form => form.is_secret() && info.external_csr,
        };
        if lacking {
            return Err(DeployError::Lacking { form: form.as_str(), path: path.to_owned() }.into());
        }
        let default = if form.is_secret() { Mode(0o600) } else { Mode(0o644) };
        copies.push(Copy {
            path: path.to_owned(),
            content: form.content(info)?,
            owner: target.owner.clone(),
            mode: target.mode.unwrap_or(default),
        });
    }
    Ok(copies)
}

/// Three or four octal digits.
impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not written as 0640");
        let digits = matches!(text.len(), 3 | 4) && text.chars().all(|digit| digit.is_digit(8));
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| digits && *mode <= 0o777);
        mode.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

/// `user`, `user:group` or `:group`.
impl FromStr for Owner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (user, group) = text.split_once(':').unwrap_or((text, ""));
        let is_name = |name: &str| {
            !name.starts_with('-')
                && !name.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
        };
        let empty = user.is_empty() && group.is_empty() || text.ends_with(':');
        if empty || !is_name(user) || !is_name(group) {
            return Err(format!("`{text}` is not written as user, user:group or :group"));
        }
        let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        Ok(Self { user: name(user), group: name(group) })
    }
}

/// As `chown` takes it.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.user.as_deref().unwrap_or_default())?;
        match &self.group {
            Some(group) => write!(f, ":{group}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal() {
        let mode = |text: &str| text.parse::<Mode>().map(|mode| mode.0);
        assert_eq!(mode("0640"), Ok(0o640));
        assert_eq!(mode("640"), Ok(0o640));
        assert_eq!(Mode(0o40).to_string(), "0040");
        for text in ["", "0", "40", "0x1ff", "648", "4755", "00640", "+640", "rw-r-----"] {
            assert!(mode(text).is_err(), "{text}");
        }
    }

    #[test]
    fn owners_are_users_and_groups() {
        for text in ["root", "root:ssl-cert", ":haproxy", "0:0", "www-data:33"] {
            assert_eq!(text.parse::<Owner>().unwrap().to_string(), text);
        }
        for text in ["", ":", "root:", "a:b:c", "a b", "-R:x", "a:\n"] {
            assert!(text.parse::<Owner>().is_err(), "{text:?}");
        }
    }
}
