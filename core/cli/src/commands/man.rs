//! `wildcert man`.

use std::{fs, path::Path};

use clap_mangen::{Man, generate_to};

use crate::{app::command, args::ManArgs, error::Error, exit, printer::Printer};

/// Prints the page of the whole command, or writes a page for every command.
pub(crate) fn man(args: &ManArgs, printer: &Printer) -> Result<u8, Error> {
    match &args.dir {
        Some(dir) => write_all(dir)?,
        None => {
            let mut page = Vec::new();
            Man::new(command()).render(&mut page).map_err(Error::Output)?;
            printer.result(String::from_utf8_lossy(&page).trim_end())?;
        }
    }
    Ok(exit::DONE)
}

fn write_all(dir: &Path) -> Result<(), Error> {
    let failed =
        |source| Error::File { doing: "write the manual pages to", path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    generate_to(command(), dir).map_err(failed)
}
