//! `wildcert explain`.

use serde_json::{Value, json};

use crate::{
    args::ExplainArgs,
    error::Error,
    exit,
    explain::{self, Explanation},
    fault::Fault,
    json,
    lang::Text,
    printer::Printer,
    show::{Paint, hanging, table},
};

/// Explains an error type, or lists them all.
pub(crate) fn explain(args: &ExplainArgs, printer: &Printer) -> Result<u8, Error> {
    let text = printer.text();
    let found = match &args.name {
        Some(name) => explain::find(name),
        None => explain::ALL.iter().collect(),
    };
    if let (Some(name), true) = (&args.name, found.is_empty()) {
        return Err(unknown(text, name));
    }
    if args.json.json {
        let each: Vec<Value> = found.iter().map(|known| object(text, known)).collect();
        printer.result(&json::text(&json!({ "types": each })))?;
    } else if args.name.is_some() {
        let (paint, width) = (printer.paint(), printer.width());
        let pages: Vec<String> =
            found.iter().map(|known| page(text, paint, width, known)).collect();
        printer.result(&pages.join("\n\n"))?;
    } else {
        printer.result(&list(text, printer.paint(), &found))?;
        printer.note(&format!("\n{}", text.say("explain-more", &[])));
    }
    Ok(exit::DONE)
}

fn unknown(text: Text, name: &str) -> Error {
    let near: Vec<String> = explain::near(name).iter().map(|name| format!("`{name}`")).collect();
    let hint = match near.as_slice() {
        [] => text.say("explain-list", &[]),
        near => text.say("explain-near", &[("names", near.join(", ").into())]),
    };
    let message = text.say("explain-unknown", &[("type", name.into())]);
    Error::Input(vec![Fault { message: message.into(), hint: Some(hint.into()) }])
}

fn list(text: Text, paint: Paint, all: &[&Explanation]) -> String {
    let headings = ["explain-type", "explain-status", "explain-meaning"];
    let headings = headings.map(|heading| text.say(heading, &[]));
    let rows = |acme: bool| -> Vec<Vec<String>> {
        let some = all.iter().filter(|known| known.is_acme() == acme);
        some.map(|known| vec![known.name.to_owned(), status(known), known.title(text.lang())])
            .collect()
    };
    let kinds = [text.say("explain-kind", &[]), String::new(), headings[2].clone()];
    let kinds = table(paint, &kinds, &rows(false));
    format!("{}\n\n{kinds}", table(paint, &headings, &rows(true)))
}

fn page(text: Text, paint: Paint, width: usize, known: &Explanation) -> String {
    let lang = text.lang();
    let mut title = known.name.to_owned();
    if let Some(status) = known.status {
        title.push_str(&format!(" ({} {status})", text.say("explain-status", &[])));
    }
    let mut lines = vec![paint.strong(&title), hanging(&known.title(lang), 0, width)];
    let document = match known.is_acme() {
        true => known.document.to_owned(),
        false => text.say("explain-kind", &[]),
    };
    for (label, words) in [
        ("explain-cause", known.cause(lang)),
        ("explain-hint", known.hint(lang)),
        ("explain-document", document),
    ] {
        lines.push(String::new());
        lines.push(paint.dim(&text.say(label, &[])));
        lines.extend(words.lines().map(|line| {
            let indent = if line.starts_with("- ") { 4 } else { 2 };
            hanging(&format!("  {line}"), indent, width)
        }));
    }
    lines.join("\n")
}

fn status(known: &Explanation) -> String {
    known.status.map(|status| status.to_string()).unwrap_or_default()
}

fn object(text: Text, known: &Explanation) -> Value {
    let lang = text.lang();
    json!({
        "type": known.name,
        "acme": known.is_acme(),
        "status": known.status,
        "title": known.title(lang),
        "cause": known.cause(lang),
        "remedy": known.hint(lang),
        "document": Some(known.document).filter(|document| !document.is_empty()),
    })
}
