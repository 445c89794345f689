//! The forms in which a certificate is stored besides the PEM set.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest;
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};
use rcgen::KeyPair;
use serde::{Deserialize, Serialize};
use wildcert_acme::Secret;
use zeroize::Zeroizing;

use crate::{certificate::Issued, csr::Csr, error::Error, late::LateSecret, pem, request::Faults};

/// Which forms are wanted besides the PEM set.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// `combined.pem`: the private key, then the whole chain.
    pub pem: bool,
    /// `certificate.der` and, as PKCS#8, `privkey.der`. DER holds one certificate only: the rest of
    /// the chain is in `chain.pem`.
    pub der: bool,
    /// `bundle.pfx`: private key and whole chain as PKCS#12.
    pub pfx: Option<Pfx>,
}

/// How a PKCS#12 file is closed.
#[derive(Clone, Debug)]
pub struct Pfx {
    /// Its password.
    pub password: LateSecret,
    /// Its encryption.
    pub format: PfxFormat,
}

/// The encryption of a PKCS#12 file.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PfxFormat {
    /// Triple DES and SHA-1: Windows before 10 and Server 2019, Java before 8u301, macOS.
    Des,
    /// AES-256 and SHA-256.
    #[default]
    Sha256,
}

/// The forms that a stored certificate has besides the PEM set.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct OutputKinds {
    /// `combined.pem`.
    pub pem: bool,
    /// `certificate.der` and `privkey.der`.
    pub der: bool,
    /// `bundle.pfx` and how it is encrypted; its password is kept nowhere.
    pub pfx: Option<PfxFormat>,
}

impl Outputs {
    /// What cannot be had. `private_key` tells whether it is at hand, which it is not for a
    /// certificate request from outside.
    pub fn faults(&self, private_key: bool) -> Faults {
        let needs = |form: &str| {
            format!("{form} holds the private key, and a certificate request from outside has none")
        };
        let mut faults = Vec::new();
        if self.pem && !private_key {
            faults.push(needs("the combined PEM file"));
        }
        if self.pfx.is_some() && !private_key {
            faults.push(needs("a PFX file"));
        }
        Faults(faults)
    }

    /// What is remembered of them.
    pub fn kinds(&self) -> OutputKinds {
        let pfx = self.pfx.as_ref().map(|pfx| pfx.format);
        OutputKinds { pem: self.pem, der: self.der, pfx }
    }

    /// Every file of a certificate's folder but `certificate.json`; `name` is what a PFX file calls
    /// the key.
    pub(crate) fn files(
        &self,
        name: &str,
        issued: &Issued,
        csr: &Csr,
    ) -> Result<Vec<Output>, Error> {
        let faults = self.faults(csr.key().is_some());
        if !faults.0.is_empty() {
            return Err(Error::Input(faults));
        }
        let (leaf, issuers) = (issued.leaf_pem(), issued.issuers_pem());
        let chain = format!("{leaf}{issuers}");
        let text = |name, text: &str| (name, Zeroizing::new(text.as_bytes().to_vec()));
        let mut files = vec![
            text("cert.pem", &leaf),
            text("chain.pem", &issuers),
            text(CSR, &csr.pem()),
            text(FULLCHAIN, &chain),
        ];
        if self.der {
            files.push((CERTIFICATE_DER, Zeroizing::new(issued.leaf.clone())));
        }
        let Some(key) = csr.key() else { return Ok(files) };
        let key_pem = Zeroizing::new(pem::encode("PRIVATE KEY", key.serialized_der()));
        files.push(text(PRIVATE_KEY, &key_pem));
        if self.pem {
            files.push(text(COMBINED, &Zeroizing::new(format!("{}{chain}", *key_pem))));
        }
        if self.der {
            files.push(("privkey.der", Zeroizing::new(key.serialize_der())));
        }
        if let Some(pfx) = &self.pfx {
            let password = pfx.password.resolve()?;
            let bundle = pfx.bundle(&password, name, issued, key).map_err(|error| {
                Error::Crypto { doing: "make the PFX file", reason: error.to_string() }
            })?;
            files.push((BUNDLE, Zeroizing::new(bundle)));
        }
        Ok(files)
    }
}

impl Pfx {
    fn bundle(
        &self,
        password: &Secret,
        name: &str,
        issued: &Issued,
        key: &KeyPair,
    ) -> p12_keystore::Result<Vec<u8>> {
        // What ties the key to its certificate: openssl takes the same digest.
        let id = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &issued.leaf);
        let certificates = std::iter::once(&issued.leaf).chain(&issued.issuers);
        let certificates: Vec<Certificate> =
            certificates.map(|der| Certificate::from_der(der)).collect::<Result<_, _>>()?;
        let key = PrivateKey::from_der(key.serialized_der())?;
        let mut store = KeyStore::new();
        let chain = PrivateKeyChain::new(id.as_ref(), key, certificates);
        store.add_entry(name, KeyStoreEntry::PrivateKeyChain(chain));
        let (encryption, mac) = match self.format {
            PfxFormat::Des => {
                (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1)
            }
            PfxFormat::Sha256 => {
                (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256)
            }
        };
        let writer = store.writer(password.expose());
        writer.encryption_algorithm(encryption).mac_algorithm(mac).write()
    }
}

impl fmt::Display for PfxFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Des => "des",
            Self::Sha256 => "sha256",
        })
    }
}

/// Takes lego's words in any case. Its `RC2` means [`PfxFormat::Des`]: there the key is under
/// triple DES already and only the certificates, which are no secret, under 40-bit RC2, so whoever
/// reads the one reads the other.
impl FromStr for PfxFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "des" | "rc2" => Ok(Self::Des),
            "sha256" => Ok(Self::Sha256),
            _ => Err(format!("`{text}` is not one of sha256, des")),
        }
    }
}

/// A file's name and content.
pub(crate) type Output = (&'static str, Zeroizing<Vec<u8>>);

/// What stands beside a certificate's folder, `<name>` and this, and the file that it is: the first
/// four as lego's readers look for them.
pub(crate) const LINKS: [(&str, &str); 7] = [
    (".crt", FULLCHAIN),
    (".issuer.crt", "chain.pem"),
    (".key", PRIVATE_KEY),
    (".json", INFO),
    (".pem", COMBINED),
    (".der", CERTIFICATE_DER),
    (".pfx", BUNDLE),
];

/// What wildcert knows of the certificate.
/// The certificate request.
pub(crate) const CSR: &str = "csr.pem";
pub(crate) const INFO: &str = "certificate.json";
/// The private key, where there is one.
pub(crate) const PRIVATE_KEY: &str = "privkey.pem";
pub(crate) const BUNDLE: &str = "bundle.pfx";
const CERTIFICATE_DER: &str = "certificate.der";
const COMBINED: &str = "combined.pem";
/// The certificate and what leads to the root.
pub(crate) const FULLCHAIN: &str = "fullchain.pem";

#[cfg(test)]
mod tests;
