//! What one key says of another.

use std::collections::BTreeMap;

use wildcert_acme::{Authority, directory_url};
use wildcert_dns::{Identifier, OwnerName};

use super::{
    alert, deploy,
    reader::{Reader, did_you_mean, path},
    settings::{Ca, Certificate, CertificateOptions, Settings},
};

/// Tells what does not fit together, and gives each CA, provider and certificate what it leaves
/// out.
pub(super) fn check(reader: &mut Reader<'_>, settings: &mut Settings) {
    alert::check(reader, &settings.alerts);
    names(reader, "cas", &settings.cas);
    names(reader, "providers", &settings.providers);
    names(reader, "certificates", &settings.certificates);
    addresses(reader, "email", &settings.account.email);
    options(reader, "", &settings.defaults, settings);
    for (name, ca) in &settings.cas {
        check_ca(reader, &path("cas", name), name, ca);
    }
    for (name, certificate) in &settings.certificates {
        check_certificate(reader, &path("certificates", name), certificate, settings);
    }
    // Whatever names no providers uses all of them, as the command line does.
    let all = || settings.providers.keys().map(String::as_str);
    if settings.certificates.is_empty()
        || settings.certificates.values().any(|certificate| certificate.providers.is_empty())
    {
        distinct(reader, None, all(), settings);
    }
    complete(reader, settings);
}

/// Gives each table what it leaves out.
fn complete(reader: &Reader<'_>, settings: &mut Settings) {
    for ca in settings.cas.values_mut() {
        ca.account = std::mem::take(&mut ca.account).or(&settings.account);
    }
    for certificate in settings.certificates.values_mut() {
        for (index, target) in certificate.deploy.iter_mut().enumerate() {
            target.name = deploy::name(target, index);
        }
        certificate.options = std::mem::take(&mut certificate.options).or(&settings.defaults);
    }
    for (name, provider) in &mut settings.providers {
        let module = provider.provider.get_or_insert_with(|| name.clone());
        // Ids have neither.
        if module.contains(['/', '\\', '.']) {
            *module = reader.file(module).display().to_string();
        }
    }
}

/// Names of tables become names of files, and are written on command lines.
fn names<T>(reader: &mut Reader<'_>, table: &str, named: &BTreeMap<String, T>) {
    let ok = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    for name in named.keys().filter(|name| !name.chars().all(ok) || name.starts_with('.')) {
        let message = "the name is not made of letters, digits, `.`, `_` and `-`";
        reader.fault_of(&path(table, name), message, None);
    }
    if named.contains_key("") {
        reader.fault_of(&path(table, ""), "the name is empty", None);
    }
}

fn addresses(reader: &mut Reader<'_>, key: &str, addresses: &[String]) {
    for (index, address) in addresses.iter().enumerate() {
        if !is_address(address) {
            reader.fault_of(key, format!("`{address}` is not an e-mail address"), None);
        } else if addresses.iter().take(index).any(|other| other == address) {
            reader.fault_of(key, format!("`{address}` is given twice"), None);
        }
    }
}

fn check_ca(reader: &mut Reader<'_>, key: &str, name: &str, ca: &Ca) {
    addresses(reader, &path(key, "email"), &ca.account.email);
    match &ca.server {
        Some(server) => {
            if let Err(error) = directory_url(server) {
                reader.fault_of(&path(key, "server"), &error, error.hint());
            }
        }
        None if ca.eab_file.is_some() || Authority::named(name).is_some() => {}
        None if reader.is_given(&path(key, "server")) => {}
        None => {
            let known = Authority::all().iter().flat_map(Authority::names);
            let message = format!("no server is given, and `{name}` is no short name of a CA");
            reader.fault_of(key, message + &did_you_mean(name, known), None);
        }
    }
    let given = |field: &str| reader.is_given(&path(key, field));
    let message = match (given("eab-kid"), given("eab-hmac-key"), given("eab-file")) {
        (true, _, true) | (_, true, true) => {
            "`eab-file` says what `eab-kid` and `eab-hmac-key` say"
        }
        (true, false, false) => "`eab-hmac-key` is missing beside `eab-kid`",
        (false, true, false) => "`eab-kid` is missing beside `eab-hmac-key`",
        _ => return,
    };
    reader.fault_of(key, message, None);
}

fn check_certificate(
    reader: &mut Reader<'_>,
    key: &str,
    certificate: &Certificate,
    settings: &Settings,
) {
    options(reader, key, &certificate.options, settings);
    for (index, name) in certificate.domains.iter().enumerate() {
        let before = certificate.domains.iter().take(index);
        if before.map(Identifier::ascii).any(|other| other == name.ascii()) {
            let message = format!("`{}` is given twice", name.ascii());
            reader.fault_of(&path(key, "domains"), message, None);
        }
    }
    let given = |field: &str| reader.is_given(&path(key, field));
    match (given("csr"), given("domains")) {
        (false, false) => reader.fault_of(key, "neither `domains` nor `csr` is given", None),
        (true, _) => {
            let fields = ["domains", "key-type", "reuse-key", "with-www", "pem", "pfx"];
            let fields = fields.into_iter().filter(|field| given(field));
            for field in fields.collect::<Vec<_>>() {
                let message = "it cannot stand beside `csr`, which has names and key of its own";
                reader.fault_of(&path(key, field), message, None);
            }
        }
        (false, true) => {
            if certificate.domains.is_empty() && !reader.is_wrong(&path(key, "domains")) {
                reader.fault_of(&path(key, "domains"), "it names no domain", None);
            }
        }
    }
    for provider in &certificate.providers {
        if !settings.providers.contains_key(provider) {
            let known = settings.providers.keys().map(String::as_str);
            let message = format!("there is no table `[{}]`", path("providers", provider));
            let message = message + &did_you_mean(provider, known);
            reader.fault_of(&path(key, "providers"), message, None);
        }
    }
    deploy::check(reader, key, certificate, settings);
    let own = certificate.providers.iter().map(String::as_str);
    distinct(reader, Some(&path(key, "providers")), own, settings);
}

/// What the file's top and certificates both may say.
fn options(
    reader: &mut Reader<'_>,
    parent: &str,
    options: &CertificateOptions,
    settings: &Settings,
) {
    for server in &options.server {
        if settings.cas.contains_key(server) {
            continue;
        }
        if let Err(error) = directory_url(server) {
            let names = Authority::all().iter().flat_map(Authority::names);
            let own: Vec<&str> = settings.cas.keys().map(String::as_str).collect();
            let known = names.map(|name: &str| name).chain(own);
            let near = did_you_mean(server, known);
            reader.fault_of(&path(parent, "server"), format!("{error}{near}"), error.hint());
        }
    }
    if let (Some(days), Some(emergency)) = (options.days, options.emergency_days)
        && emergency >= days
    {
        let message = format!("no window would be waited for: it is due with {days} days left");
        reader.fault_of(&path(parent, "emergency-days"), message, None);
    }
    if let Some(address) = &options.account {
        addresses(reader, &path(parent, "account"), std::slice::from_ref(address));
    }
}

/// Tells when it is open which of several providers sets a record. `chosen` is the key that chose
/// them, if one did.
fn distinct<'s>(
    reader: &mut Reader<'_>,
    chosen: Option<&str>,
    names: impl Iterator<Item = &'s str>,
    settings: &'s Settings,
) {
    let mut met: BTreeMap<Option<&OwnerName>, &str> = BTreeMap::new();
    for name in names {
        let Some(provider) = settings.providers.get(name) else { continue };
        let table = path("providers", name);
        let zones = path(&table, "zones");
        let everything = provider.zones.is_empty() && !reader.is_given(&zones);
        for zone in provider.zones.iter().map(Some).chain(everything.then_some(None)) {
            let Some(other) = met.insert(zone, name) else { continue };
            let own = if zone.is_some() { &zones } else { &table };
            let key = chosen.unwrap_or(own);
            let (what, hint) = match zone {
                _ if other == name => {
                    let zone = zone.map(OwnerName::as_str).unwrap_or_default();
                    reader.fault_of(&zones, format!("`{zone}` is given twice"), None);
                    continue;
                }
                Some(zone) => (format!("the records below `{zone}`"), None),
                None => {
                    let hint =
                        "give `zones` to all of them but one, or `providers` to certificates";
                    ("the records that no `zones` name".to_owned(), Some(hint.to_owned()))
                }
            };
            reader.fault_of(key, format!("`{other}` and `{name}` both set {what}"), hint);
        }
    }
}

/// Rough on purpose: the CA has the last word.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}
