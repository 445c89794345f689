//! `wildcert providers approve`.

use serde_json::json;

use super::show::reach;
use crate::{
    args::ApproveArgs, env, error::Error, exit, json, printer::Printer, settings::Settings,
    show::printable,
};

/// Trusts a module as it is now.
pub(crate) fn approve(args: &ApproveArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state).dirs(&args.dirs);
    let artifact =
        settings.signature(&args.signature).open(printer)?.approve_provider(&args.provider)?;
    if args.json.json {
        let manifest = &artifact.manifest;
        let approved = json!({
            "id": manifest.id,
            "path": artifact.path,
            "form": artifact.form,
            "sha256": artifact.sha256.to_string(),
            "reach": { "http": manifest.reach.http, "dns": manifest.reach.dns },
        });
        printer.result(&json::text(&json!({ "approved": approved })))?;
    } else {
        let text = printer.text();
        let path = artifact.path.display().to_string();
        let reach = printable(&reach(text, &artifact));
        printer.note(&format!(
            "{}\n  {}\n  {}",
            text.say("provider-approved", &[("path", path.into())]),
            text.say("provider-approved-digest", &[("digest", artifact.sha256.to_string().into())]),
            text.say("provider-approved-reach", &[("reach", reach.into())])
        ));
    }
    Ok(exit::DONE)
}
