//! A detached signature and what it says.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use minisign_verify as minisign;

use super::{
    error::SignatureError,
    key::{Signer, key_id},
};
use crate::error::Error;

/// The most octets of a signature's file; minisign's have about 300.
pub(crate) const SIZE_LIMIT: u64 = 16 << 10;

/// The most characters of a file's name that a message shows.
const NAME_LIMIT: usize = 100;

/// Where the signature of `module` is: `acme.wasm.minisig`.
pub(crate) fn signature_path(module: &Path) -> PathBuf {
    let mut name = module.file_name().unwrap_or_default().to_owned();
    name.push(".minisig");
    module.with_file_name(name)
}

/// The signature beside `module`; none where there is no such file.
pub(crate) fn read_beside(module: &Path) -> Result<Option<String>, Error> {
    let path = signature_path(module);
    let failed = |source| Error::Read { path: path.clone(), source };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(source)),
    };
    let mut text = String::new();
    file.take(SIZE_LIMIT).read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

/// A signature that was read; whether it is right is not known yet.
pub(super) struct Signature<'a> {
    text: &'a str,
    parsed: minisign::Signature,
    /// The id of the key that made it.
    pub(super) key: String,
}

impl<'a> Signature<'a> {
    /// Reads the text of the file `path`.
    pub(super) fn parse(path: &Path, text: &'a str) -> Result<Self, SignatureError> {
        let syntax = |reason: String| SignatureError::Syntax { signature: path.to_owned(), reason };
        let parsed =
            minisign::Signature::decode(text).map_err(|error| syntax(error.to_string()))?;
        let key = text.lines().nth(1).and_then(key_id);
        let key = key.ok_or_else(|| syntax("its second line is too short".to_owned()))?;
        Ok(Self { text, parsed, key })
    }

    /// Checks that `signer` signed `content` with this comment.
    pub(super) fn check(
        &self,
        signer: &Signer,
        module: &Path,
        content: &[u8],
    ) -> Result<(), SignatureError> {
        let signature = signature_path(module);
        match signer.public.verify(content, &self.parsed, false) {
            Ok(()) => Ok(()),
            Err(minisign::Error::UnexpectedAlgorithm) => Err(SignatureError::OldForm { signature }),
            Err(_) => Err(self.blame(signer, module)),
        }
    }

    /// What is wrong when the signature is: its own text, the module, or that the two do not belong
    /// together. The verdict has been given; this only finds the words for it.
    fn blame(&self, signer: &Signer, module: &Path) -> SignatureError {
        let (signature, module) = (signature_path(module), module.to_owned());
        let key = self.key.clone();
        if !self.is_whole(signer) {
            return SignatureError::Altered { signature, key };
        }
        match self.file() {
            Some(other) if module.file_name().is_none_or(|name| name != other.as_str()) => {
                SignatureError::OtherFile { signature, module, other }
            }
            _ => SignatureError::Tampered { module, key },
        }
    }

    /// Whether the key made signature and comment together: its second signature covers both.
    fn is_whole(&self, signer: &Signer) -> bool {
        let line =
            |number| self.text.lines().nth(number).and_then(|line| STANDARD.decode(line).ok());
        let (Some(first), Some(second)) = (line(1), line(3)) else { return false };
        let mut covered = first.get(10..).unwrap_or_default().to_vec();
        covered.extend_from_slice(self.parsed.trusted_comment().as_bytes());
        UnparsedPublicKey::new(&ED25519, signer.octets()).verify(&covered, &second).is_ok()
    }

    /// The file that the comment names, as minisign writes it unless told otherwise.
    fn file(&self) -> Option<String> {
        let mut parts = self.parsed.trusted_comment().split('\t');
        let name = parts.find_map(|part| part.strip_prefix("file:"))?;
        let name = name.rsplit('/').next()?;
        Some(name.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect())
    }
}
