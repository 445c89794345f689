//! `wildcert status`.

use wildcert::{Engine, write_metrics};

use crate::{
    args::StatusArgs,
    env,
    error::Error,
    exit,
    fault::Fault,
    json,
    printer::Printer,
    settings::Settings,
    show::{overview_json, overview_text},
};

/// Shows how everything stands; nobody is asked for it.
pub(crate) fn status(args: &StatusArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state);
    let file = settings.file();
    let options = settings.finish()?;
    let state = options.path.clone();
    let engine = Engine::open(options, printer.observer())?;
    let overview = engine.overview(&args.names, &file.settings)?;
    let known = |name: &&String| !overview.certificates.iter().any(|one| one.name == **name);
    let unknown = args.names.iter().filter(known);
    let unknown: Vec<Fault> =
        unknown.map(|name| Fault::new("fault-no-certificate", &[("name", name.into())])).collect();
    overview.damaged.iter().for_each(|error| printer.failure(error));
    if !unknown.is_empty() {
        return Err(Error::Input(unknown));
    }
    let text = printer.text();
    match &args.prometheus {
        Some(path) if path.as_os_str() == "-" => printer.result(overview.metrics().trim_end())?,
        Some(path) => write_metrics(path, &overview)?,
        None if args.json.json => {
            printer.result(&json::text(&overview_json(text, &overview)))?;
        }
        None => {
            if overview.certificates.is_empty() {
                let values = [("path", state.display().to_string().into())];
                printer.note(&text.say("list-nothing", &values));
            }
            let told = overview_text(text, printer.paint(), printer.width(), &overview);
            if !told.is_empty() {
                printer.result(&told)?;
            }
        }
    }
    Ok(exit::DONE)
}
