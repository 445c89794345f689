//! providers.keys: whose signatures count.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    detached::{Signature, signature_path},
    error::SignatureError,
    key::Signer,
};
use crate::{error::Error, private};

/// The layout that this version reads and writes.
const LAYOUT: u32 = 1;

/// What stands above the keys.
const HEADING: &str = "\
# Keys of minisign whose signatures of providers count. Written by `wildcert providers trust`.

";

/// The keys that the user trusts.
#[derive(Clone, Debug)]
pub struct Signers {
    path: PathBuf,
}

/// What a signature is worth.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Judgement {
    /// There is none.
    Unsigned,
    /// It names this key, which is not trusted; nothing more is known.
    Unknown(String),
    /// This key is trusted and made it.
    Signed(String),
}

/// The whole file.
#[derive(Deserialize, Serialize)]
struct Document {
    version: u32,
    #[serde(default)]
    key: Vec<Signer>,
}

impl Signers {
    /// The file `providers.keys` in the state folder; it need not exist.
    pub fn new(state: &Path) -> Self {
        Self { path: state.join("providers.keys") }
    }

    /// The trusted keys, by id.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else.
    pub fn list(&self) -> Result<Vec<Signer>, Error> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(Error::Read { path: self.path.clone(), source }),
        };
        let document: Document = toml::from_str(&text).map_err(|source| Error::LockSyntax {
            path: self.path.clone(),
            source: Box::new(source),
        })?;
        match document.version {
            LAYOUT => Ok(document.key),
            version => Err(Error::LockVersion { path: self.path.clone(), version }),
        }
    }

    /// Trusts a key from now on; tells whether it is new.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn trust(&self, signer: &Signer) -> Result<bool, Error> {
        let _guard = private::guard(&self.path)?;
        let mut keys = self.list()?;
        if keys.contains(signer) {
            return Ok(false);
        }
        keys.push(signer.clone());
        self.save(keys)?;
        Ok(true)
    }

    /// Trusts a key no more: `key` is its id, itself in base64, or its file.
    ///
    /// # Errors
    /// [`SignatureError::NotTrusted`] when it is not among the trusted, and whatever reading and
    /// writing the file meets.
    pub fn distrust(&self, key: &str) -> Result<Vec<Signer>, Error> {
        let _guard = private::guard(&self.path)?;
        let named = Signer::read(key).ok();
        let means = |signer: &Signer| match &named {
            Some(named) => signer == named,
            None => signer.id.eq_ignore_ascii_case(key.trim()),
        };
        let (gone, kept): (Vec<_>, Vec<_>) = self.list()?.into_iter().partition(means);
        if gone.is_empty() {
            return Err(SignatureError::NotTrusted { key: key.to_owned() }.into());
        }
        self.save(kept)?;
        Ok(gone)
    }

    /// What the signature `text` of `module` is worth, whose whole content is `content`.
    ///
    /// # Errors
    /// When the signature is none, or is by a trusted key but for something else.
    pub(crate) fn judge(
        &self,
        module: &Path,
        content: &[u8],
        text: Option<&str>,
    ) -> Result<Judgement, Error> {
        let Some(text) = text else { return Ok(Judgement::Unsigned) };
        let signature = Signature::parse(&signature_path(module), text)?;
        // An id is chosen freely: more than one key may have it.
        let mut verdict = None;
        for signer in self.list()?.iter().filter(|signer| signer.id == signature.key) {
            match signature.check(signer, module, content) {
                Ok(()) => return Ok(Judgement::Signed(signature.key)),
                Err(error) => verdict = Some(error),
            }
        }
        match verdict {
            Some(error) => Err(error.into()),
            None => Ok(Judgement::Unknown(signature.key)),
        }
    }

    /// Demands that a trusted key signed.
    ///
    /// # Errors
    /// [`SignatureError`], one for each way in which it is not so.
    pub(crate) fn demand(module: &Path, judgement: &Judgement) -> Result<(), Error> {
        let module = module.to_owned();
        match judgement {
            Judgement::Signed(_) => Ok(()),
            Judgement::Unknown(key) => {
                Err(SignatureError::UnknownKey { module, key: key.clone() }.into())
            }
            Judgement::Unsigned => {
                let signature = signature_path(&module);
                Err(SignatureError::Absent { module, signature }.into())
            }
        }
    }

    fn save(&self, mut keys: Vec<Signer>) -> Result<(), Error> {
        keys.sort_by(|one, other| (&one.id, &one.key).cmp(&(&other.id, &other.key)));
        let text = toml::to_string(&Document { version: LAYOUT, key: keys });
        let text = text.map_err(|error| Error::Write {
            path: self.path.clone(),
            source: io::Error::other(error),
        })?;
        private::replace(&self.path, format!("{HEADING}{text}").as_bytes())
    }
}
