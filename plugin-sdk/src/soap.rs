//! SOAP 1.1, and the faults of 1.2.
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Result, xml::Element};
//! # fn zones(cx: &Context<'_>) -> Result<Vec<String>> {
//! let call = Element::new("getDomains").with("xmlns", "urn:dns.example").child(Element::leaf("page", "1"));
//! let request = cx.request("POST", "https://api.dns.example/soap").repeatable();
//! let answer = request.soap("urn:dns.example#getDomains", call).send()?.soap()?;
//! Ok(answer.all("domains/domain/name").map(|name| name.text.clone()).collect())
//! # }
//! ```

use crate::{
    error::{Error, Result},
    http::RequestBuilder,
    types::Response,
    xml::Element,
};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

impl RequestBuilder<'_> {
    /// An envelope around `call`, and the header `SOAPAction`.
    ///
    /// What is in `call` may use the prefixes `xsd` and `xsi` of XML Schema.
    #[must_use]
    pub fn soap(self, action: &str, call: Element) -> Self {
        let envelope = Element::new("soap:Envelope")
            .with("xmlns:soap", ENVELOPE)
            .with("xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
            .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
            .child(Element::new("soap:Body").child(call));
        self.header("soapaction", format!("\"{action}\"")).xml(&envelope)
    }
}

impl Response {
    /// What is in the envelope's body.
    ///
    /// # Errors
    /// `permanent` for a fault, with the vendor's code and words, and for a body that is no answer; the
    /// error that a status other than 2xx stands for, where no fault came with it.
    pub fn soap(self) -> Result<Element> {
        let root = self.xml();
        if let Ok(Some(fault)) = root.as_ref().map(|root| root.at("Body/Fault")) {
            let words = fault.text_at("faultstring").or_else(|| fault.text_at("Reason/Text"));
            let code = fault.text_at("faultcode").or_else(|| fault.text_at("Code/Value"));
            let (words, code) = (words.unwrap_or_default().trim(), code.unwrap_or_default().trim());
            let message = format!("{words} (fault {code})");
            return Err(Error { status: Some(self.status), ..Error::permanent(message) });
        }
        let answer = self.success(|_| None)?;
        let body = root?.children.into_iter().find(|child| child.name == "Body");
        let inside = body.and_then(|body| body.children.into_iter().next());
        inside.ok_or_else(|| answer.unreadable(Error::permanent("the answer is none of SOAP")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        ErrorKind,
        testing::{Exchange, FakeHost},
    };

    fn answered(status: u16, body: &str) -> Result<Element> {
        let body = body.as_bytes().to_vec();
        Response { status, headers: Vec::new(), body, options: Vec::new() }.soap()
    }

    fn envelope(body: &str) -> String {
        format!(
            "<S:Envelope xmlns:S=\"{ENVELOPE}\"><S:Header/><S:Body>{body}</S:Body></S:Envelope>"
        )
    }

    #[test]
    fn a_call_travels_in_an_envelope() {
        let call = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
            <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
            xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
            xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Body>\
            <find xmlns=\"urn:a\"><name>b</name></find></soap:Body></soap:Envelope>";
        let expected = Exchange::new("POST", "https://api.example/soap")
            .header("soapaction", "\"urn:a#find\"")
            .header("content-type", "text/xml; charset=utf-8")
            .json(Value::String(call.into()))
            .answer(200, envelope("<x:found xmlns:x=\"urn:a\"><id>7</id></x:found>"));
        let host = FakeHost::new([expected]);
        let found = host.call(&[], |cx| {
            let call =
                Element::new("find").with("xmlns", "urn:a").child(Element::leaf("name", "b"));
            cx.request("POST", "https://api.example/soap").soap("urn:a#find", call).send()?.soap()
        });
        assert_eq!(found.unwrap().text_at("id"), Some("7"));
        host.finish();
    }

    #[test]
    fn faults_of_both_versions_are_errors_in_the_vendors_words() {
        let old = "<S:Fault><faultcode>S:Client</faultcode><faultstring>no such zone</faultstring></S:Fault>";
        let error = answered(500, &envelope(old)).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Permanent, Some(500)));
        assert_eq!(error.message, "no such zone (fault S:Client)");
        let new = "<S:Fault><S:Code><S:Value>S:Sender</S:Value></S:Code>\
            <S:Reason><S:Text xml:lang=\"en\">bad name</S:Text></S:Reason></S:Fault>";
        assert_eq!(answered(400, &envelope(new)).unwrap_err().message, "bad name (fault S:Sender)");
    }

    #[test]
    fn what_is_no_envelope_is_an_error() {
        assert_eq!(answered(503, "<html>").unwrap_err().kind, ErrorKind::Transient);
        assert_eq!(answered(401, "").unwrap_err().kind, ErrorKind::Auth);
        assert!(answered(200, "<html>").unwrap_err().message.starts_with("unreadable XML"));
        assert_eq!(answered(200, &envelope("")).unwrap_err().message, "the answer is none of SOAP");
    }
}
