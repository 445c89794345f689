//! acme.sh: `account.conf`, `ca/<host>/<path>/` and a folder for each certificate.

use std::path::Path;

use url::Url;
use wildcert_acme::{AccountKey, Secret};

use super::{
    conf::{self, Conf},
    found::{Found, FoundAccount, FoundCertificate, Method, Renewed, addresses, hook},
    note::Note,
    source::{account_key, certificate_key, closed, contacts, json, noted, text},
};
use crate::{
    deploy::{Hook, Hooks},
    error::Error,
    files,
    outputs::PRIVATE_KEY,
};

/// What acme.sh's home holds.
pub(super) fn read(folder: &Path) -> Result<Found, Error> {
    let mut found = Found::default();
    let common = text(&folder.join("account.conf")).map(|text| Conf::shell(&text));
    let common = common.unwrap_or_default();
    accounts(&folder.join("ca"), "", &mut found.accounts)?;
    let home = common.get("CERT_HOME").map(Path::new).filter(|home| home.is_dir());
    for path in files::folders(home.unwrap_or(folder))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let domain = name.strip_suffix(ECC).unwrap_or(&name);
        let file = path.join(format!("{domain}.conf"));
        if !file.is_file() {
            continue;
        }
        let mut certificate = certificate(folder, &path, domain, &common, &found.accounts);
        // Of two for the same name, the one with an RSA key has the plain name.
        let twin =
            name != domain && path.with_file_name(domain).join(format!("{domain}.conf")).is_file();
        certificate.name = if twin { name } else { domain.to_owned() };
        found.certificates.push(certificate);
    }
    Ok(found)
}

/// The accounts below a folder; `server` is the part of the CA's directory URL that led there.
fn accounts(folder: &Path, server: &str, found: &mut Vec<FoundAccount>) -> Result<(), Error> {
    for path in files::folders(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let server = match server {
            "" => name.to_string(),
            before => format!("{before}/{name}"),
        };
        if path.join("account.key").is_file() {
            found.push(account(&path, &server));
        }
        if name != "deactivated" {
            accounts(&path, &server, found)?;
        }
    }
    Ok(())
}

fn account(folder: &Path, server: &str) -> FoundAccount {
    let label = server.split('/').next().unwrap_or_default().to_owned();
    let server = format!("https://{server}");
    let mut account = FoundAccount { label, server, ..FoundAccount::default() };
    let notes = &mut account.notes;
    account.key = noted(notes, account_key(&folder.join("account.key"), AccountKey::from_pem));
    let conf = noted(notes, text(&folder.join("ca.conf"))).map(|text| Conf::shell(&text));
    let conf = conf.unwrap_or_default();
    account.url = conf.get("ACCOUNT_URL").unwrap_or_default().to_owned();
    account.server = with_port(&account.server, &account.url);
    // Of interest, but nothing depends on it.
    if let Ok(told) = json(&folder.join("account.json")) {
        account.contacts = contacts(&told);
        notes.extend(closed(&told));
    }
    if account.contacts.is_empty() {
        account.contacts = addresses(conf.get("CA_EMAIL"));
    }
    account
}

/// The directory URL of a CA, whose folder is called after its host without the port: the port of the
/// account's URL is put in.
fn with_port(server: &str, account: &str) -> String {
    let (Ok(mut at), Ok(url)) = (Url::parse(server), Url::parse(account)) else {
        return server.to_owned();
    };
    if at.host() == url.host() {
        // It can have one: it has a host.
        let _ = at.set_port(url.port());
    }
    at.into()
}

fn certificate(
    home: &Path,
    folder: &Path,
    domain: &str,
    common: &Conf,
    accounts: &[FoundAccount],
) -> FoundCertificate {
    let mut found = FoundCertificate::default();
    let notes = &mut found.notes;
    let file = folder.join(format!("{domain}.conf"));
    let Some(conf) = noted(notes, text(&file)).map(|text| Conf::shell(&text)) else { return found };
    found.chain = noted(notes, text(&folder.join("fullchain.cer"))).unwrap_or_default().to_string();
    found.key = noted(notes, certificate_key(&folder.join(format!("{domain}.key"))));
    found.server = conf.get("Le_API").map(str::to_owned);
    let ordered = accounts.iter().find(|account| Some(&account.server) == found.server.as_ref());
    found.account = ordered.map(|account| account.url.clone());
    found.certificate_url = conf.get("Le_LinkCert").unwrap_or_default().to_owned();
    found.method = method(home, &conf, common);
    found.reuse_key = conf.get("Le_ForceNewDomainKey") != Some("1");
    found.preferred_chain = conf.get("Le_Preferred_Chain").and_then(conf::acme_sh);
    found.profile = conf.get("Le_Certificate_Profile").map(str::to_owned);
    if let Some(days) = conf.number("Le_RenewalDays") {
        found.renewed = Renewed::After(days);
    }
    let command =
        |name: &str| conf::acme_sh(conf.get(name)?).filter(|command| !command.trim().is_empty());
    found.hooks = Hooks {
        pre: command("Le_PreHook").map(hook),
        deploy: install(&command),
        post: command("Le_PostHook").map(hook),
    };
    if let Some(scripts) = command("Le_DeployHook") {
        notes.push(Note::Hooks { commands: vec![format!("--deploy-hook {scripts}")] });
    }
    found
}

/// What `--install-cert` and `--renew-hook` do with a new certificate, for a shell; `command` tells a
/// value of the certificate's configuration.
fn install(command: &dyn Fn(&str) -> Option<String>) -> Option<Hook> {
    let copy = |(name, file): &(&str, &str)| {
        let target = command(name)?;
        let target = shlex::try_quote(&target).ok()?.into_owned();
        // A file that is there keeps its owner and mode, as acme.sh leaves them; a new one with a key is
        // nobody else's.
        let copy = format!("cat \"$RENEWED_LINEAGE/{file}\" > {target}");
        Some(if file == &PRIVATE_KEY { format!("(umask 077 && {copy})") } else { copy })
    };
    let copies: Vec<String> = INSTALLED.iter().filter_map(copy).collect();
    let copies = (!copies.is_empty()).then(|| format!("{} || exit", copies.join(" && ")));
    let commands = ["Le_ReloadCmd", "Le_RenewHook"].into_iter().filter_map(command);
    let mut steps: Vec<String> = copies.into_iter().chain(commands).collect();
    if steps.iter().any(|step| VARIABLES.iter().any(|(name, _)| step.contains(name))) {
        let set = |(name, file): &(&str, &str)| format!("{name}=\"$RENEWED_LINEAGE/{file}\"");
        let set: Vec<String> = VARIABLES.iter().map(set).collect();
        steps.insert(0, format!("export {}", set.join(" ")));
    }
    (!steps.is_empty()).then(|| hook(steps.join("\n")))
}

/// One word for each name, or one for all.
fn method(home: &Path, conf: &Conf, common: &Conf) -> Method {
    let webroot = conf.get("Le_Webroot").unwrap_or("no");
    let mut ways: Vec<&str> = webroot.split(',').filter(|way| !way.is_empty()).collect();
    ways.dedup();
    match ways.as_slice() {
        [plugin] if plugin.starts_with("dns_") => {
            let mut values = values(common);
            values.extend(self::values(conf));
            let script = home.join("dnsapi").join(format!("{plugin}.sh"));
            if script.is_file() {
                values.push((SCRIPT.to_owned(), Secret::new(script.display().to_string())));
                values.push((SAVED.to_owned(), saved(common, conf)));
            }
            Method::Dns { plugin: (*plugin).to_owned(), values }
        }
        ["no"] => Method::Other("standalone".to_owned()),
        _ => Method::Other(webroot.to_owned()),
    }
}

/// What scripts saved, and what older ones did under the plain names.
fn values(conf: &Conf) -> Vec<(String, Secret)> {
    let value = |(name, value): (&str, &str)| {
        let name = name.strip_prefix("SAVED_").unwrap_or(name);
        Some((name.to_owned(), Secret::from(conf::acme_sh(value)?)))
    };
    conf.iter().filter_map(value).collect()
}

/// What scripts saved, as words of a shell, a line each.
fn saved(common: &Conf, conf: &Conf) -> Secret {
    let words = common.iter().chain(conf.iter()).filter_map(|(name, value)| {
        let value = conf::acme_sh(value)?;
        let quoted = shlex::try_quote(&value).ok()?;
        Some(format!("{}={quoted}\n", name.strip_prefix("SAVED_")?))
    });
    Secret::from(words.collect::<String>())
}

/// Under which the path of the script for a DNS service is told, and what scripts saved.
pub(super) const SCRIPT: &str = "dnsapi-script";
const SAVED: &str = "dnsapi-saved";
/// The folder of a certificate with an ECDSA key ends so.
const ECC: &str = "_ecc";
/// Where `--install-cert` puts files, and what they are called here.
const INSTALLED: [(&str, &str); 4] = [
    ("Le_RealCertPath", "cert.pem"),
    ("Le_RealCACertPath", "chain.pem"),
    ("Le_RealKeyPath", PRIVATE_KEY),
    ("Le_RealFullChainPath", "fullchain.pem"),
];
/// The variables that acme.sh sets for commands.
const VARIABLES: [(&str, &str); 4] = [
    ("CERT_PATH", "cert.pem"),
    ("CERT_KEY_PATH", PRIVATE_KEY),
    ("CA_CERT_PATH", "chain.pem"),
    ("CERT_FULLCHAIN_PATH", "fullchain.pem"),
];
