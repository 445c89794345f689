//! `wildcert providers install`.

use serde_json::{Value, json};
use wildcert::plugin::{Artifact, Candidate, Form, Judgement, Standing};

use super::{
    list::{file_size, size},
    show::{module_form, reach},
};
use crate::{
    args::InstallArgs,
    env,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::Settings,
    show::{Paint, facts, printable, table},
};

/// Shows modules, has them approved, compiles them and puts them into the user's folder.
pub(crate) async fn install(args: &InstallArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::new(&env::process, &args.state).signature(&args.signature);
    let source = settings.source(&args.source, args.sha256.as_deref());
    let engine = settings.open(printer)?;
    let candidates = engine.examine(&source).await?;
    let text = printer.text();
    for candidate in &candidates {
        printer.note(&format!("{}\n", description(text, printer.err_paint(), candidate)));
    }
    approved(&candidates, args.yes, printer).await?;
    let mut prepared = Vec::new();
    for candidate in &candidates {
        let Artifact { manifest, form, bytes, .. } = &candidate.artifact;
        let doing = match form {
            Form::Wasm => {
                let size = size(bytes.len() as u64);
                let values = [("id", manifest.id.as_str().into()), ("size", size.into())];
                text.say("provider-compiling", &values)
            }
            Form::Native => text.say("provider-loading", &[("id", manifest.id.as_str().into())]),
        };
        prepared.push(printer.during(&doing, engine.prepare(candidate)).await?);
    }
    for module in prepared {
        engine.install(module)?;
    }
    report(&candidates, args.json.json, printer)?;
    Ok(exit::DONE)
}

/// Whether somebody agrees to each module that is new or has changed.
async fn approved(candidates: &[Candidate], yes: bool, printer: &Printer) -> Result<(), Error> {
    let news = candidates.iter().filter(|candidate| candidate.standing != Standing::Approved);
    let ids: Vec<String> = news.map(|candidate| candidate.artifact.manifest.id.clone()).collect();
    if ids.is_empty() || yes {
        return Ok(());
    }
    let asked = printer.can_ask();
    if asked {
        let question = printer.text().say("provider-install", &[("ids", ids.join(", ").into())]);
        if printer.agreed(&question, false).await {
            return Ok(());
        }
    }
    Err(Error::NotApproved { ids, asked })
}

/// What somebody must know who approves a module.
fn description(text: Text, paint: Paint, candidate: &Candidate) -> String {
    let Artifact { manifest, sha256, bytes, .. } = &candidate.artifact;
    let say = |id| text.say(id, &[]);
    let mut about = vec![
        (say("provider-from"), candidate.from.clone()),
        (
            say("provider-form"),
            module_form(text, candidate.artifact.form, bytes.len() as u64, &manifest.abi),
        ),
        ("SHA-256".to_owned(), sha256.to_string()),
        (say("provider-signature"), signature(text, candidate)),
        (say("provider-reaches"), reach(text, &candidate.artifact)),
    ];
    let path = |path: &std::path::Path| path.display().to_string();
    let hides = candidate.hides.as_deref().map(|hidden| (say("provider-hides"), path(hidden)));
    about.extend(hides);
    let before = |first| {
        let first = text.say("provider-hidden-by-path", &[("path", path(first).into())]);
        (say("provider-hidden-by"), first)
    };
    about.extend(candidate.hidden_by.as_deref().map(before));
    if let Standing::Changed(changes) = &candidate.standing {
        about.push((say("provider-changes"), changes.join("\n")));
    }
    // The words of a module must not pass for ours.
    let about: Vec<(String, String)> =
        about.into_iter().map(|(name, value)| (name, printable(&value))).collect();
    let title = printable(&format!("{} ({})", manifest.name, manifest.id)).replace('\n', " ");
    format!("{}\n{}", paint.strong(&title), facts(paint, &about))
}

fn signature(text: Text, candidate: &Candidate) -> String {
    let say = |id, key: &str| text.say(id, &[("key", key.into())]);
    match &candidate.signature {
        Judgement::Unsigned => text.say("provider-unsigned", &[]),
        Judgement::Unknown(key) => say("provider-signed-unknown", key),
        Judgement::Signed(key) => say("provider-signed", key),
    }
}

fn report(candidates: &[Candidate], as_json: bool, printer: &Printer) -> Result<(), Error> {
    if as_json {
        let installed: Vec<Value> = candidates.iter().map(candidate_json).collect();
        return printer.result(&json::text(&json!({ "installed": installed })));
    }
    let text = printer.text();
    let row = |candidate: &Candidate| {
        vec![
            candidate.artifact.manifest.id.clone(),
            text.say(&format!("provider-{}", status(candidate)), &[]),
            candidate.artifact.form.to_string(),
            size(file_size(&candidate.to)),
            candidate.to.display().to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = candidates.iter().map(row).collect();
    let headings = ["id", "status", "form", "size", "file"]
        .map(|heading| text.say(&format!("provider-{heading}"), &[]));
    printer.result(&table(printer.paint(), &headings, &rows))
}

fn status(candidate: &Candidate) -> &'static str {
    match candidate.standing {
        Standing::New => "installed",
        Standing::Changed(_) => "upgraded",
        Standing::Approved => "unchanged",
    }
}

fn candidate_json(candidate: &Candidate) -> Value {
    let Artifact { manifest, form, sha256, .. } = &candidate.artifact;
    let (signed_by, trusted) = match &candidate.signature {
        Judgement::Unsigned => (None, false),
        Judgement::Unknown(key) => (Some(key), false),
        Judgement::Signed(key) => (Some(key), true),
    };
    json!({
        "id": manifest.id,
        "status": status(candidate),
        "from": candidate.from,
        "path": candidate.to,
        "form": form,
        "confined": *form == Form::Wasm,
        "contract": manifest.abi,
        "sha256": sha256.to_string(),
        "reach": { "http": manifest.reach.http, "dns": manifest.reach.dns },
        "signed_by": signed_by,
        "signature_trusted": trusted,
        "changes": match &candidate.standing {
            Standing::Changed(changes) => changes.as_slice(),
            _ => &[],
        },
        "hides": candidate.hides,
        "hidden_by": candidate.hidden_by,
    })
}
