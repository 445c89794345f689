//! JSON Schema of `wildcert.toml`.

use serde_json::{Map, Value as Json, json};

use super::{secret, settings::Settings, table::Table};

/// JSON Schema of `wildcert.toml`, of draft 7: what editors understand.
pub fn schema() -> Json {
    let mut schema = object::<Settings>();
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["definitions"] = json!({ "secret": secret::schema() });
    schema["title"] = "wildcert.toml".into();
    schema
}

/// JSON Schema of a table.
pub(super) fn object<T: Table>() -> Json {
    let properties: Map<String, Json> =
        T::keys().into_iter().map(|key| (key.name, key.schema)).collect();
    json!({ "additionalProperties": false, "properties": properties, "type": "object" })
}
