//! What commands are told: lego's and certbot's variables, so that their hooks work, and our own.

use std::path::Path;

use super::files::Form;
use crate::{
    config::DeployTarget,
    key::KeyType,
    outputs::{FULLCHAIN, PRIVATE_KEY},
    request::{CertificateRequest, Outcome, Status},
    store::CertificateInfo,
};

/// Names and values.
pub(super) type Variables = Vec<(String, String)>;

/// For the commands of a target; `host` is the machine where they run, none for this one.
pub(super) fn of_target(
    info: &CertificateInfo,
    target: &DeployTarget,
    host: Option<&str>,
) -> Variables {
    let contacts = &info.renewal.contacts;
    let mut all = of_certificate(&About {
        name: &info.name,
        domains: &info.domains,
        key: info.key_type,
        contact: contacts.first().map(String::as_str),
        account: &info.account,
        server: &info.server,
    });
    let mut set = |name: &str, value: &str| all.push((name.to_owned(), value.to_owned()));
    set("WILDCERT_CERT_SERIAL", &info.serial);
    set("WILDCERT_TARGET", &target.name);
    if let Some(host) = host {
        set("WILDCERT_HOST", host);
    }
    let folder = info.path.display().to_string();
    for form in Form::ALL {
        let stored = stored(form, info).map(|file| info.path.join(file).display().to_string());
        let copied = target.copies.of(form).map(str::to_owned);
        // Other machines have only what was copied to them.
        let Some(path) = copied.or(stored.filter(|_| host.is_none())) else { continue };
        set(&format!("WILDCERT_CERT_{}", form.as_str().to_uppercase()), &path);
    }
    for (form, ending, names) in LEGO {
        let beside = info.path.with_file_name(format!("{}{ending}", info.name));
        let path = match host {
            None => stored(*form, info).map(|_| beside.display().to_string()),
            Some(_) => target.copies.of(*form).map(str::to_owned),
        };
        for name in names.iter().filter(|_| path.is_some()) {
            set(name, path.as_deref().unwrap_or_default());
        }
    }
    if host.is_none() {
        set("WILDCERT_CERT_FOLDER", &folder);
        set("RENEWED_LINEAGE", &folder);
    }
    set("RENEWED_DOMAINS", &info.domains.join(" "));
    all
}

/// For a command before a certificate is got.
pub(super) fn of_request(request: &CertificateRequest) -> Variables {
    let ca = request.cas.first();
    of_certificate(&About {
        name: &request.store_name(),
        domains: &request.domains(),
        key: request.key_type(None),
        contact: ca.and_then(|ca| ca.contacts.first()).map(String::as_str),
        account: "",
        server: ca.map(|ca| ca.server.as_str()).unwrap_or_default(),
    })
}

/// For a command when all certificates had their turn.
pub(super) fn of_outcomes<'a>(outcomes: impl Iterator<Item = &'a Outcome> + Clone) -> Variables {
    let domains = |wanted: &[Status]| {
        let of = outcomes.clone().filter(|outcome| wanted.contains(&outcome.status));
        of.flat_map(|outcome| outcome.domains.clone()).collect::<Vec<_>>().join(" ")
    };
    vec![
        ("RENEWED_DOMAINS".to_owned(), domains(&[Status::Issued, Status::Renewed])),
        ("FAILED_DOMAINS".to_owned(), domains(&[Status::Failed])),
    ]
}

struct About<'a> {
    name: &'a str,
    domains: &'a [String],
    key: Option<KeyType>,
    contact: Option<&'a str>,
    account: &'a str,
    server: &'a str,
}

fn of_certificate(about: &About<'_>) -> Variables {
    let domain = about.domains.first().map(String::as_str).unwrap_or_default();
    let key = about.key.map(|key| key.to_string().to_uppercase()).unwrap_or_default();
    let domains = |separator| about.domains.join(separator);
    let contact = about.contact.unwrap_or_default();
    let account = about.contact.unwrap_or(about.account);
    let all = [
        ("WILDCERT_CERT_NAME", about.name.to_owned()),
        ("WILDCERT_CERT_DOMAINS", domains(" ")),
        ("LEGO_ACCOUNT_EMAIL", contact.to_owned()),
        ("LEGO_CERT_DOMAIN", domain.to_owned()),
        ("LEGO_HOOK_ACCOUNT_ID", account.to_owned()),
        ("LEGO_HOOK_ACCOUNT_EMAIL", contact.to_owned()),
        ("LEGO_HOOK_ACCOUNT_SERVER", about.server.to_owned()),
        ("LEGO_HOOK_CERT_NAME", about.name.to_owned()),
        ("LEGO_HOOK_CERT_NAME_SANITIZED", about.name.to_owned()),
        ("LEGO_HOOK_CERT_DOMAINS", domains(",")),
        ("LEGO_HOOK_CERT_KEY_TYPE", key),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// The file of the store, where it has this form.
fn stored(form: Form, info: &CertificateInfo) -> Option<&'static Path> {
    let (file, there) = match form {
        Form::Fullchain => (FULLCHAIN, true),
        Form::Cert => ("cert.pem", true),
        Form::Chain => ("chain.pem", true),
        Form::Key => (PRIVATE_KEY, !info.external_csr),
        Form::Combined => ("combined.pem", info.outputs.pem),
        Form::Pfx => ("bundle.pfx", info.outputs.pfx.is_some()),
    };
    there.then(|| Path::new(file))
}

/// What lego calls a file, up to version 4 and from 5 on, and how its name ends in lego's layout.
const LEGO: &[(Form, &str, [&str; 2])] = &[
    (Form::Fullchain, ".crt", ["LEGO_CERT_PATH", "LEGO_HOOK_CERT_PATH"]),
    (Form::Key, ".key", ["LEGO_CERT_KEY_PATH", "LEGO_HOOK_CERT_KEY_PATH"]),
    (Form::Chain, ".issuer.crt", ["LEGO_ISSUER_CERT_PATH", "LEGO_HOOK_ISSUER_CERT_PATH"]),
    (Form::Combined, ".pem", ["LEGO_CERT_PEM_PATH", "LEGO_HOOK_CERT_PEM_PATH"]),
    (Form::Pfx, ".pfx", ["LEGO_CERT_PFX_PATH", "LEGO_HOOK_CERT_PFX_PATH"]),
];
