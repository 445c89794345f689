//! `wildcert providers new`.

use std::path::PathBuf;

use wildcert::{
    Error as EngineError,
    plugin::{
        manifest::Model,
        scaffold::{NewProvider, scaffold},
    },
};

use crate::{
    args::{ModelArg, NewArgs},
    error::Error,
    exit,
    fault::Fault,
    printer::Printer,
};

/// Makes the folder of a new provider.
pub(crate) async fn new(args: &NewArgs, printer: &Printer) -> Result<u8, Error> {
    let model = match args.model {
        Some(model) => model,
        None => ask(printer).await?,
    };
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    // The crate names it from its own folder.
    let sdk = args.sdk.as_ref().map(|sdk| sdk.canonicalize()).transpose().map_err(|source| {
        Error::File { doing: "find the SDK", path: args.sdk.clone().unwrap_or_default(), source }
    })?;
    let new = NewProvider {
        id: args.name.clone(),
        model: match model {
            ModelArg::Record => Model::Record,
            ModelArg::Rrset => Model::Rrset,
            ModelArg::Zone => Model::Zone,
        },
        dir: dir.clone(),
        sdk,
    };
    let files = scaffold(&new).map_err(EngineError::from)?;
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    printer.result(&lines.join("\n"))?;
    let dir = dir.display();
    printer.note(&format!("next: `cd {dir}`, `cargo test`, `wildcert providers build .`"));
    Ok(exit::DONE)
}

/// Asks at the terminal.
async fn ask(printer: &Printer) -> Result<ModelArg, Error> {
    let missing = || Error::Input(vec![Fault::new("fault-no-model", &[])]);
    if !printer.can_ask() {
        return Err(missing());
    }
    printer.note(
        "How does the vendor keep TXT records?\n  \
         record  each has an identifier of its own\n  \
         rrset   all values of a name are written together\n  \
         zone    the whole zone is written at once",
    );
    let answer = printer.ask("model:").await;
    let answer = answer.map_err(|source| Error::System { doing: "read the answer", source })?;
    match answer.as_deref().map(str::trim) {
        Some("record") => Ok(ModelArg::Record),
        Some("rrset") => Ok(ModelArg::Rrset),
        Some("zone") => Ok(ModelArg::Zone),
        _ => Err(missing()),
    }
}
