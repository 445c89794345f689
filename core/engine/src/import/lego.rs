//! lego: `accounts/<server>/<address>/` and `certificates/<name>.{crt,key,json}`.
//!
//! Neither the provider nor its settings are kept there; until lego 5, nor the CA's directory URL.

use std::path::Path;

use serde_json::Value;
use url::Url;
use wildcert_acme::{AccountKey, Authority};

use super::{
    found::{Found, FoundAccount, FoundCertificate, addresses},
    note::Note,
    source::{account_key, certificate_key, closed, contacts, json, noted, text},
};
use crate::{error::Error, files};

/// What the folder holds; `server` is a CA's directory URL, for accounts that tell none.
pub(super) fn read(folder: &Path, server: Option<&str>) -> Result<Found, Error> {
    let mut found = Found::default();
    for host in files::folders(&folder.join("accounts"))? {
        let name = host.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for path in files::folders(&host)? {
            if path.join("account.json").is_file() {
                found.accounts.push(account(&path, &name, server));
            }
        }
    }
    for path in files::entries(&folder.join("certificates"))? {
        if path.extension().is_some_and(|ending| ending == "json") {
            found.certificates.push(certificate(&path, &found.accounts));
        }
    }
    Ok(found)
}

fn account(folder: &Path, host: &str, server: Option<&str>) -> FoundAccount {
    let label = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut account = FoundAccount { label, ..FoundAccount::default() };
    let notes = &mut account.notes;
    let file = format!("{}.key", account.label);
    let older = folder.join("keys").join(&file);
    let path = if older.exists() { older } else { folder.join(&file) };
    account.key = noted(notes, account_key(&path, AccountKey::from_pem));
    let Some(told) = noted(notes, json(&folder.join("account.json"))) else { return account };
    let registration = &told["registration"];
    // lego 5 has in one object what was in two before.
    let body = if registration["body"].is_object() { &registration["body"] } else { registration };
    let url = registration["uri"].as_str().or(registration["accountURL"].as_str());
    account.url = url.unwrap_or_default().to_owned();
    account.contacts = contacts(body);
    if account.contacts.is_empty() {
        account.contacts = addresses(told["email"].as_str());
    }
    notes.extend(closed(body));
    match told["server"].as_str().map(str::to_owned).or_else(|| directory(host, server)) {
        Some(server) => account.server = server,
        None => notes.push(Note::NoDirectory { host: host.to_owned() }),
    }
    account
}

/// The directory URL of the CA that has a folder of this name.
fn directory(host: &str, said: Option<&str>) -> Option<String> {
    let known = Authority::all().iter().filter_map(|authority| authority.directory);
    let mut all = said.into_iter().chain(known);
    all.find(|url| Url::parse(url).is_ok_and(|url| folder_name(&url) == host)).map(str::to_owned)
}

/// lego's name for the folder of a CA.
fn folder_name(server: &Url) -> String {
    let host = server.host_str().unwrap_or_default();
    server.port().map_or_else(|| host.to_owned(), |port| format!("{host}_{port}"))
}

fn certificate(path: &Path, accounts: &[FoundAccount]) -> FoundCertificate {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = FoundCertificate { name, ..FoundCertificate::default() };
    let notes = &mut found.notes;
    // The names have dots in them: an ending is not put in another's place.
    let beside = |ending: &str| path.with_file_name(format!("{}{ending}", found.name));
    let mut chain = noted(notes, text(&beside(".crt"))).unwrap_or_default().to_string();
    if chain.matches(BEGIN).count() == 1
        && let Ok(issuer) = text(&beside(".issuer.crt"))
    {
        chain.push('\n');
        chain.push_str(&issuer);
    }
    found.chain = chain;
    found.key = noted(notes, certificate_key(&beside(".key")));
    let told = noted(notes, json(path)).unwrap_or(Value::Null);
    found.certificate_url = told["certUrl"].as_str().unwrap_or_default().to_owned();
    if let Some(account) = ordered_by(&found.certificate_url, accounts) {
        found.server = Some(account.server.clone()).filter(|server| !server.is_empty());
        found.account = Some(account.url.clone());
    }
    found
}

/// The account of the CA that keeps a certificate; lego does not tell which of several.
fn ordered_by<'a>(url: &str, accounts: &'a [FoundAccount]) -> Option<&'a FoundAccount> {
    let host = |url: &str| Url::parse(url).ok().map(|url| folder_name(&url));
    let wanted = host(url);
    accounts.iter().find(|account| wanted.is_some() && host(&account.url) == wanted)
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
