//! `wildcert config show`.

use serde_json::{Value, json};
use wildcert::Engine;

use crate::{
    args::ConfigShowArgs,
    env,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::{InForce, Origin, Settings},
    show::table,
};

/// Shows every value that is in force, and where it comes from.
pub(crate) fn show(args: &ConfigShowArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::wanted(&env::process, &args.wanted);
    let options = settings.options()?;
    let engine = Engine::open(options, printer.observer())?;
    let rows = settings.in_force(&engine, printer.text().lang(), args.lang.is_some());
    settings.finish()?;
    if args.wanted.json.json {
        let values: Vec<Value> = rows.iter().map(value).collect();
        printer.result(&json::text(&json!({ "values": values })))?;
        return Ok(exit::DONE);
    }
    let text = printer.text();
    let headings = ["key", "value", "origin"];
    let headings: Vec<String> =
        headings.iter().map(|name| text.say(&format!("config-{name}"), &[])).collect();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| vec![row.key.clone(), row.value.clone(), origin(text, &row.origin)])
        .collect();
    printer.result(&table(printer.paint(), &headings, &rows))?;
    Ok(exit::DONE)
}

fn origin(text: Text, origin: &Origin) -> String {
    match origin {
        Origin::Option(name) => (*name).to_owned(),
        Origin::Variable(name) => name.clone(),
        Origin::File { path, line } => format!("{}:{line}", path.display()),
        Origin::Default => text.say("config-default", &[]),
    }
}

fn value(row: &InForce) -> Value {
    let (from, name, file, line) = match &row.origin {
        Origin::Option(name) => ("option", Some((*name).to_owned()), None, None),
        Origin::Variable(name) => ("variable", Some(name.clone()), None, None),
        Origin::File { path, line } => ("file", None, Some(path), Some(line)),
        Origin::Default => ("default", None, None, None),
    };
    let mut value = json!({ "key": row.key, "value": row.value, "from": from });
    if let Some(name) = name {
        value["name"] = name.into();
    }
    if let (Some(file), Some(line)) = (file, line) {
        value["file"] = json!(file);
        value["line"] = json!(line);
    }
    value
}
