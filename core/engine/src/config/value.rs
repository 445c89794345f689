//! What the keys of the file hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use serde_json::{Value as Json, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use toml::de::DeValue;
use wildcert_acme::AccountKeyType;
use wildcert_dns::{Identifier, NameserverOverride, OwnerName, ResolverAddr};

use super::reader::{Place, Reader, did_you_mean};
use crate::{
    key::KeyType,
    outputs::PfxFormat,
    window::{MaintenanceWindow, WindowError},
};

/// What a key may hold.
pub(super) trait Value: Sized {
    /// JSON Schema of it.
    fn schema() -> Json;

    /// Reads it; what is wrong is told to the reader.
    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self>;

    /// The value as people may see it; none for what consists of other keys.
    fn shown(&self, value: &DeValue<'_>) -> Option<String> {
        Some(toml_text(value))
    }
}

impl<T: Value> Value for Option<T> {
    fn schema() -> Json {
        T::schema()
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        T::read(reader, place, value).map(Some)
    }

    fn shown(&self, value: &DeValue<'_>) -> Option<String> {
        self.as_ref()?.shown(value)
    }
}

/// A list, or its only item.
impl<T: Value> Value for Vec<T> {
    fn schema() -> Json {
        json!({ "anyOf": [T::schema(), { "items": T::schema(), "type": "array" }] })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        let DeValue::Array(items) = value else {
            return T::read(reader, place, value).map(|item| vec![item]);
        };
        let mut read = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let line = reader.line(item.span().start);
            let place = Place { key: format!("{}[{index}]", place.key), line };
            reader.met(&place);
            read.extend(T::read(reader, &place, item.get_ref()));
        }
        Some(read)
    }

    fn shown(&self, value: &DeValue<'_>) -> Option<String> {
        let items = value.as_array().into_iter().flatten();
        let tables = value.is_table() || items.into_iter().any(|item| item.get_ref().is_table());
        (!tables).then(|| toml_text(value))
    }
}

/// Tables under names that the user chooses.
impl<T: Value> Value for BTreeMap<String, T> {
    fn schema() -> Json {
        json!({ "additionalProperties": T::schema(), "type": "object" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        let DeValue::Table(table) = value else {
            return expected(reader, place, "a table", value);
        };
        let mut read = Self::new();
        for (name, value) in table {
            let name = name.get_ref();
            read.extend(reader.value(place, name, value).map(|value| (name.to_string(), value)));
        }
        Some(read)
    }

    fn shown(&self, _: &DeValue<'_>) -> Option<String> {
        None
    }
}

impl Value for bool {
    fn schema() -> Json {
        json!({ "type": "boolean" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        match value {
            DeValue::Boolean(value) => Some(*value),
            other => expected(reader, place, "`true` or `false`", other),
        }
    }
}

impl Value for u32 {
    fn schema() -> Json {
        json!({ "maximum": u32::MAX, "minimum": 1, "type": "integer" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        whole_number(reader, place, value, u32::MAX)
    }
}

/// A number of seconds.
impl Value for Duration {
    fn schema() -> Json {
        json!({ "maximum": LONGEST_WAIT, "minimum": 1, "type": "integer" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        let seconds = whole_number(reader, place, value, LONGEST_WAIT)?;
        Some(Self::from_secs(seconds.into()))
    }
}

impl Value for String {
    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        text(reader, place, value).map(str::to_owned)
    }
}

impl Value for PathBuf {
    fn schema() -> Json {
        String::schema()
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        let name = text(reader, place, value)?;
        Some(reader.file(name))
    }
}

impl Value for KeyType {
    fn schema() -> Json {
        words(&Self::ALL)
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        parsed(reader, place, value, |_: &String| None)
    }
}

impl Value for AccountKeyType {
    fn schema() -> Json {
        let algorithms: BTreeSet<&str> =
            Self::ALL.iter().map(|kind| kind.algorithm().as_str()).collect();
        let kinds = Self::ALL.iter().map(|kind| kind.as_str());
        json!({ "enum": kinds.chain(algorithms).collect::<Vec<_>>(), "type": "string" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        parsed(reader, place, value, wildcert_acme::Error::hint)
    }
}

impl Value for PfxFormat {
    fn schema() -> Json {
        let known = [Self::Sha256, Self::Des];
        json!({ "enum": known.map(|format| format.to_string()), "type": "string" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        parsed(reader, place, value, |_: &String| None)
    }
}

impl Value for MaintenanceWindow {
    fn schema() -> Json {
        String::schema()
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        parsed(reader, place, value, WindowError::hint)
    }
}

/// A date and time with an offset from UTC, as TOML's own or as text.
impl Value for OffsetDateTime {
    fn schema() -> Json {
        json!({ "format": "date-time", "type": "string" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        let text = match value {
            DeValue::Datetime(moment) => moment.to_string(),
            DeValue::String(text) => text.trim().to_owned(),
            other => return expected(reader, place, "a date and time", other),
        };
        let read = Self::parse(&text, &Rfc3339).ok();
        if read.is_none() {
            reader.fault(place, format!("`{text}` is not written as 2030-01-31T12:00:00Z"));
        }
        read
    }
}

/// Names and addresses of the DNS, which the crate for it reads.
macro_rules! dns_values {
    ($($type:ty),+) => {
        $(impl Value for $type {
            fn schema() -> Json {
                String::schema()
            }

            fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
                parsed(reader, place, value, wildcert_dns::Error::hint)
            }
        })+
    };
}
dns_values!(Identifier, NameserverOverride, OwnerName, ResolverAddr);

/// Tells that another kind of value belongs there; the value itself may be a secret.
pub(super) fn expected<T>(
    reader: &mut Reader<'_>,
    place: &Place,
    what: &str,
    found: &DeValue<'_>,
) -> Option<T> {
    reader.fault(place, format!("expected {what}, found {}", kind(found)));
    None
}

/// The text that a value is.
pub(super) fn text<'v>(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &'v DeValue<'_>,
) -> Option<&'v str> {
    match value {
        DeValue::String(text) if text.trim().is_empty() => {
            reader.fault(place, "it is empty");
            None
        }
        DeValue::String(text) => Some(text),
        other => expected(reader, place, "text", other),
    }
}

/// One of the words that mean something.
pub(super) fn word<T: Copy>(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
    known: &[(&str, T)],
) -> Option<T> {
    let given = text(reader, place, value)?;
    let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(given));
    if found.is_none() {
        let words = known.iter().map(|(word, _)| *word);
        let list: Vec<&str> = words.clone().collect();
        let near = did_you_mean(given, words);
        reader.fault(place, format!("`{given}` is not one of {}{near}", list.join(", ")));
    }
    found.map(|(_, meaning)| *meaning)
}

/// JSON Schema of [`word`].
pub(super) fn words<T>(known: &[(&str, T)]) -> Json {
    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    json!({ "enum": words, "type": "string" })
}

/// A value as it may stand in a file.
pub(super) fn toml_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => toml::Value::from(text.as_ref()).to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| toml_text(item.get_ref())).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Table(_) => "{ … }".to_owned(),
    }
}

/// What a text says.
pub(super) fn parsed<T: FromStr>(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
    hint: impl Fn(&T::Err) -> Option<String>,
) -> Option<T>
where
    T::Err: Display,
{
    let text = text(reader, place, value)?.trim();
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            let hint = hint(&error);
            reader.hinted(place, error, hint);
            None
        }
    }
}

fn whole_number(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
    maximum: u32,
) -> Option<u32> {
    let DeValue::Integer(number) = value else {
        return expected(reader, place, "a whole number", value);
    };
    let read = u32::from_str_radix(number.as_str(), number.radix());
    let read = read.ok().filter(|read| (1..=maximum).contains(read));
    if read.is_none() {
        reader.fault(place, format!("{number} is not within 1 to {maximum}"));
    }
    read
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A day, in seconds.
const LONGEST_WAIT: u32 = 86_400;
