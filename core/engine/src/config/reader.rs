//! Walks through a file, and remembers what it meets.

use std::{
    collections::BTreeMap,
    fmt::Display,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};
use wildcert_plugin::near;

use super::{fault::Fault, table::Table, value::Value};

/// A value of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The key with those of its tables, as `certificates.main.key-type`.
    pub key: String,
    /// The value as it stands in the file, `****` for a secret.
    pub value: String,
    /// The line, from 1.
    pub line: usize,
}

/// A key of the file: its path and the line of its value.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) key: String,
    pub(super) line: usize,
}

/// Reads values out of one file, and collects everything that is wrong with them.
pub(super) struct Reader<'a> {
    file: &'a Path,
    /// Where each line begins, in octets.
    lines: Vec<usize>,
    /// The line of each key that is given, rightly or wrongly.
    given: BTreeMap<String, usize>,
    pub(super) entries: Vec<Entry>,
    pub(super) faults: Vec<Fault>,
    /// The keys under which a secret itself stands.
    pub(super) plain_secrets: Vec<Place>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a Path, text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(offset, _)| offset + 1);
        Self {
            file,
            lines: std::iter::once(0).chain(starts).collect(),
            given: BTreeMap::new(),
            entries: Vec::new(),
            faults: Vec::new(),
            plain_secrets: Vec::new(),
        }
    }

    /// The line of an octet of the text, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// A file that the user names: relative ones lie beside the configuration.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(name)
    }

    /// Remembers where a key is.
    pub(super) fn met(&mut self, place: &Place) {
        self.given.insert(place.key.clone(), place.line);
    }

    /// Whether the key is given, be it wrongly.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    /// Whether something is wrong with the key or within it.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        self.faults.iter().any(|fault| fault.key.starts_with(key))
    }

    pub(super) fn fault(&mut self, place: &Place, message: impl Display) {
        self.hinted(place, message, None);
    }

    pub(super) fn hinted(&mut self, place: &Place, message: impl Display, hint: Option<String>) {
        let Place { key, line } = place.clone();
        let (file, message) = (self.file.to_owned(), message.to_string());
        self.faults.push(Fault { file, line, key, message, hint });
    }

    /// A fault of something that was read before.
    pub(super) fn fault_of(&mut self, key: &str, message: impl Display, hint: Option<String>) {
        let line = self.given.get(key).copied().unwrap_or(1);
        self.hinted(&Place { key: key.to_owned(), line }, message, hint);
    }

    /// Reads a whole table.
    pub(super) fn table<T: Table>(&mut self, place: &Place, table: &DeTable<'_>) -> T {
        let known = T::keys();
        for key in table.keys() {
            if !known.iter().any(|known| known.name == **key.get_ref()) {
                self.unknown(place, key, known.iter().map(|known| known.name.as_str()));
            }
        }
        T::read(self, place, table)
    }

    /// Reads the value of a key; its default when it is not given or wrong.
    pub(super) fn field<T: Default + Value>(
        &mut self,
        parent: &Place,
        table: &DeTable<'_>,
        name: &str,
    ) -> T {
        let value = table.get(name);
        value.and_then(|value| self.value(parent, name, value)).unwrap_or_default()
    }

    /// Reads the value of a key that is there.
    pub(super) fn value<T: Value>(
        &mut self,
        parent: &Place,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<T> {
        let place = Place { key: path(&parent.key, name), line: self.line(value.span().start) };
        self.met(&place);
        let read = T::read(self, &place, value.get_ref())?;
        if let Some(value) = read.shown(value.get_ref()) {
            self.entries.push(Entry { key: place.key, value, line: place.line });
        }
        Some(read)
    }

    /// Tells that a key is not one of `known`.
    pub(super) fn unknown<'k>(
        &mut self,
        parent: &Place,
        key: &Spanned<DeString<'_>>,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let name = key.get_ref();
        let place = Place { key: path(&parent.key, name), line: self.line(key.span().start) };
        self.fault(&place, format!("unknown key{}", did_you_mean(name, known)));
    }
}

/// `; did you mean …?`, when one of `known` is near to `name`.
pub(super) fn did_you_mean<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near: Vec<String> = near(name, known).iter().map(|name| format!("`{name}`")).collect();
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

/// The path of a key in a table.
pub(super) fn path(parent: &str, name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name = if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        toml::Value::from(name).to_string()
    };
    if parent.is_empty() { name } else { format!("{parent}.{name}") }
}
