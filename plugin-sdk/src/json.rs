//! Reading JSON, in little code.
//!
//! A text is parsed once into a [`Value`], by code that all types share; a type then takes what it
//! wants out of that. A module that reads five types this way is a sixth smaller than one with five
//! parsers of text, and an error can tell the path of what is wrong.

use std::fmt::{self, Display};

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess,
        Unexpected, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use crate::{
    error::{Error, Result},
    types::Response,
};

/// Reads `text`, which is UTF-8.
///
/// # Errors
/// `permanent`, with line and column where it stops being JSON, or the path of what is not as expected,
/// as in `/zones/0/name`.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    take(&parse(text)?)
}

fn take<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(Reader(value)).map_err(Fault::told)
}

fn parse(text: &[u8]) -> Result<Value> {
    serde_json::from_slice(text).map_err(|error| Error::permanent(error.to_string()))
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    /// `permanent` with the place where the body stops being what was expected (`transient` for a
    /// body of a 5xx answer).
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let unreadable = |error| self.unreadable_json(error);
        take(&parse(&self.body).map_err(unreadable)?).map_err(unreadable)
    }

    fn unreadable_json(&self, error: Error) -> Error {
        self.unreadable(error.context("unreadable JSON in the answer"))
    }

    /// The text or number at `pointer` (RFC 6901) of a JSON body, and nothing for any other body: the
    /// vendor's words, for [`success`](Self::success).
    pub fn text_at(&self, pointer: &str) -> Option<String> {
        let body = parse(&self.body).ok()?;
        match body.pointer(pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// What is wrong, and where: the steps from the root, each behind a `/`.
#[derive(Debug)]
struct Fault {
    path: String,
    what: String,
}

impl Fault {
    fn new(what: String) -> Self {
        Self { path: String::new(), what }
    }

    /// The same fault, seen from one step further up.
    fn below(mut self, step: &str) -> Self {
        self.path = format!("/{step}{}", self.path);
        self
    }

    fn told(self) -> Error {
        let Self { path, what } = self;
        Error::permanent(if path.is_empty() { what } else { format!("{what} at `{path}`") })
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    /// Without the value: the code that prints numbers with a fraction is large, and text may be a
    /// secret.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}"))
    }
}

/// Gives a value to what is made of it.
struct Reader<'a>(&'a Value);

impl<'de> Reader<'de> {
    fn unexpected(&self, expected: &dyn Expected) -> Fault {
        let found = match self.0 {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Fault::new(format!("expected {expected}, found {found}"))
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (_, Some(number)) => visitor.visit_i64(number),
                _ => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            _ => Err(self.unexpected(&visitor)),
        }
    }
}

/// A method for each kind of value that visitors ask for: one that asks for text needs no code for
/// numbers.
macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(_) => self.number(visitor),
            Value::String(text) => visitor.visit_str(text),
            Value::Array(values) => visitor.visit_seq(List { values, at: 0 }),
            Value::Object(map) => visitor.visit_map(Object { members: map.iter(), value: None }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(text) => visitor.visit_str(text),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Array(values) => visitor.visit_seq(List { values, at: 0 }),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Object(map) => visitor.visit_map(Object { members: map.iter(), value: None }),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let read = self.0.deserialize_enum(name, variants, visitor);
        read.map_err(|error| Fault::new(error.to_string()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { char bytes byte_buf unit unit_struct tuple tuple_struct identifier }
}

/// The values of a list that are still to be read.
struct List<'a> {
    values: &'a [Value],
    at: usize,
}

impl<'de> SeqAccess<'de> for List<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(value) = self.values.get(self.at) else { return Ok(None) };
        self.at += 1;
        let element = seed.deserialize(Reader(value));
        element.map(Some).map_err(|fault| fault.below(&(self.at - 1).to_string()))
    }
}

/// The members of an object that are still to be read.
struct Object<'a> {
    members: serde_json::map::Iter<'a>,
    value: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Object<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.value = Some((name, value));
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let (name, value) = self.value.unwrap_or(("", &Value::Null));
        seed.deserialize(Reader(value)).map_err(|fault| fault.below(name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::{Deserialize, de::IgnoredAny};
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum State {
        Active,
        Failed { reason: String },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Name(String);

    #[derive(Debug, Default, Deserialize, PartialEq)]
    struct Texts {
        #[serde(default, alias = "values")]
        texts: Vec<String>,
        next: Option<u64>,
    }

    /// What serde_json makes of it is what we make of it.
    fn same<T: DeserializeOwned + fmt::Debug + PartialEq>(value: Value) {
        let text = value.to_string();
        assert_eq!(read::<T>(text.as_bytes()).ok(), serde_json::from_str(&text).ok(), "{text}");
    }

    fn message<T: DeserializeOwned + fmt::Debug>(text: &str) -> String {
        read::<T>(text.as_bytes()).unwrap_err().message
    }

    #[test]
    fn every_kind_of_value_is_read() {
        for value in [json!("a\u{e9}"), json!(7), json!(-7), json!(1.5), json!(true), json!(null)] {
            same::<String>(value.clone());
            same::<Option<u8>>(value.clone());
            same::<i64>(value.clone());
            same::<f64>(value.clone());
            same::<bool>(value.clone());
            same::<Name>(value.clone());
            same::<Value>(json!({"a": [value, {}]}));
        }
        same::<u8>(json!(256));
        same::<u128>(json!(u64::MAX));
        same::<char>(json!("a"));
        same::<(u8, String)>(json!([1, "a"]));
        same::<HashMap<String, Vec<i8>>>(json!({"a": [-1], "b": []}));
        same::<Texts>(json!({"values": ["a", "b"], "next": 7, "more": [null]}));
        same::<Texts>(json!({}));
        same::<State>(json!("active"));
        same::<State>(json!({"failed": {"reason": "x"}}));
        same::<State>(json!("other"));
        assert!(read::<IgnoredAny>(b"{}").is_ok());
    }

    #[test]
    fn an_error_tells_the_place() {
        assert_eq!(message::<Value>("{\n  x"), "key must be a string at line 2 column 3");
        assert_eq!(message::<u8>("256"), "expected u8");
        let list = r#"[{"texts": []}, {"texts": ["a", null]}]"#;
        let expected = "expected a string, found null at `/1/texts/1`";
        assert_eq!(message::<Vec<Texts>>(list), expected);
        let fault = message::<HashMap<String, Name>>(r#"{"a b": 1}"#);
        assert_eq!(fault, "expected a string, found a number at `/a b`");
        let fault = message::<HashMap<String, State>>(r#"{"a": {"failed": {}}}"#);
        assert_eq!(fault, "missing field `reason` at `/a`");
    }

    #[test]
    fn an_error_holds_nothing_of_the_text() {
        for text in [r#""secret""#, r#"["secret"]"#, r#"{"texts": "secret"}"#] {
            let fault = message::<Texts>(text);
            assert!(!fault.contains("secret"), "{fault}");
        }
    }
}
