//! `wildcert import`.

use std::path::Path;

use serde::Serialize;
use time::{OffsetDateTime, serde::rfc3339};
use wildcert::{
    acme::directory_url,
    import::{Action, CertificateImport, Import, ImportWish, Note},
};

use crate::{
    args::ImportArgs,
    env,
    error::Error,
    exit,
    fault::Fault,
    json,
    lang::{Text, describe},
    printer::Printer,
    settings::Settings,
    show::{Paint, date, domain, printable, table},
};

/// Takes over what another client has.
pub(crate) async fn import(args: &ImportArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::new(&env::process, &args.state).dirs(&args.dirs);
    let server = settings.named_server(args.server.as_deref());
    let folder = args.folder.display().to_string();
    if !args.folder.is_dir() {
        settings.faulty([Fault::new("fault-no-folder", &[("path", folder.as_str().into())])]);
    }
    let engine = settings.open(printer)?;
    let wish = ImportWish {
        client: args.from,
        folder: args.folder.clone(),
        names: args.names.clone(),
        server: server.and_then(|server| directory_url(&server).ok()).map(Into::into),
        provider: args.dns.clone(),
    };
    let mut import = engine.plan_import(&wish)?;
    let mut faults = Vec::new();
    for name in &args.names {
        if !import.certificates.iter().any(|one| one.name == *name || one.original == *name) {
            let values = [("name", name.as_str().into()), ("path", folder.as_str().into())];
            faults.push(Fault::new("fault-not-there", &values));
        }
    }
    if import.accounts.is_empty() && import.certificates.is_empty() && faults.is_empty() {
        let client = args.from.to_string();
        let values = [("client", client.into()), ("path", folder.into())];
        faults.push(Fault::new("fault-nothing-there", &values));
    }
    if !faults.is_empty() {
        return Err(Error::Input(faults));
    }
    if !args.dry_run {
        engine.import(&mut import).await?;
    }
    if args.json.json {
        printer.result(&json::text(&Imported::new(printer.text(), &import, args)))?;
    } else {
        shown(&import, args.dry_run, printer)?;
    }
    Ok(code(&import))
}

/// The code for what came of it.
fn code(import: &Import) -> u8 {
    let accounts = import.accounts.iter().map(|account| account.action);
    let all: Vec<Action> =
        accounts.chain(import.certificates.iter().map(|one| one.action)).collect();
    let left = all.iter().filter(|action| **action == Action::Leave).count();
    match left {
        0 => exit::DONE,
        left if left == all.len() => exit::FAILED,
        _ => exit::SOME_FAILED,
    }
}

/// Tables on stdout, and on stderr what there is to say about single ones.
fn shown(import: &Import, dry_run: bool, printer: &Printer) -> Result<(), Error> {
    let (text, paint) = (printer.text(), printer.paint());
    let say = |id| text.say(id, &[]);
    let mut parts = Vec::new();
    if !import.accounts.is_empty() {
        let rows: Vec<Vec<String>> = import
            .accounts
            .iter()
            .map(|one| {
                let becomes = becomes(text, paint, one.action);
                vec![printable(&one.name), becomes, printable(&one.url)]
            })
            .collect();
        let headings = [say("fact-account"), say("fact-status"), "URL".to_owned()];
        parts.push(table(paint, &headings, &rows));
    }
    if !import.certificates.is_empty() {
        let rows: Vec<Vec<String>> = import
            .certificates
            .iter()
            .map(|one| {
                let domains: Vec<String> = one.domains.iter().map(|name| domain(name)).collect();
                vec![
                    printable(&one.name),
                    becomes(text, paint, one.action),
                    one.not_after.map(date).unwrap_or_default(),
                    one.provider.clone().unwrap_or_default(),
                    domains.join(", "),
                ]
            })
            .collect();
        let headings =
            ["fact-certificate", "fact-status", "list-until", "list-provider", "list-domains"];
        parts.push(table(paint, &headings.map(say), &rows));
    }
    printer.result(&parts.join("\n\n"))?;
    let accounts = import.accounts.iter().map(|one| (&one.name, &one.notes));
    let certificates = import.certificates.iter().map(|one| (&one.name, &one.notes));
    for (name, notes) in accounts.chain(certificates) {
        for note in notes {
            let (message, hint) = said(text, note);
            let message = format!("{name}: {message}");
            match note.prevents() {
                true => printer.error(&message, &[hint]),
                false => printer.warning(&format!("{message}; {hint}")),
            }
        }
    }
    for one in import.certificates.iter().filter(|one| one.action == Action::Take) {
        tell_settings(one, printer);
    }
    if dry_run {
        printer.note(&say("import-nothing-done"));
    }
    Ok(())
}

/// Which settings of its provider a certificate brings along.
fn tell_settings(certificate: &CertificateImport, printer: &Printer) {
    let settings = certificate.settings.iter();
    let settings: Vec<String> = settings.map(|(name, from)| format!("{name} ({from})")).collect();
    if !settings.is_empty() {
        let values =
            [("name", certificate.name.as_str().into()), ("settings", settings.join(", ").into())];
        printer.note(&printer.text().say("import-settings", &values));
    }
}

fn becomes(text: Text, paint: Paint, action: Action) -> String {
    match action {
        Action::Take => paint.good(&text.say("import-taken", &[])),
        Action::Present => text.say("import-present", &[]),
        Action::Leave => paint.bad(&text.say("import-left", &[])),
    }
}

/// What a note says, and what to do about it.
fn said(text: Text, note: &Note) -> (String, String) {
    let path = |path: &Path| ("path", path.display().to_string().into());
    let value = |name, value: &str| (name, value.to_owned().into());
    let (id, values) = match note {
        Note::Certificate { reason } => ("import-note-certificate", vec![value("reason", reason)]),
        Note::Closed { status } => ("import-note-closed", vec![value("status", status)]),
        Note::Credentials { path: file, reason } => {
            ("import-note-credentials", vec![path(file), value("reason", reason)])
        }
        Note::Environment { setting } => {
            ("import-note-environment", vec![value("setting", setting)])
        }
        Note::Hooks { commands } => {
            ("import-note-hooks", vec![value("commands", &commands.join("; "))])
        }
        Note::Key { path: file, reason } => {
            ("import-note-key", vec![path(file), value("reason", reason)])
        }
        Note::NoAccount { server } => ("import-note-no-account", vec![value("server", server)]),
        Note::NoDirectory { host } => ("import-note-no-directory", vec![value("host", host)]),
        Note::NoMethod => ("import-note-no-method", Vec::new()),
        Note::NoProvider { plugin } => ("import-note-no-provider", vec![value("plugin", plugin)]),
        Note::NotDns { method } => ("import-note-not-dns", vec![value("method", method)]),
        Note::OtherCertificate => ("import-note-other-certificate", Vec::new()),
        Note::OtherKey => ("import-note-other-key", Vec::new()),
        Note::Retired => ("import-note-retired", Vec::new()),
        Note::Sealed { names } => ("import-note-sealed", vec![value("names", &names.join(", "))]),
        Note::Settings(error) => {
            ("import-note-settings", vec![value("error", &describe(text, error))])
        }
        Note::Unreadable { path: file, reason } => {
            ("import-note-unreadable", vec![path(file), value("reason", reason)])
        }
        other => return (other.kind().to_owned(), String::new()),
    };
    (text.say(id, &values), text.say(&format!("{id}.hint"), &values))
}

/// What came of it, for programs.
#[derive(Serialize)]
struct Imported<'a> {
    client: String,
    dry_run: bool,
    accounts: Vec<AccountResult<'a>>,
    certificates: Vec<CertificateResult<'a>>,
}

#[derive(Serialize)]
struct AccountResult<'a> {
    account: &'a str,
    status: &'static str,
    server: &'a str,
    url: &'a str,
    notes: Vec<NoteResult>,
}

#[derive(Serialize)]
struct CertificateResult<'a> {
    name: &'a str,
    status: &'static str,
    domains: &'a [String],
    #[serde(with = "rfc3339::option")]
    not_after: Option<OffsetDateTime>,
    provider: Option<&'a str>,
    settings: Vec<SettingResult<'a>>,
    notes: Vec<NoteResult>,
}

#[derive(Serialize)]
struct SettingResult<'a> {
    name: &'a str,
    from: &'a str,
}

#[derive(Serialize)]
struct NoteResult {
    kind: &'static str,
    message: String,
    hint: String,
}

impl<'a> Imported<'a> {
    fn new(text: Text, import: &'a Import, args: &ImportArgs) -> Self {
        let notes = |notes: &[Note]| -> Vec<NoteResult> {
            let one = |note: &Note| {
                let (message, hint) = said(text, note);
                NoteResult { kind: note.kind(), message, hint }
            };
            notes.iter().map(one).collect()
        };
        let accounts = import.accounts.iter().map(|one| AccountResult {
            account: &one.name,
            status: word(one.action),
            server: &one.server,
            url: &one.url,
            notes: notes(&one.notes),
        });
        let certificates = import.certificates.iter().map(|one| CertificateResult {
            name: &one.name,
            status: word(one.action),
            domains: &one.domains,
            not_after: one.not_after,
            provider: one.provider.as_deref(),
            settings: one
                .settings
                .iter()
                .map(|(name, from)| SettingResult { name, from })
                .collect(),
            notes: notes(&one.notes),
        });
        Self {
            client: import.client.to_string(),
            dry_run: args.dry_run,
            accounts: accounts.collect(),
            certificates: certificates.collect(),
        }
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Take => "taken",
        Action::Present => "present",
        Action::Leave => "left",
    }
}
