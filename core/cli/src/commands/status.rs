//! `wildcert status`.

use serde_json::json;
use wildcert::Limit;

use crate::{
    args::StatusArgs,
    env,
    error::Error,
    exit, json,
    printer::Printer,
    settings::Settings,
    show::{moment, table},
};

/// Shows which CAs limit us, and until when.
pub(crate) fn status(args: &StatusArgs, printer: &Printer) -> Result<u8, Error> {
    let limits = Settings::new(&env::process, &args.state).open(printer)?.limits()?;
    let text = printer.text();
    if args.json.json {
        let list = limits.iter().map(|(account, limit)| {
            let mut value = serde_json::to_value(limit).unwrap_or_default();
            value["account"] = json!(account);
            value
        });
        printer.result(&json::text(&json!({ "limits": list.collect::<Vec<_>>() })))?;
    } else if limits.is_empty() {
        printer.result(&text.say("limits-none", &[]))?;
    } else {
        let headings = ["account", "until", "names", "said"];
        let headings: Vec<String> =
            headings.iter().map(|name| text.say(&format!("limits-{name}"), &[])).collect();
        let names = |limit: &Limit| match limit.names.as_slice() {
            [] => text.say("limits-all", &[]),
            [first] => first.clone(),
            [first, others @ ..] => format!("{first} +{}", others.len()),
        };
        let row = |(account, limit): &(String, Limit)| {
            vec![account.clone(), moment(limit.until), names(limit), limit.said.clone()]
        };
        let rows: Vec<Vec<String>> = limits.iter().map(row).collect();
        printer.result(&table(printer.paint(), &headings, &rows))?;
    }
    Ok(exit::DONE)
}
