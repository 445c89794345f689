//! certbot: `accounts/<server>/<path>/<id>/`, `live/<name>/` and `renewal/<name>.conf`.

use std::path::Path;

use wildcert_acme::{AccountKey, Secret};

use super::{
    conf::Conf,
    found::{Found, FoundAccount, FoundCertificate, Method, Renewed, hook},
    note::Note,
    source::{account_key, certificate_key, closed, contacts, json, noted, text},
};
use crate::{deploy::Hooks, error::Error, files};

/// What the configuration folder holds.
pub(super) fn read(folder: &Path) -> Result<Found, Error> {
    let mut found = Found::default();
    accounts(&folder.join("accounts"), "", &mut found.accounts)?;
    for path in files::entries(&folder.join("renewal"))? {
        if path.extension().is_some_and(|ending| ending == "conf") {
            found.certificates.push(certificate(folder, &path, &found.accounts));
        }
    }
    Ok(found)
}

/// The accounts below a folder; `server` is the part of the CA's directory URL that led there.
fn accounts(folder: &Path, server: &str, found: &mut Vec<FoundAccount>) -> Result<(), Error> {
    for path in files::folders(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.join("regr.json").is_file() {
            // Its own accounts are elsewhere too, under the server that certbot used before.
            let account = account(&path, &name, server);
            if !found.iter().any(|other| other.url == account.url && other.server == account.server)
            {
                found.push(account);
            }
        } else if !GONE.contains(&name.as_ref()) {
            let server = if server.is_empty() { name.into() } else { format!("{server}/{name}") };
            accounts(&path, &server, found)?;
        }
    }
    Ok(())
}

fn account(folder: &Path, id: &str, server: &str) -> FoundAccount {
    let server = format!("https://{server}");
    let mut account = FoundAccount { label: id.to_owned(), server, ..FoundAccount::default() };
    let notes = &mut account.notes;
    account.key = noted(notes, account_key(&folder.join("private_key.json"), AccountKey::from_jwk));
    if let Some(registration) = noted(notes, json(&folder.join("regr.json"))) {
        account.url = registration["uri"].as_str().unwrap_or_default().to_owned();
        account.contacts = contacts(&registration["body"]);
        notes.extend(closed(&registration["body"]));
    }
    account
}

fn certificate(folder: &Path, path: &Path, accounts: &[FoundAccount]) -> FoundCertificate {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = FoundCertificate { name, ..FoundCertificate::default() };
    let notes = &mut found.notes;
    let Some(conf) = noted(notes, text(path)).map(|text| Conf::ini(&text)) else { return found };
    // A copy of the folder still names the files of its original.
    let file = |key: &str| {
        let own = folder.join("live").join(&found.name).join(format!("{key}.pem"));
        if own.exists() { own } else { conf.get(key).map_or(own, Into::into) }
    };
    found.chain = noted(notes, text(&file("fullchain"))).unwrap_or_default().to_string();
    found.key = noted(notes, certificate_key(&file("privkey")));
    found.server = Some(conf.get("server").unwrap_or(DEFAULT_SERVER).to_owned());
    let ordered =
        accounts.iter().find(|account| Some(account.label.as_str()) == conf.get("account"));
    found.account = ordered.map(|account| account.url.clone());
    found.method = method(&conf, notes);
    found.reuse_key = conf.get("reuse_key") == Some("True");
    found.preferred_chain = conf.get("preferred_chain").map(str::to_owned);
    let profiles = ["required_profile", "preferred_profile"];
    found.profile = profiles.into_iter().find_map(|name| conf.get(name)).map(str::to_owned);
    let days = conf.get("renew_before_expiry").and_then(|text| text.strip_suffix("days"));
    if let Some(days) = days.and_then(|days| days.trim().parse().ok()) {
        found.renewed = Renewed::Before(days);
    }
    found.hooks = Hooks {
        pre: conf.get("pre_hook").map(hook),
        deploy: conf.get("renew_hook").or(conf.get("deploy_hook")).map(hook),
        post: conf.get("post_hook").map(hook),
    };
    found
}

fn method(conf: &Conf, notes: &mut Vec<Note>) -> Method {
    let authenticator = conf.get("authenticator").unwrap_or_default();
    // Older plugins' names have that of their package before them.
    let plugin = authenticator.rsplit(':').next().unwrap_or_default();
    let by_dns = conf.get("pref_challs").is_some_and(|kinds| kinds.starts_with("dns"));
    let own = |conf: &Conf| -> Vec<(String, Secret)> {
        conf.iter().map(|(name, value)| (name.to_owned(), Secret::new(value))).collect()
    };
    if plugin == "manual" && by_dns && conf.get("manual_auth_hook").is_some() {
        let mut values = own(conf);
        if conf.get("manual_cleanup_hook").is_none() {
            values.push(("manual_cleanup_hook".to_owned(), Secret::new("true")));
        }
        return Method::Dns { plugin: plugin.to_owned(), values };
    }
    if !plugin.starts_with("dns") {
        return Method::Other(authenticator.to_owned());
    }
    let mut values = own(conf);
    let credentials = format!("{}_credentials", plugin.replace('-', "_"));
    if let Some(path) = conf.get(&credentials) {
        match text(Path::new(path)) {
            Ok(text) => values.extend(own(&Conf::ini(&text))),
            Err(Note::Unreadable { path, reason }) => {
                notes.push(Note::Credentials { path, reason })
            }
            Err(note) => notes.push(note),
        }
    }
    Method::Dns { plugin: plugin.to_owned(), values }
}

const DEFAULT_SERVER: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// Servers of the protocol's first version, which answer no more. certbot went over to the second by
/// links to the accounts there.
const GONE: [&str; 2] = ["acme-v01.api.letsencrypt.org", "acme-staging.api.letsencrypt.org"];
