//! XML-RPC, with its values as JSON ones.
//!
//! `string`, `int`, `double`, `boolean`, `array`, `struct` and `nil` are what JSON calls them;
//! `dateTime.iso8601` and `base64` are read as texts, in the form in which they came. A call that only
//! reads is [`repeatable`](RequestBuilder::repeatable).
//!
//! ```
//! # use serde_json::json;
//! # use wildcert_plugin_sdk::{Context, Result};
//! # fn zones(cx: &Context<'_>) -> Result<Vec<String>> {
//! let request = cx.request("POST", "https://api.dns.example/rpc").repeatable();
//! let answer = request.xmlrpc("domain.list", &[json!({"page": 1})]).send()?.xmlrpc()?;
//! let names = answer["domains"].as_array().into_iter().flatten();
//! Ok(names.filter_map(|name| name.as_str().map(str::to_owned)).collect())
//! # }
//! ```

use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    http::RequestBuilder,
    types::Response,
    xml::Element,
};

impl RequestBuilder<'_> {
    /// The body of a call of `method` with these parameters.
    #[must_use]
    pub fn xmlrpc(self, method: &str, parameters: &[Value]) -> Self {
        let parameter = |value| Element::new("param").child(written(value));
        let children = parameters.iter().map(parameter).collect();
        let parameters = Element { children, ..Element::new("params") };
        let name = Element::leaf("methodName", method);
        self.xml(&Element::new("methodCall").child(name).child(parameters))
    }
}

impl Response {
    /// What the call returned.
    ///
    /// # Errors
    /// `permanent` for a fault, with the vendor's code and words, and for a body that is no answer; the
    /// error that a status other than 2xx stands for.
    pub fn xmlrpc(self) -> Result<Value> {
        let answer = self.success(|_| None)?;
        let root = answer.xml()?;
        if let Some(fault) = root.at("fault/value") {
            let fault = read(fault)?;
            let code = &fault["faultCode"];
            let words = fault["faultString"].as_str().unwrap_or_default().trim();
            return Err(Error::permanent(format!("{words} (fault {code})")));
        }
        match root.at("params/param/value") {
            Some(value) => read(value),
            None => Err(answer.unreadable(Error::permanent("the answer is none of XML-RPC"))),
        }
    }
}

fn written(value: &Value) -> Element {
    let typed = match value {
        Value::Null => Element::new("nil"),
        Value::Bool(value) => Element::leaf("boolean", if *value { "1" } else { "0" }),
        Value::Number(number) if number.is_f64() => Element::leaf("double", &number.to_string()),
        Value::Number(number) => Element::leaf("int", &number.to_string()),
        Value::String(text) => Element::leaf("string", text),
        Value::Array(values) => {
            let data =
                Element { children: values.iter().map(written).collect(), ..Element::new("data") };
            Element::new("array").child(data)
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                Element::new("member").child(Element::leaf("name", name)).child(written(value))
            };
            Element { children: members.iter().map(member).collect(), ..Element::new("struct") }
        }
    };
    Element::new("value").child(typed)
}

fn read(value: &Element) -> Result<Value> {
    // Without a type it is a string.
    let Some(typed) = value.children.first() else {
        return Ok(Value::String(value.text.clone()));
    };
    let text = typed.text.trim();
    let unreadable =
        || Error::permanent(format!("the answer has `{text}` as a value of `{}`", typed.name));
    Ok(match typed.name.as_str() {
        "string" => Value::String(typed.text.clone()),
        "dateTime.iso8601" | "base64" => Value::String(text.to_owned()),
        "int" | "i1" | "i2" | "i4" | "i8" => {
            Value::from(text.parse::<i64>().map_err(|_| unreadable())?)
        }
        "double" | "float" => Value::from(text.parse::<f64>().map_err(|_| unreadable())?),
        "boolean" => match text {
            "1" | "true" => Value::Bool(true),
            "0" | "false" => Value::Bool(false),
            _ => return Err(unreadable()),
        },
        "nil" => Value::Null,
        "array" => Value::Array(typed.all("data/value").map(read).collect::<Result<_>>()?),
        "struct" => {
            let mut members = Map::new();
            for member in typed.all("member") {
                let value = member.at("value").ok_or_else(unreadable)?;
                members.insert(member.require("name")?.to_owned(), read(value)?);
            }
            Value::Object(members)
        }
        _ => return Err(unreadable()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        ErrorKind,
        testing::{Exchange, FakeHost},
    };

    fn answered(status: u16, body: &str) -> Result<Value> {
        let body = body.as_bytes().to_vec();
        Response { status, headers: Vec::new(), body, options: Vec::new() }.xmlrpc()
    }

    fn returned(value: &str) -> Result<Value> {
        let body = format!(
            "<?xml version='1.0'?>\n<methodResponse>\n <params>\n  <param>\n   <value>{value}</value>\
             \n  </param>\n </params>\n</methodResponse>"
        );
        answered(200, &body)
    }

    #[test]
    fn a_call_is_written_and_its_answer_read() {
        let call = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>a.b</methodName>\
            <params><param><value><string>x&lt;y</string></value></param><param><value><struct><member>\
            <name>list</name><value><array><data><value><int>-1</int></value><value><double>1.5</double>\
            </value><value><boolean>1</boolean></value><value><nil/></value></data></array></value>\
            </member></struct></value></param></params></methodCall>";
        let expected = Exchange::new("POST", "https://api.example/rpc")
            .header("content-type", "text/xml; charset=utf-8")
            .json(Value::String(call.into()))
            .answer(200, "<methodResponse><params><param><value>ok</value></param></params></methodResponse>");
        let host = FakeHost::new([expected]);
        let value = host.call(&[], |cx| {
            let parameters = [json!("x<y"), json!({"list": [-1, 1.5, true, null]})];
            cx.request("POST", "https://api.example/rpc")
                .xmlrpc("a.b", &parameters)
                .send()?
                .xmlrpc()
        });
        assert_eq!(value, Ok(json!("ok")));
        host.finish();
    }

    #[test]
    fn every_type_is_read() {
        for (value, expected) in [
            ("<string> a </string>", json!(" a ")),
            ("plain", json!("plain")),
            ("<i4>7</i4>", json!(7)),
            ("\n <int> -7 </int>\n", json!(-7)),
            ("<i8>4294967296</i8>", json!(4_294_967_296_u64)),
            ("<double>0.5</double>", json!(0.5)),
            ("<boolean>0</boolean>", json!(false)),
            ("<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>", json!("20260102T03:04:05")),
            ("<base64>\nYQ==\n</base64>", json!("YQ==")),
            ("<nil/>", json!(null)),
            ("<array><data/></array>", json!([])),
            (
                "<array><data> <value>a</value> <value><int>1</int></value> </data></array>",
                json!(["a", 1]),
            ),
            ("<struct><member><name>a</name><value>b</value></member></struct>", json!({"a": "b"})),
        ] {
            assert_eq!(returned(value), Ok(expected), "{value}");
        }
        for broken in
            ["<int>x</int>", "<boolean>2</boolean>", "<strange/>", "<struct><member/></struct>"]
        {
            assert_eq!(returned(broken).unwrap_err().kind, ErrorKind::Permanent, "{broken}");
        }
    }

    #[test]
    fn a_fault_is_an_error_in_the_vendors_words() {
        let fault = "<methodResponse><fault><value><struct>\
            <member><name>faultCode</name><value><int>4</int></value></member>\
            <member><name>faultString</name><value><string>Too many parameters.</string></value></member>\
            </struct></value></fault></methodResponse>";
        let error = answered(200, fault).unwrap_err();
        assert_eq!(
            (error.kind, &*error.message),
            (ErrorKind::Permanent, "Too many parameters. (fault 4)")
        );
        assert_eq!(answered(503, fault).unwrap_err().kind, ErrorKind::Transient);
        assert_eq!(answered(200, "<html/>").unwrap_err().message, "the answer is none of XML-RPC");
        assert!(answered(200, "<html>").unwrap_err().message.starts_with("unreadable XML"));
    }
}
