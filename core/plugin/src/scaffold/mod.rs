//! A new provider's folder: a crate that builds and keeps the contract before a simulated vendor.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use wildcert_plugin_sdk::manifest::{Manifest, Model};

use crate::error::Error;

const CARGO: &str = include_str!("template/Cargo.toml");
const MANIFEST: &str = include_str!("template/provider.toml");
const TESTS: &str = include_str!("template/tests.rs");
const FORMAT: &str = include_str!("template/rustfmt.toml");
const SERVE: &str = include_str!("template/serve.rs");

/// What a new provider is made of.
#[derive(Clone, Debug)]
pub struct NewProvider {
    /// The provider's id: lower-case letters, digits and hyphens.
    pub id: String,
    /// How the vendor keeps TXT records.
    pub model: Model,
    /// The folder to make.
    pub dir: PathBuf,
    /// The folder of the SDK's source, where the published one is not meant.
    pub sdk: Option<PathBuf>,
}

/// Makes the folder; gives the files in it.
///
/// # Errors
/// When the id is none, the folder is there already, or it cannot be written.
pub fn scaffold(new: &NewProvider) -> Result<Vec<PathBuf>, Error> {
    let (lib, simulator) = match new.model {
        Model::Record => {
            (include_str!("template/record/lib.rs"), include_str!("template/record/simulator.rs"))
        }
        Model::Rrset => {
            (include_str!("template/rrset/lib.rs"), include_str!("template/rrset/simulator.rs"))
        }
        Model::Zone => {
            (include_str!("template/zone/lib.rs"), include_str!("template/zone/simulator.rs"))
        }
    };
    let files = [
        ("Cargo.toml", CARGO),
        ("provider.toml", MANIFEST),
        ("rustfmt.toml", FORMAT),
        ("src/lib.rs", lib),
        ("src/tests.rs", TESTS),
        ("src/tests/simulator.rs", simulator),
        ("examples/simulator.rs", SERVE),
    ];
    let filled: Vec<(PathBuf, String)> =
        files.iter().map(|(name, text)| (new.dir.join(name), new.fill(text))).collect();
    // An id that no manifest takes is refused before anything is written.
    let path = new.dir.join("provider.toml");
    Manifest::parse(&new.fill(MANIFEST))
        .map_err(|source| Error::Manifest { path, source: Box::new(source) })?;
    if new.dir.exists() {
        let source = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(Error::Write { path: new.dir.clone(), source });
    }
    for (path, text) in &filled {
        write(path, text).map_err(|source| Error::Write { path: path.clone(), source })?;
    }
    Ok(filled.into_iter().map(|(path, _)| path).collect())
}

impl NewProvider {
    fn fill(&self, text: &str) -> String {
        let sdk = |more: &str| match &self.sdk {
            None => format!("{{ version = \"0.1\"{more} }}"),
            Some(dir) => format!("{{ path = {:?}{more} }}", dir.display().to_string()),
        };
        let words = self.id.split('-').filter(|word| !word.is_empty());
        let type_name: String = words.map(capitalized).collect();
        text.replace("@sdk@", &sdk(""))
            .replace("@sdk with testing@", &sdk(", features = [\"testing\"]"))
            .replace("@id@", &self.id)
            .replace("@ID@", &self.id.to_ascii_uppercase().replace('-', "_"))
            .replace("@Name@", &capitalized(&self.id))
            .replace("@Type@", &type_name)
            .replace(
                "@model@",
                match self.model {
                    Model::Record => "record",
                    Model::Rrset => "rrset",
                    Model::Zone => "zone",
                },
            )
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
