//! `wildcert cas`.

use serde_json::json;
use wildcert::acme::Authority;

use crate::{
    args::CasArgs,
    error::Error,
    exit, json,
    printer::Printer,
    show::{filled, table},
};

/// Lists the CAs that have a short name.
pub(crate) fn cas(args: CasArgs, printer: &Printer) -> Result<u8, Error> {
    let all = Authority::all();
    if args.json.json {
        printer.result(&json::text(&json!({ "cas": all })))?;
        return Ok(exit::DONE);
    }
    let text = printer.text();
    let say = |id| text.say(id, &[]);
    let headings = ["cas-name", "cas-title", "cas-eab", "cas-keys", "cas-directory"].map(say);
    let row = |known: &Authority| {
        let eab = if known.external_account.is_some() { say("cas-needed") } else { String::new() };
        let keys = known.certificate_keys.join(", ");
        let directory = known.directory.map_or_else(|| say("cas-your-own"), str::to_owned);
        vec![known.name.to_owned(), known.title.to_owned(), eab, keys, directory]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let table = table(printer.paint(), &headings, &rows);
    let more = filled(&say("cas-more"), 0, printer.width());
    printer.result(&format!("{table}\n\n{more}"))?;
    Ok(exit::DONE)
}
