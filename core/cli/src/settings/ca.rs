//! The CAs and the account at each, from flags, a CA's file and the environment.

use std::{
    fs,
    fs::File,
    path::{Path, PathBuf},
};

use wildcert::{
    CaAccount, LateSecret,
    acme::{AccountKeyType, Secret, directory_url},
    config::{
        Ca, CertificateOptions,
        eab_file::{self, EabFile},
    },
};

use super::{
    layers::{Layers, Origin, some},
    options::Settings,
};
use crate::{
    args::{BundleArgs, CaArgs},
    env,
    fault::{Fault, Said, unread},
};

/// What options and environment say of the CAs and of the account at each.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// The CAs, as they are named; none where the file, or the default, says them.
    pub(super) servers: Vec<String>,
    pub(super) contacts: Vec<String>,
    pub(super) terms_agreed: bool,
    pub(super) external: Option<(String, LateSecret)>,
    account_key: Option<AccountKeyType>,
}

impl Settings<'_> {
    /// Takes the CAs, and the account at each.
    pub(crate) fn ca(mut self, args: &CaArgs) -> Self {
        self = self.bundle(&args.bundle);
        self.sent = args.eab_file.as_deref().and_then(|file| self.eab_file(file));
        self.given = Given {
            servers: self.servers(args),
            contacts: self.contacts(&args.email),
            terms_agreed: self.terms_agreed(args),
            external: self.external(args),
            account_key: self.account_key_layers(args),
        };
        let file = self.file();
        self.cas = self.cas_of(&file.settings.defaults);
        self
    }

    /// The CAs that may issue a certificate of which the file says `options`.
    pub(super) fn cas_of(&mut self, options: &CertificateOptions) -> Vec<CaAccount> {
        let default = [DEFAULT_SERVER.to_owned()];
        let given = self.given.servers.clone();
        let servers = [&given[..], &options.server].into_iter().find(|list| !list.is_empty());
        let servers = servers.unwrap_or(&default).iter();
        servers.map(|server| self.account_at(server, options.account.as_deref())).collect()
    }

    /// Looks at every CA of the file; what is wrong is told by `finish`.
    pub(crate) fn look_at_cas(&mut self) {
        for name in self.file().settings.cas.keys() {
            self.account_at(name, None);
        }
    }

    /// The CA that is called so, or whose directory this is, and the account there; `contact` tells
    /// which of several.
    fn account_at(&mut self, server: &str, contact: Option<&str>) -> CaAccount {
        let file = self.file();
        let given = self.given.clone();
        let is_it = |(name, ca): &(&String, &Ca)| {
            let own = ca.server.as_deref().unwrap_or(name);
            *name == server || directory_url(own).ok().is_some_and(|url| url.as_str() == server)
        };
        let table = file.settings.cas.get_key_value(server);
        let table = table.or_else(|| file.settings.cas.iter().find(is_it));
        let account = table.map_or(&file.settings.account, |(_, ca)| &ca.account);
        let contacts = match contact {
            _ if !given.contacts.is_empty() => given.contacts,
            Some(contact) if account.email.first().is_none_or(|first| first != contact) => {
                vec![contact.to_owned()]
            }
            _ => account.email.clone(),
        };
        let (named, external) =
            table.map_or((None, None), |(name, ca)| self.external_of_file(name, ca));
        CaAccount {
            server: named.unwrap_or_else(|| server.to_owned()),
            contacts,
            terms_agreed: given.terms_agreed || account.accept_tos.unwrap_or_default(),
            external: given.external.or(external),
            account_key: given.account_key.or(account.account_key).unwrap_or_default(),
        }
    }

    /// What the file says of a CA: its server and the external account binding.
    fn external_of_file(
        &mut self,
        name: &str,
        ca: &Ca,
    ) -> (Option<String>, Option<(String, LateSecret)>) {
        let server = || ca.server.clone().unwrap_or_else(|| name.to_owned());
        if let Some(file) = &ca.eab_file {
            return match read_eab_file(file) {
                Ok(sent) => {
                    let server = ca.server.clone().unwrap_or(sent.server);
                    (Some(server), Some((sent.kid, sent.hmac.into())))
                }
                Err(reason) => {
                    let reason = format!("`{}`: {reason}", file.display());
                    self.fault_of_file(&["cas", name, "eab-file"], reason);
                    (None, None)
                }
            };
        }
        let external = ca.eab_kid.clone().zip(ca.eab_hmac_key.as_ref()).map(|(kid, hmac)| {
            let parts = ["cas", name, "eab-hmac-key"];
            (kid, LateSecret::configured(&self.file, &parts, hmac))
        });
        (Some(server()), external)
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
                self.faults.push(Fault::of_acme("--account-key", &error));
                None
            }
        }
    }

    /// The first CA that is named on the command line or in the environment.
    pub(crate) fn named_server(&mut self, named: Option<&str>) -> Option<String> {
        let server = match named {
            Some(named) => Some(named.to_owned()),
            None => self.variable(env::SERVER, env::LEGO_SERVER).map(|(_, text)| text),
        };
        let server = server?.split(',').next().unwrap_or_default().trim().to_owned();
        self.check_server(&server);
        Some(self.account_at(&server, None).server)
    }

    fn check_server(&mut self, server: &str) {
        if self.file.settings.cas.contains_key(server) {
            return;
        }
        if let Err(error) = directory_url(server) {
            self.faults.push(Fault::of_acme("--server", &error));
        }
    }

    /// The CA that an account is wanted at.
    pub(crate) fn first_ca(&self) -> CaAccount {
        self.cas.first().cloned().unwrap_or_else(|| CaAccount::new(DEFAULT_SERVER))
    }

    fn servers(&mut self, args: &CaArgs) -> Vec<String> {
        let split = |text: &str| -> Vec<String> {
            let names = text.split(',').map(|one| one.trim().to_owned());
            names.filter(|one| !one.is_empty()).collect()
        };
        let sent = self.sent.as_ref().map(|sent| ("--eab-file", vec![sent.server.clone()]));
        let named = some(args.server.iter().flat_map(|one| split(one)).collect());
        let variable = self.variable(env::SERVER, env::LEGO_SERVER);
        let variable = variable.map(|(name, text)| (name, split(&text)));
        let layers = Layers {
            option: named.map(|named| ("--server", named)).or(sent),
            variable: variable.filter(|(_, servers)| !servers.is_empty()),
            file: some(self.file.settings.defaults.server.clone()),
        };
        let given = layers.option.is_some() || layers.variable.is_some();
        let servers = self.list("server", layers);
        if servers.is_empty() {
            self.note("server", DEFAULT_SERVER.to_owned(), Origin::Default);
        }
        if !given {
            return Vec::new();
        }
        servers.iter().for_each(|server| self.check_server(server));
        servers
    }

    fn terms_agreed(&mut self, args: &CaArgs) -> bool {
        let layers = Layers {
            option: args.accept_tos.then_some(("--accept-tos", true)),
            variable: None,
            file: self.file.settings.account.accept_tos,
        };
        self.layered("accept-tos", layers, ToString::to_string);
        args.accept_tos
    }

    fn account_key_layers(&mut self, args: &CaArgs) -> Option<AccountKeyType> {
        let given = self.account_key(args.account_key.as_deref());
        let layers = Layers {
            option: given.map(|kind| ("--account-key", kind)),
            variable: None,
            file: self.file.settings.account.account_key,
        };
        let shown = |kind: &AccountKeyType| kind.as_str().to_owned();
        if self.layered("account-key", layers, shown).is_none() {
            let default = AccountKeyType::default().as_str().to_owned();
            self.note("account-key", default, Origin::Default);
        }
        given
    }

    fn ca_bundles(&mut self, args: &BundleArgs) -> Vec<PathBuf> {
        let legos = (self.env)(env::LEGO_CA_CERTIFICATES);
        let legos: Vec<PathBuf> = legos.iter().flat_map(std::env::split_paths).collect();
        let legos = some(legos.into_iter().filter(|path| path != "").collect());
        let layers = Layers {
            option: some(args.ca_bundle.clone()).map(|files| ("--ca-bundle", files)),
            variable: legos.map(|files| (env::LEGO_CA_CERTIFICATES, files)),
            file: some(self.file.settings.ca_bundle.clone()),
        };
        let shown = |files: &Vec<PathBuf>| {
            files.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        let of_file = layers.option.is_none() && layers.variable.is_none();
        let files = self.layered("ca-bundle", layers, shown).unwrap_or_default();
        for file in &files {
            let Err(error) = File::open(file) else { continue };
            match of_file {
                true => {
                    let reason = format!("`{}` cannot be read: {error}", file.display());
                    self.fault_of_file(&["ca-bundle"], reason);
                }
                false => self.fault("--ca-bundle", unread(file, &error)),
            }
        }
        files
    }

    fn eab_file(&mut self, file: &Path) -> Option<EabFile> {
        match read_eab_file(file) {
            Ok(sent) => Some(sent),
            Err(reason) => {
                self.fault("--eab-file", format!("`{}`: {reason}", file.display()).into());
                None
            }
        }
    }

    fn contacts(&mut self, given: &[String]) -> Vec<String> {
        let given = self.addresses(given);
        let variable = self.variable(env::EMAIL, env::LEGO_EMAIL).map(|(name, text)| {
            let given = text.split(',').filter(|part| !part.is_empty()).map(str::to_owned);
            (name, given.collect::<Vec<_>>())
        });
        let variable = variable.filter(|_| given.is_empty());
        let variable = variable.map(|(name, given)| (name, self.addresses(&given)));
        let layers = Layers {
            option: some(given).map(|given| ("--email", given)),
            variable: variable.filter(|(_, given)| !given.is_empty()),
            file: some(self.file.settings.account.email.clone()),
        };
        let is_given = layers.option.is_some() || layers.variable.is_some();
        let contacts = self.list("email", layers);
        if is_given { contacts } else { Vec::new() }
    }

    /// Takes contact addresses.
    pub(crate) fn addresses(&mut self, given: &[String]) -> Vec<String> {
        let mut contacts: Vec<String> = Vec::new();
        for text in given {
            let address = text.trim().trim_start_matches("mailto:").to_owned();
            if !is_address(&address) {
                self.fault(
                    "--email",
                    Said::new("fault-not-address", &[("text", text.as_str().into())]),
                );
            } else if contacts.contains(&address) {
                self.fault("--email", Said::new("fault-given-twice", &[("text", address.into())]));
            } else {
                contacts.push(address);
            }
        }
        contacts
    }

    fn external(&mut self, args: &CaArgs) -> Option<(String, LateSecret)> {
        let sent = self.sent.as_ref().map(|sent| (sent.kid.clone(), sent.hmac.expose().to_owned()));
        let (kid, hmac) = sent.unzip();
        let option = |name, given: &Option<String>, sent: Option<String>| {
            given.clone().map(|given| (name, given)).or(sent.map(|sent| ("--eab-file", sent)))
        };
        let layers = Layers {
            option: option("--eab-kid", &args.eab_kid, kid),
            variable: self.variable(env::EAB_KID, env::LEGO_EAB_KID),
            file: None,
        };
        let kid = self.layered("eab-kid", layers, Clone::clone);
        let layers = Layers {
            option: option("--eab-hmac-key", &args.eab_hmac_key, hmac),
            variable: self.variable(env::EAB_HMAC_KEY, env::LEGO_EAB_HMAC),
            file: None,
        };
        let hmac = self.layered("eab-hmac-key", layers, |_| "****".to_owned());
        let lacking = match (kid, hmac) {
            (Some(kid), Some(hmac)) => return Some((kid, Secret::new(hmac).into())),
            (None, None) if !args.eab => return None,
            (None, None) => "both",
            (None, Some(_)) => "kid",
            (Some(_), None) => "key",
        };
        self.faults.push(Fault::new("fault-eab-missing", &[("missing", lacking.into())]));
        None
    }
}

/// The command that a CA sent.
fn read_eab_file(file: &Path) -> Result<EabFile, String> {
    let octets = fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    eab_file::read(&octets).map_err(|error| error.to_string())
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
        assert_eq!((kid.as_str(), hmac.resolve().unwrap().expose()), ("sent", "aGVsbG8"));

        let named = ca(&[&words[..], &["-s", "zerossl", "--kid", "k", "--hmac", "aGk"]].concat());
        assert_eq!(named.server, "zerossl");
        let (kid, hmac) = named.external.unwrap();
        assert_eq!((kid.as_str(), hmac.resolve().unwrap().expose()), ("k", "aGk"));
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
