//! What the store holds, looked at with openssl.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use crate::program;

/// A certificate in wildcert's store.
#[derive(Debug)]
pub struct Stored {
    folder: PathBuf,
    name: String,
}

impl Stored {
    pub(crate) fn new(certificates: &Path, name: &str) -> Self {
        Self { folder: certificates.to_owned(), name: name.to_owned() }
    }

    /// A file of the certificate's folder, such as `fullchain.pem`.
    pub fn file(&self, file: &str) -> PathBuf {
        self.folder.join(&self.name).join(file)
    }

    /// A file beside the folder, as lego's readers expect it: `crt`, `issuer.crt`, `key`, `json`.
    pub fn beside(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// Whether `openssl verify` accepts the chain with nothing trusted but `root`.
    ///
    /// # Panics
    /// With openssl's words when it does not.
    pub fn verify(&self, root: &str) {
        let trusted = self.folder.join("root-of-the-test.pem");
        fs::write(&trusted, root).expect("the root");
        let openssl = program::command("openssl")
            .args(["verify", "-no-CApath", "-no-CAstore", "-CAfile"])
            .arg(&trusted)
            .arg("-untrusted")
            .args([self.file("chain.pem"), self.file("cert.pem")])
            .output()
            .expect("openssl runs");
        fs::remove_file(trusted).expect("the root is there");
        let said = [openssl.stdout, openssl.stderr].concat();
        assert!(openssl.status.success(), "{}", String::from_utf8_lossy(&said));
    }

    /// The public key of `cert.pem`, and that of `privkey.pem`, both as PEM.
    pub fn public_keys(&self) -> [String; 2] {
        [
            openssl(&["x509", "-noout", "-pubkey", "-in"], &self.file("cert.pem")),
            openssl(&["pkey", "-pubout", "-in"], &self.file("privkey.pem")),
        ]
    }

    /// The DNS names in `cert.pem`, sorted.
    pub fn names(&self) -> Vec<String> {
        let text =
            openssl(&["x509", "-noout", "-ext", "subjectAltName", "-in"], &self.file("cert.pem"));
        let entries = text.split([',', '\n']);
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.trim().strip_prefix("DNS:"))
            .map(str::to_owned)
            .collect();
        names.sort();
        names
    }

    /// The serial number of `cert.pem`, in lower-case hexadecimal digits.
    pub fn serial(&self) -> String {
        let text = openssl(&["x509", "-noout", "-serial", "-in"], &self.file("cert.pem"));
        text.trim().trim_start_matches("serial=").to_ascii_lowercase()
    }

    /// The content of a file of the folder.
    pub fn read(&self, file: &str) -> String {
        let path = self.file(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
    }
}

/// The permissions of a file or folder, links followed.
pub fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    metadata.permissions().mode() & 0o7777
}

fn openssl(arguments: &[&str], file: &Path) -> String {
    let output = program::command("openssl").args(arguments).arg(file).output().expect("it runs");
    assert!(
        output.status.success(),
        "openssl {arguments:?} {} failed: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}
