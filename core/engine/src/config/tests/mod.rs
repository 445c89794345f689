mod eab_files;
mod faults;
mod file;
mod secrets;

use std::path::Path;

use super::{Config, Error};

/// What becomes of a text that stands in /etc/wildcert/wildcert.toml.
fn parse(text: &str) -> Result<Config, Vec<String>> {
    let parsed = Config::parse(text, Path::new("/etc/wildcert/wildcert.toml"));
    parsed.map_err(|error| match error {
        Error::Invalid(faults) => faults
            .iter()
            .map(|fault| {
                let fault = fault.to_string();
                fault.strip_prefix("/etc/wildcert/wildcert.toml:").unwrap().to_owned()
            })
            .collect(),
        other => panic!("{other}"),
    })
}
