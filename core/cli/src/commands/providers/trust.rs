//! `wildcert providers trust`.

use serde_json::{Value, json};
use wildcert::{
    Error as EngineError,
    plugin::{Error as PluginError, Signer},
};

use crate::{
    args::TrustArgs, env, error::Error, exit, fault::Fault, json, printer::Printer,
    settings::Settings, show::table,
};

/// Trusts a key, trusts it no more, or lists the trusted keys.
pub(crate) fn trust(args: &TrustArgs, printer: &Printer) -> Result<u8, Error> {
    let signers = Settings::new(&env::process, &args.state).open(printer)?.signers();
    let (word, keys) = match (&args.key, args.remove) {
        (None, _) => ("keys", signers.list().map_err(EngineError::from)?),
        (Some(key), true) => ("removed", signers.distrust(key).map_err(EngineError::from)?),
        (Some(key), false) => {
            let signer = Signer::read(key).map_err(fault)?;
            signers.trust(&signer).map_err(EngineError::from)?;
            ("trusted", vec![signer])
        }
    };
    let text = printer.text();
    if args.json.json {
        let keys: Vec<Value> = keys.iter().map(key_json).collect();
        printer.result(&json::text(&json!({ word: keys })))?;
    } else if args.key.is_some() {
        let id = if args.remove { "provider-key-distrusted" } else { "provider-key-trusted" };
        for key in &keys {
            printer.note(&text.say(id, &[("id", key.id.as_str().into())]));
        }
    } else if keys.is_empty() {
        printer.note(&text.say("provider-no-keys", &[]));
    } else {
        let rows: Vec<Vec<String>> =
            keys.into_iter().map(|Signer { id, key, .. }| vec![id, key]).collect();
        let headings = ["provider-id", "provider-key"].map(|heading| text.say(heading, &[]));
        printer.result(&table(printer.paint(), &headings, &rows))?;
    }
    Ok(exit::DONE)
}

fn key_json(signer: &Signer) -> Value {
    json!({ "id": signer.id, "key": signer.key })
}

/// What is no key is a mistake on the command line.
fn fault(error: impl Into<PluginError>) -> Error {
    let error = error.into();
    Error::Input(vec![Fault {
        message: error.to_string().into(),
        hint: error.hint().map(Into::into),
    }])
}
