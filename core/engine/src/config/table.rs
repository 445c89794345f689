//! Tables of the file: their keys are declared once, as the fields of a type.

use serde_json::Value as Json;
use toml::de::DeTable;

use super::reader::{Place, Reader};

/// A key that a table may have.
pub(super) struct Key {
    /// As it is written.
    pub(super) name: String,
    /// JSON Schema of its value, with its description.
    pub(super) schema: Json,
}

/// What is read out of a table of the file.
pub(super) trait Table: Sized {
    /// The keys that it may have.
    fn keys() -> Vec<Key>;

    /// Reads the known keys; unknown ones are told already.
    fn read(reader: &mut Reader<'_>, place: &Place, table: &DeTable<'_>) -> Self;
}

/// A key with its description; the field's name is written with hyphens.
pub(super) fn key(field: &str, help: &str, mut schema: Json) -> Key {
    let help = help.trim();
    // Whatever stands beside a reference is passed over.
    if schema.get("$ref").is_some() {
        schema = serde_json::json!({ "allOf": [schema] });
    }
    schema["description"] = help.into();
    Key { name: name(field), schema }
}

/// The key of a field.
pub(super) fn name(field: &str) -> String {
    field.replace('_', "-")
}

/// Declares a type whose fields are the keys of a table; their comments describe them in the JSON
/// Schema and the reference too.
///
/// The fields after `..` are tables whose keys stand in this one.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $help:literal])+ pub $field:ident: $type:ty,)*
            $(.. $(#[doc = $more_help:literal])+ pub $more:ident: $more_type:ty,)*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $($(#[doc = $help])+ pub $field: $type,)*
            $($(#[doc = $more_help])+ pub $more: $more_type,)*
        }

        impl $crate::config::table::Table for $name {
            fn keys() -> Vec<$crate::config::table::Key> {
                let mut keys = vec![$($crate::config::table::key(
                    stringify!($field),
                    concat!($($help),+),
                    <$type as $crate::config::value::Value>::schema(),
                )),*];
                $(keys.extend(<$more_type as $crate::config::table::Table>::keys());)*
                keys.sort_by(|one, other| one.name.cmp(&other.name));
                keys
            }

            fn read(
                reader: &mut $crate::config::reader::Reader<'_>,
                place: &$crate::config::reader::Place,
                table: &toml::de::DeTable<'_>,
            ) -> Self {
                Self {
                    $($field: reader.field(
                        place,
                        table,
                        &$crate::config::table::name(stringify!($field)),
                    ),)*
                    $($more: $crate::config::table::Table::read(reader, place, table),)*
                }
            }
        }

        impl $crate::config::value::Value for $name {
            fn schema() -> serde_json::Value {
                $crate::config::schema::object::<Self>()
            }

            fn read(
                reader: &mut $crate::config::reader::Reader<'_>,
                place: &$crate::config::reader::Place,
                value: &toml::de::DeValue<'_>,
            ) -> Option<Self> {
                match value {
                    toml::de::DeValue::Table(table) => Some(reader.table(place, table)),
                    other => $crate::config::value::expected(reader, place, "a table", other),
                }
            }

            fn shown(&self, _: &toml::de::DeValue<'_>) -> Option<String> {
                None
            }
        }
    };
}
pub(super) use table;
