//! `wildcert providers build`.

use wildcert::{
    Error as EngineError,
    plugin::build::{self, BuildOptions},
};

use super::list::size;
use crate::{args::BuildArgs, error::Error, exit, printer::Printer, show::table};

/// Makes modules of providers' crates.
pub(crate) fn build(args: &BuildArgs, printer: &Printer) -> Result<u8, Error> {
    let both = !args.wasm && !args.native;
    let options = BuildOptions {
        out: args.out.clone(),
        wasm: args.wasm || both,
        native: args.native || both,
        target_dir: None,
    };
    let report = build::build(&args.dirs, &options).map_err(EngineError::from)?;
    let rows: Vec<Vec<String>> = report
        .built
        .iter()
        .map(|built| {
            let path = built.path.display().to_string();
            vec![built.id.clone(), built.form.to_string(), size(built.size), path]
        })
        .collect();
    printer.result(&table(printer.paint(), &["id", "form", "size", "file"], &rows))?;
    for id in &report.native_only {
        printer.note(&format!("`{id}` works natively only"));
    }
    Ok(exit::DONE)
}
