//! `wildcert accounts register` and `wildcert accounts recover`.

use wildcert::{CaAccount, Stop, config::eab_file::EabFile};

use super::shown;
use crate::{
    args::{RecoverArgs, RegisterArgs},
    commands::terms,
    env,
    error::Error,
    printer::Printer,
    settings::Settings,
};

/// Registers an account, or finds the one that is there.
pub(crate) async fn register(args: &RegisterArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state).ca(&args.ca);
    let mut ca = settings.first_ca();
    let sent = settings.sent().cloned();
    let engine = settings.open(printer)?;
    let mut result = engine.register(&ca).await;
    let (_handle, stop) = Stop::new();
    if terms::agreed(printer, result.as_ref().err(), &stop).await?.is_some() {
        ca.terms_agreed = true;
        result = engine.register(&ca).await;
    }
    let code = shown::one(&result?, None, args.json.json, printer)?;
    if let Some(sent) = sent {
        tell_rest(&sent, printer);
    }
    Ok(code)
}

/// Stores the account of a key.
pub(crate) async fn recover(args: &RecoverArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::new(&env::process, &args.state).bundle(&args.bundle);
    let server = settings.named_server(Some(&args.server)).unwrap_or_default();
    let contacts: Vec<String> = args.email.iter().cloned().collect();
    let contacts = settings.addresses(&contacts);
    let engine = settings.open(printer)?;
    let pem = std::fs::read_to_string(&args.key).map_err(|source| Error::File {
        doing: "read",
        path: args.key.clone(),
        source,
    })?;
    let info = engine.recover(&CaAccount { contacts, ..CaAccount::new(server) }, &pem).await?;
    shown::one(&info, None, args.json.json, printer)
}

/// What the CA's command says of the certificate: of no use to the account, but to its reader.
fn tell_rest(sent: &EabFile, printer: &Printer) {
    let names = sent.domains.iter().map(|name| format!("-d {name}"));
    let key = sent.key_type.map(|key| format!("-k {key}"));
    let words: Vec<String> = names.chain(key).collect();
    if !words.is_empty() {
        let words = words.join(" ");
        printer.note(&printer.text().say("accounts-sent", &[("words", words.into())]));
    }
}
