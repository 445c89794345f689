//! `wildcert providers remove`.

use serde_json::json;

use crate::{
    args::ProvidersRemoveArgs as RemoveArgs, env, error::Error, exit, json, printer::Printer,
    settings::Settings,
};

/// Takes an installed module and its approval away.
pub(crate) fn remove(args: &RemoveArgs, printer: &Printer) -> Result<u8, Error> {
    let engine = Settings::new(&env::process, &args.state).open(printer)?;
    let removed = engine.remove_provider(&args.provider)?;
    if args.json.json {
        let removed = json!({
            "id": args.provider,
            "files": removed.files,
            "approvals": removed.approvals,
        });
        printer.result(&json::text(&json!({ "removed": removed })))?;
        return Ok(exit::DONE);
    }
    let text = printer.text();
    for file in &removed.files {
        let path = file.display().to_string();
        printer.note(&text.say("provider-removed", &[("path", path.into())]));
    }
    for name in &removed.approvals {
        let name = name.to_string();
        printer.note(&text.say("provider-approval-removed", &[("name", name.into())]));
    }
    Ok(exit::DONE)
}
