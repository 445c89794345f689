//! Posh-ACME: `<server>/<account>/<order>/`.

use std::{fs, path::Path};

use serde_json::Value;
use wildcert_acme::{AccountKey, Secret};

use super::{
    found::{Found, FoundAccount, FoundCertificate, Method},
    note::Note,
    source::{certificate_key, closed, contacts, json, noted, text, utf16},
};
use crate::{error::Error, files};

/// What Posh-ACME's home holds.
pub(super) fn read(folder: &Path) -> Result<Found, Error> {
    let mut found = Found::default();
    for server in files::folders(folder)? {
        let path = server.join("dir.json");
        if !path.is_file() {
            continue;
        }
        let directory = json(&path);
        for folder in files::folders(&server)? {
            let path = folder.join("acct.json");
            if !path.is_file() {
                continue;
            }
            let mut notes = Vec::new();
            let told = noted(&mut notes, json(&path)).unwrap_or(Value::Null);
            let mut account = account(&path, &told, notes);
            match directory.as_ref().map(|directory| directory["location"].as_str()) {
                Ok(Some(url)) => account.server = url.to_owned(),
                _ => account.notes.push(Note::NoDirectory { host: name(&server) }),
            }
            for folder in files::folders(&folder)? {
                if folder.join("order.json").is_file() {
                    found.certificates.push(certificate(&folder, &account, &told));
                }
            }
            found.accounts.push(account);
        }
    }
    Ok(found)
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn account(path: &Path, told: &Value, mut notes: Vec<Note>) -> FoundAccount {
    let label = path.parent().map(name).unwrap_or_default();
    let key = AccountKey::from_jwk(&told["key"].to_string());
    let key = key.map_err(|error| Note::Key { path: path.to_owned(), reason: error.to_string() });
    let key = noted(&mut notes, key);
    notes.extend(closed(told));
    let url = told["location"].as_str().unwrap_or_default().to_owned();
    FoundAccount { label, url, contacts: contacts(told), key, notes, ..FoundAccount::default() }
}

fn certificate(folder: &Path, account: &FoundAccount, told: &Value) -> FoundCertificate {
    let mut found = FoundCertificate {
        name: name(folder),
        server: Some(account.server.clone()).filter(|server| !server.is_empty()),
        account: Some(account.url.clone()),
        ..FoundCertificate::default()
    };
    let notes = &mut found.notes;
    let Some(order) = noted(notes, json(&folder.join("order.json"))) else { return found };
    found.chain = noted(notes, text(&folder.join("fullchain.cer"))).unwrap_or_default().to_string();
    found.key = noted(notes, certificate_key(&folder.join("cert.key")));
    let text_of = |name: &str| order[name].as_str().filter(|text| !text.is_empty());
    found.certificate_url = text_of("certificate").unwrap_or_default().to_owned();
    found.reuse_key = order["AlwaysNewKey"].as_bool() != Some(true);
    found.preferred_chain = text_of("PreferredChain").map(str::to_owned);
    found.profile = text_of("profile").map(str::to_owned);
    found.method = method(folder, &order, told, notes);
    found
}

fn method(folder: &Path, order: &Value, account: &Value, notes: &mut Vec<Note>) -> Method {
    let one = std::slice::from_ref(&order["Plugin"]);
    let plugins = order["Plugin"].as_array().map_or(one, Vec::as_slice).iter();
    let mut plugins: Vec<&str> = plugins.filter_map(Value::as_str).collect();
    plugins.dedup();
    let plugin = match plugins.as_slice() {
        [] | ["Manual" | "WebRoot" | "WebSelfHost"] => return Method::Other(plugins.join(", ")),
        [plugin] => (*plugin).to_owned(),
        _ => return Method::Other(plugins.join(", ")),
    };
    let path = folder.join("pluginargs.json");
    let arguments = match fs::exists(&path) {
        Ok(false) => Value::Null,
        _ => match json(&path) {
            Ok(arguments) => arguments,
            Err(Note::Unreadable { path, reason }) => {
                notes.push(Note::Credentials { path, reason });
                Value::Null
            }
            Err(note) => {
                notes.push(note);
                Value::Null
            }
        },
    };
    let keyed = account["sskey"].as_str().is_some_and(|key| !key.is_empty());
    let mut values = Vec::new();
    let mut sealed = Vec::new();
    for (name, argument) in arguments.as_object().into_iter().flatten() {
        match opened(name, argument, keyed) {
            Some(opened) => values.extend(opened),
            None => sealed.push(name.clone()),
        }
    }
    if !sealed.is_empty() {
        notes.push(Note::Sealed { names: sealed });
    }
    Method::Dns { plugin, values }
}

/// What an argument of a plugin says, `NAME.user` and `NAME.pass` of a credential; none when it is
/// encrypted. `keyed` tells that the account has a key for that.
fn opened(name: &str, argument: &Value, keyed: bool) -> Option<Vec<(String, Secret)>> {
    let plain = |text: String| vec![(name.to_owned(), Secret::from(text))];
    let secure = |value: &Value| secure_string(value.as_str()?).filter(|_| !keyed);
    match argument {
        Value::String(text) => Some(plain(text.clone())),
        Value::Number(number) => Some(plain(number.to_string())),
        Value::Bool(truth) => Some(plain(truth.to_string())),
        Value::Object(object) => match argument["origType"].as_str() {
            Some("securestring") => secure(&object["value"]).map(plain),
            Some("pscredential") => {
                let user = argument["user"].as_str()?.to_owned();
                let pass = secure(&argument["pass"])?;
                let part = |part: &str, text| (format!("{name}.{part}"), Secret::from(text));
                Some(vec![part("user", user), part("pass", pass)])
            }
            _ => Some(Vec::new()),
        },
        _ => Some(Vec::new()),
    }
}

/// What PowerShell writes of a SecureString where the system encrypts none, on Linux and macOS:
/// hexadecimal UTF-16. On Windows that is encrypted for one user of one machine.
fn secure_string(text: &str) -> Option<String> {
    if !text.is_ascii() || text.to_ascii_lowercase().starts_with(WINDOWS) {
        return None;
    }
    let octets = text.as_bytes().chunks(2).map(|digits| {
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 2)?;
        u8::from_str_radix(digits, 16).ok()
    });
    utf16(&octets.collect::<Option<Vec<u8>>>()?)
}

/// What the data protection of Windows begins with.
const WINDOWS: &str = "01000000d08c9ddf";
