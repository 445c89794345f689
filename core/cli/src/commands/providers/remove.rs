//! `wildcert providers remove`.

use serde_json::json;
use wildcert::Engine;

use crate::{
    args::ProvidersRemoveArgs as RemoveArgs, env, error::Error, exit, json, printer::Printer, settings::Settings,
};

/// Takes an installed module and its approval away.
pub(crate) fn remove(args: &RemoveArgs, printer: &Printer) -> Result<u8, Error> {
    let options = Settings::new(&env::process, &args.state).finish()?;
    let engine = Engine::open(options, printer.observer())?;
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
    for file in &removed.files {
        printer.note(&format!("removed {}", file.display()));
    }
    for name in &removed.approvals {
        printer.note(&format!("took back the approval of {name}"));
    }
    Ok(exit::DONE)
}
