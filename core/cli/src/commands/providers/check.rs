//! `wildcert providers check`.

use serde_json::json;
use wildcert::ProviderInstance;

use crate::{args::CheckArgs, env, error::Error, exit, json, printer::Printer, settings::Settings};

/// Proves a provider's credentials and lists the zones that they reach.
pub(crate) async fn check(args: &CheckArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.list.state).dirs(&args.list.dirs);
    let mut settings = settings.signature(&args.signature);
    let instance = ProviderInstance {
        overrides: settings.provider_options(&args.dns_opt),
        ..settings.instance(&args.provider)
    };
    let engine = settings.open(printer)?;
    let zones = engine.check_provider(&instance).await?;
    if args.list.json.json {
        printer.result(&json::text(&json!({ "provider": args.provider, "zones": zones })))?;
    } else if zones.is_empty() {
        printer.note(&printer.text().say("provider-checked-only", &[]));
    } else {
        printer.note(&printer.text().say("provider-checked", &[]));
        printer.result(&zones.join("\n"))?;
    }
    Ok(exit::DONE)
}
