//! dehydrated: `config`, `accounts/<CA>/`, `certs/<name>/` and `domains.txt`.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use wildcert_acme::{AccountKey, Secret, directory_url};

use super::{
    conf::Conf,
    found::{Found, FoundAccount, FoundCertificate, Method, Renewed, addresses, hook},
    note::Note,
    source::{account_key, certificate_key, closed, contacts, json, noted, text},
};
use crate::{deploy::Hook, error::Error, files};

/// What the folder with dehydrated's `config` leads to; without one, it is the base folder itself.
pub(super) fn read(folder: &Path) -> Result<Found, Error> {
    let conf = configuration(folder)?;
    let path = |name: &str, default: &str| -> PathBuf {
        conf.get(name).map_or_else(|| folder.join(default), |path| folder.join(path))
    };
    let mut found = Found::default();
    for path in files::folders(&path("ACCOUNTDIR", "accounts"))? {
        if path.join("account_key.pem").is_file() {
            found.accounts.push(account(&path, &conf));
        }
    }
    let listed = text(&path("DOMAINS_TXT", "domains.txt")).map(|text| listed(&text));
    for path in files::folders(&path("CERTDIR", "certs"))? {
        if path.join("cert.pem").exists() {
            let mut certificate = certificate(&path, &conf, &found.accounts);
            if listed.as_ref().is_ok_and(|listed| !listed.contains(&certificate.name)) {
                certificate.notes.push(Note::Retired);
            }
            found.certificates.push(certificate);
        }
    }
    Ok(found)
}

/// The configuration with every path that it leaves unsaid.
fn configuration(folder: &Path) -> Result<Conf, Error> {
    let mut conf = Conf::shell(&format!("BASEDIR={}", quoted(folder)));
    if let Ok(text) = text(&folder.join("config")) {
        conf.read_shell(&text);
    }
    let further = conf.get("CONFIG_D").map_or_else(|| folder.join("conf.d"), PathBuf::from);
    for path in files::entries(&further)? {
        if path.extension().is_some_and(|ending| ending == "sh")
            && let Ok(text) = text(&path)
        {
            conf.read_shell(&text);
        }
    }
    for (name, default) in
        [("ACCOUNTDIR", "accounts"), ("CERTDIR", "certs"), ("DOMAINS_TXT", "domains.txt")]
    {
        if conf.get(name).is_none() {
            conf.read_shell(&format!("{name}=\"$BASEDIR/{default}\""));
        }
    }
    Ok(conf)
}

fn quoted(path: &Path) -> String {
    shlex::try_quote(&path.display().to_string()).unwrap_or_default().into_owned()
}

/// The names of the certificates in domains.txt: what stands after `>`, else the first domain.
fn listed(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let name = |line: &str| {
        let alias = line.split_once('>').map(|(_, alias)| alias.trim());
        let name = alias.or_else(|| line.split_whitespace().next())?;
        // A wildcard without an alias is refused by dehydrated, so that this is no file's name.
        Some(name.to_owned())
    };
    lines.filter(|line| !line.is_empty()).filter_map(name).collect()
}

fn account(folder: &Path, conf: &Conf) -> FoundAccount {
    let label = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut account = FoundAccount { label, ..FoundAccount::default() };
    let notes = &mut account.notes;
    account.key = noted(notes, account_key(&folder.join("account_key.pem"), AccountKey::from_pem));
    if let Some(told) = noted(notes, json(&folder.join("account_id.json"))) {
        let url = told["url"].as_str().or(told["id"].as_str());
        account.url = url.unwrap_or_default().to_owned();
    }
    // Of interest, but nothing depends on it.
    if let Ok(told) = json(&folder.join("registration_info.json")) {
        account.contacts = contacts(&told);
        notes.extend(closed(&told));
    }
    if account.contacts.is_empty() {
        account.contacts = addresses(conf.get("CONTACT_EMAIL"));
    }
    // The folder is called after the CA.
    let server = URL_SAFE_NO_PAD.decode(&account.label).ok();
    match server
        .and_then(|server| String::from_utf8(server).ok())
        .map(|text| text.trim().to_owned())
    {
        Some(server) if server.starts_with("https://") => account.server = server,
        _ => notes.push(Note::NoDirectory { host: account.label.clone() }),
    }
    account
}

fn certificate(folder: &Path, common: &Conf, accounts: &[FoundAccount]) -> FoundCertificate {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = FoundCertificate { name, ..FoundCertificate::default() };
    let notes = &mut found.notes;
    let own = text(&folder.join("config")).map(|text| Conf::shell(&text)).unwrap_or_default();
    let get = |name: &str| own.get(name).or_else(|| common.get(name));
    found.chain = noted(notes, text(&folder.join("fullchain.pem"))).unwrap_or_default().to_string();
    found.key = noted(notes, certificate_key(&folder.join("privkey.pem")));
    found.server = directory(get("CA").unwrap_or("letsencrypt"));
    let ordered = accounts.iter().find(|account| Some(&account.server) == found.server.as_ref());
    found.account = ordered.map(|account| account.url.clone());
    found.method = match (get("CHALLENGETYPE"), get("HOOK")) {
        (Some("dns-01"), Some(_)) => {
            let values = ["HOOK", "HOOK_CHAIN"].into_iter();
            let values = values.filter_map(|name| Some((name.to_owned(), Secret::new(get(name)?))));
            Method::Dns { plugin: "dehydrated".to_owned(), values: values.collect() }
        }
        (kind, _) => Method::Other(kind.unwrap_or("http-01").to_owned()),
    };
    found.hooks.deploy = get("HOOK").and_then(installed);
    found.reuse_key = get("PRIVATE_KEY_RENEW") == Some("no");
    found.preferred_chain = get("PREFERRED_CHAIN").map(str::to_owned);
    if let Some(days) = get("RENEW_DAYS").and_then(|days| days.parse().ok()) {
        found.renewed = Renewed::Before(days);
    }
    found
}

/// The hook's call for a new certificate, for a shell.
fn installed(program: &str) -> Option<Hook> {
    let program = shlex::try_quote(program).ok()?;
    let files = ["privkey", "cert", "fullchain", "chain"];
    let files = files.map(|file| format!("\"$RENEWED_LINEAGE/{file}.pem\"")).join(" ");
    Some(hook(format!(
        "{program} deploy_cert \"${{RENEWED_DOMAINS%% *}}\" {files} \"$(date +%s)\""
    )))
}

/// The directory URL behind a URL or one of dehydrated's words, such as `letsencrypt-test`.
fn directory(ca: &str) -> Option<String> {
    let url = directory_url(ca).or_else(|_| directory_url(&ca.replace('-', "_")));
    url.ok().map(|url| url.to_string())
}
