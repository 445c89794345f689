//! The CAs and the account at each, from flags, a CA's file and the environment.

use std::{
    fs,
    fs::File,
    path::{Path, PathBuf},
};

use wildcert::{
    CaAccount,
    acme::{AccountKeyType, Secret, directory_url},
    config::eab_file::{self, EabFile},
};

use super::options::Settings;
use crate::{
    args::{BundleArgs, CaArgs},
    env,
    error::Fault,
};

impl Settings<'_> {
    /// Takes the CAs, and the account at each.
    pub(crate) fn ca(mut self, args: &CaArgs) -> Self {
        self = self.bundle(&args.bundle);
        self.sent = args.eab_file.as_deref().and_then(|file| self.eab_file(file));
        let contacts = self.contacts(&args.email);
        let external = self.external(args);
        let account_key = self.account_key(args.account_key.as_deref()).unwrap_or_default();
        for server in self.servers(args) {
            if let Err(error) = directory_url(&server) {
                self.fault("--server", &error, error.hint());
            }
            self.cas.push(CaAccount {
                server,
                contacts: contacts.clone(),
                terms_agreed: args.accept_tos,
                external: external.clone(),
                account_key,
            });
        }
        self
    }

    /// Takes the roots that CAs' servers are trusted by.
    pub(crate) fn bundle(mut self, args: &BundleArgs) -> Self {
        self.options.ca_bundles = self.ca_bundles(args);
        self
    }

    /// What the CA sent with the credentials.
    pub(crate) fn sent(&self) -> Option<&EabFile> {
        self.sent.as_ref()
    }

    /// The kind of a new account key, if one is named.
    pub(crate) fn account_key(&mut self, text: Option<&str>) -> Option<AccountKeyType> {
        match text?.parse::<AccountKeyType>() {
            Ok(kind) => Some(kind),
            Err(error) => {
                self.fault("--account-key", &error, error.hint());
                None
            }
        }
    }

    /// The first CA that is named on the command line or in the environment.
    pub(crate) fn named_server(&mut self, named: Option<&str>) -> Option<String> {
        let server = match named {
            Some(named) => Some(named.to_owned()),
            None => self.text(env::SERVER, env::LEGO_SERVER),
        };
        let server = server?.split(',').next().unwrap_or_default().trim().to_owned();
        if let Err(error) = directory_url(&server) {
            self.fault("--server", &error, error.hint());
        }
        Some(server)
    }

    /// The CA that an account is wanted at.
    pub(crate) fn first_ca(&self) -> CaAccount {
        self.cas.first().cloned().unwrap_or_else(|| CaAccount::new(DEFAULT_SERVER))
    }

    fn servers(&mut self, args: &CaArgs) -> Vec<String> {
        let mut named = args.server.clone();
        if let (Some(sent), true) = (&self.sent, named.is_empty()) {
            named.push(sent.server.clone());
        }
        if named.is_empty() {
            let text = self.text(env::SERVER, env::LEGO_SERVER).unwrap_or_default();
            named.extend(text.split(',').map(|one| one.trim().to_owned()));
        }
        named.retain(|one| !one.is_empty());
        if named.is_empty() {
            named.push(DEFAULT_SERVER.to_owned());
        }
        named
    }

    fn ca_bundles(&mut self, args: &BundleArgs) -> Vec<PathBuf> {
        let legos = (self.env)(env::LEGO_CA_CERTIFICATES);
        let legos = legos.iter().flat_map(std::env::split_paths);
        let files: Vec<PathBuf> =
            args.ca_bundle.iter().cloned().chain(legos).filter(|p| p != "").collect();
        for file in &files {
            if let Err(error) = File::open(file) {
                let reason = format!("`{}` cannot be read: {error}", file.display());
                self.fault("--ca-bundle", reason, None);
            }
        }
        files
    }

    fn eab_file(&mut self, file: &Path) -> Option<EabFile> {
        let read = fs::read(file).map_err(|error| format!("it cannot be read: {error}"));
        match read.and_then(|octets| eab_file::read(&octets).map_err(|error| error.to_string())) {
            Ok(sent) => Some(sent),
            Err(reason) => {
                self.fault("--eab-file", format!("`{}`: {reason}", file.display()), None);
                None
            }
        }
    }

    fn contacts(&mut self, given: &[String]) -> Vec<String> {
        if !given.is_empty() {
            return self.addresses(given);
        }
        let text = self.text(env::EMAIL, env::LEGO_EMAIL).unwrap_or_default();
        let given = text.split(',').filter(|part| !part.is_empty()).map(str::to_owned);
        self.addresses(&given.collect::<Vec<_>>())
    }

    /// Takes contact addresses.
    pub(crate) fn addresses(&mut self, given: &[String]) -> Vec<String> {
        let mut contacts: Vec<String> = Vec::new();
        for text in given {
            let address = text.trim().trim_start_matches("mailto:").to_owned();
            if !is_address(&address) {
                self.fault("--email", format!("`{text}` is not an e-mail address"), None);
            } else if contacts.contains(&address) {
                self.fault("--email", format!("`{address}` is given twice"), None);
            } else {
                contacts.push(address);
            }
        }
        contacts
    }

    fn external(&mut self, args: &CaArgs) -> Option<(String, Secret)> {
        let sent = self.sent.as_ref().map(|sent| (sent.kid.clone(), sent.hmac.expose().to_owned()));
        let (kid, hmac) = sent.unzip();
        let kid = args.eab_kid.clone().or(kid);
        let kid = kid.or_else(|| self.text(env::EAB_KID, env::LEGO_EAB_KID));
        let hmac = args.eab_hmac_key.clone().or(hmac);
        let hmac = hmac.or_else(|| self.text(env::EAB_HMAC_KEY, env::LEGO_EAB_HMAC));
        let lacking = match (kid, hmac) {
            (Some(kid), Some(hmac)) => return Some((kid, Secret::new(hmac))),
            (None, None) if !args.eab => return None,
            (None, None) => "--eab-kid and --eab-hmac-key are",
            (None, Some(_)) => "--eab-kid is",
            (Some(_), None) => "--eab-hmac-key is",
        };
        let message = format!("external account binding: {lacking} missing");
        let hint = "the CA gives out both, key identifier and HMAC key, together".to_owned();
        self.faults.push(Fault { message, hint: Some(hint) });
        None
    }
}

/// Rough on purpose: the CA has the last word.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}

const DEFAULT_SERVER: &str = "letsencrypt";

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::settings::options::tests::{faults, gather};

    const SENT: &str = "sudo certbot --server ca.example --eab-hmac-key aGVsbG8 --eab-kid sent \
                        -d www.example.com --key-type rsa";

    #[test]
    fn the_file_of_a_ca_goes_behind_options_and_before_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("eab.txt");
        fs::write(&file, SENT).unwrap();
        let file = file.to_str().unwrap();
        let words = ["-d", "a.test", "--dns", "x", "--eab-file", file];
        let variables = [("WILDCERT_EAB_KID", "ours"), ("WILDCERT_SERVER", "letsencrypt")];
        let ca = |words: &[&str]| gather(words, &variables).unwrap().1.cas.remove(0);
        let sent = ca(&words);
        assert_eq!(sent.server, "https://ca.example");
        let (kid, hmac) = sent.external.unwrap();
        assert_eq!((kid.as_str(), hmac.expose()), ("sent", "aGVsbG8"));

        let named = ca(&[&words[..], &["-s", "zerossl", "--kid", "k", "--hmac", "aGk"]].concat());
        assert_eq!(named.server, "zerossl");
        let (kid, hmac) = named.external.unwrap();
        assert_eq!((kid.as_str(), hmac.expose()), ("k", "aGk"));
    }

    #[test]
    fn a_file_that_is_not_there_or_says_too_little_is_a_fault() {
        let words = ["-d", "a.test", "--dns", "x", "--eab-file", "/does/not/exist"];
        let told = faults(&words, &[]);
        assert!(
            told[0].starts_with("--eab-file: `/does/not/exist`: it cannot be read"),
            "{told:?}"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("eab.txt");
        fs::write(&file, "certbot --eab-kid k --eab-hmac-key s3cret").unwrap();
        let words = ["-d", "a.test", "--dns", "x", "--eab-file", file.to_str().unwrap()];
        let told = faults(&words, &[]).concat();
        assert!(told.contains("lacks --server") && !told.contains("s3cret"), "{told}");
    }
}
