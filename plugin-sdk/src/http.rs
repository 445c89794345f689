//! Building requests and reading answers.

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind, Result},
    host::Context,
    types::{Request, Response},
};

/// Signs the finished request at a time in milliseconds since 1970.
type Sign<'a> = dyn FnOnce(&mut Request, u64) + 'a;

/// The option of a [`Request`] that lets the host send it twice, with the value `true`.
pub const REPEATABLE: &str = "repeatable";

/// A request under construction; start with [`Context::request`].
pub struct RequestBuilder<'a> {
    cx: Context<'a>,
    request: Request,
    sign: Option<Box<Sign<'a>>>,
    /// Why there is no request to send.
    fault: Option<Error>,
}

impl<'a> Context<'a> {
    /// A request with `method` to the absolute `url`.
    pub fn request(&self, method: &str, url: impl Into<String>) -> RequestBuilder<'a> {
        let request = Request::new(method, url.into());
        RequestBuilder { cx: *self, request, sign: None, fault: None }
    }
}

impl<'a> RequestBuilder<'a> {
    /// Sets a header; an earlier one of that name goes.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request.set_header(name, value);
        self
    }

    /// `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// `Authorization: Basic …` (RFC 7617).
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = crate::encoding::base64(format!("{user}:{password}").as_bytes());
        self.header("authorization", format!("Basic {pair}"))
    }

    /// Adds a parameter to the URL's query, percent-encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let url = &mut self.request.url;
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&crate::encoding::form(&[(name, value)]));
        self
    }

    /// [`query`](Self::query), unless `value` is empty.
    #[must_use]
    pub fn query_unless_empty(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.query(name, value) }
    }

    /// Says that sending it twice does no harm, although its method is POST or PATCH: a look-up or a
    /// log-in.
    ///
    /// The host then sends it again after connection trouble, 502, 503 and 504, as it does GET, PUT and
    /// DELETE.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.request.options.retain(|(name, _)| name != REPEATABLE);
        self.request.options.push((REPEATABLE.to_owned(), "true".to_owned()));
        self
    }

    /// A body of any type; `content_type` as in `text/xml; charset=utf-8`.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.request.body = body.into();
        self.header("content-type", content_type)
    }

    /// A JSON body.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.request.body = body,
            Err(error) => self.fault = Some(Error::permanent(format!("unwritable JSON: {error}"))),
        }
        self.header("content-type", "application/json")
    }

    /// A form body (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.body("application/x-www-form-urlencoded", crate::encoding::form(fields))
    }

    /// Has `sign` put a signature into the request, just before it is sent: method, URL, headers and
    /// body are then final, and the time is the host's, in milliseconds since 1970.
    ///
    /// ```
    /// # use wildcert_plugin_sdk::{Context, Response, Result, hash};
    /// # fn example(cx: &Context<'_>, secret: &str) -> Result<Response> {
    /// cx.request("GET", "https://api.dns.example/v1/zones")
    ///     .signed(|request, now| {
    ///         let text = format!("{} {} {}", request.method, request.path(), now / 1000);
    ///         let signature = hash::hmac_sha256(secret.as_bytes(), text.as_bytes());
    ///         request.set_header("x-time", (now / 1000).to_string());
    ///         request.set_header("x-signature", hash::hex(&signature));
    ///     })
    ///     .send()
    /// # }
    /// ```
    #[must_use]
    pub fn signed(mut self, sign: impl FnOnce(&mut Request, u64) + 'a) -> Self {
        self.sign = Some(Box::new(sign));
        self
    }

    /// Sends it; any status is an answer.
    ///
    /// # Errors
    /// When no answer came, or the body could not be written.
    pub fn send(mut self) -> Result<Response> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if let Some(sign) = self.sign {
            sign(&mut self.request, self.cx.host.now());
        }
        self.cx.host.send(self.request)
    }
}

impl Request {
    fn new(method: &str, url: String) -> Self {
        let accept = ("accept".to_owned(), "application/json".to_owned());
        let (method, headers) = (method.to_owned(), vec![accept]);
        Self { method, url, headers, body: Vec::new(), options: Vec::new() }
    }

    /// The host of the URL, with its port unless that is the scheme's own: what the `host` header
    /// says.
    pub fn host(&self) -> &str {
        let (authority, ..) = self.parts();
        match self.url.split_once(':') {
            Some(("https", _)) => authority.strip_suffix(":443").unwrap_or(authority),
            Some(("http", _)) => authority.strip_suffix(":80").unwrap_or(authority),
            _ => authority,
        }
    }

    /// The path of the URL, at least `/`, percent-encoded as it is sent.
    pub fn path(&self) -> &str {
        match self.parts() {
            (_, "", _) => "/",
            (_, path, _) => path,
        }
    }

    /// The query of the URL without its `?`, percent-encoded as it is sent; empty for none.
    pub fn query(&self) -> &str {
        self.parts().2
    }

    /// Sets a header; an earlier one of that name goes.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.put_header(name, value.into());
    }

    /// Apart, so that its code is there once.
    fn put_header(&mut self, name: &str, value: String) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value));
    }

    /// Authority, path and query of the URL.
    fn parts(&self) -> (&str, &str, &str) {
        let url = self.url.split('#').next().unwrap_or_default();
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        (authority, path, query)
    }
}

impl Response {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The error of a body that is not what was expected: a vendor that fails may send anything.
    pub(crate) fn unreadable(&self, error: Error) -> Error {
        let kind = if self.status >= 500 { ErrorKind::Transient } else { error.kind };
        Error { kind, status: Some(self.status), ..error }
    }

    /// This answer when its status is 2xx, else the error that the status stands for.
    ///
    /// `message` finds the vendor's own words in the body; where it finds none, the start of the
    /// body serves.
    ///
    /// # Errors
    /// [`Error::from_status`], with the seconds of `retry-after` taken over.
    pub fn success(self, message: impl FnOnce(&Response) -> Option<String>) -> Result<Self> {
        if self.is_success() {
            return Ok(self);
        }
        Err(self.refusal(message(&self)))
    }

    fn refusal(&self, words: Option<String>) -> Error {
        let words = words.unwrap_or_else(|| self.excerpt());
        let mut error = Error::from_status(self.status, words);
        let seconds = self.header("retry-after").and_then(|value| value.trim().parse::<u64>().ok());
        error.retry_after_ms = seconds.map(|seconds| seconds.saturating_mul(1000));
        error
    }

    /// The first line of the body, cut to a readable length.
    fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        match text.trim().split(['\r', '\n']).next() {
            Some(line) if !line.is_empty() => line.chars().take(200).collect(),
            _ => "the answer has no body".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        ErrorKind,
        testing::{Exchange, FakeHost},
    };

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Response { status, headers: headers.collect(), body: body.into(), options: Vec::new() }
    }

    #[test]
    fn a_request_carries_what_it_was_given() {
        let expected = Exchange::new("POST", "https://api.example/v1?a=1%202&b=%26")
            .header("Authorization", "Basic dTpw")
            .header("accept", "text/plain")
            .header("content-type", "application/json")
            .json(json!({"value": "x"}))
            .answer(201, "{}");
        let host = FakeHost::new([expected]);
        let answer = host.call(&[], |cx| {
            let request = cx.request("POST", "https://api.example/v1").query("a", "1 2");
            let request = request.query("b", "&").bearer("old").basic("u", "p");
            request.header("Accept", "text/plain").json(&json!({"value": "x"})).send()
        });
        assert_eq!(answer.unwrap().status, 201);
        host.finish();
    }

    #[test]
    fn forms_are_bodies_too() {
        let expected = Exchange::new("POST", "https://api.example/")
            .header("content-type", "application/x-www-form-urlencoded")
            .json(Value::String("a=b%3D".into()));
        let host = FakeHost::new([expected]);
        host.call(&[], |cx| {
            cx.request("POST", "https://api.example/").form(&[("a", "b=")]).send().unwrap();
        });
        host.finish();
    }

    #[test]
    fn a_signature_is_made_over_the_finished_request() {
        let expected = Exchange::new("POST", "https://api.example/v1?a=b")
            .header("x-signed", "POST /v1 a=b x=y 1700000000000")
            .json(Value::String("x=y".into()))
            .answer(200, "");
        let host = FakeHost::new([expected]);
        host.call(&[], |cx| {
            let request = cx.request("POST", "https://api.example/v1").signed(|request, now| {
                let body = String::from_utf8_lossy(&request.body);
                let (method, path, query) = (&request.method, request.path(), request.query());
                let text = format!("{method} {path} {query} {body} {now}");
                request.set_header("x-signed", text);
            });
            request.query("a", "b").form(&[("x", "y")]).send().unwrap();
        });
        host.finish();
    }

    #[test]
    fn a_url_has_host_path_and_query() {
        for (url, host, path, query) in [
            ("https://a.example", "a.example", "/", ""),
            ("https://a.example:443/", "a.example", "/", ""),
            ("http://a.example:443?b=c/d#e", "a.example:443", "/", "b=c/d"),
            ("http://127.0.0.1:80/x/y?", "127.0.0.1", "/x/y", ""),
            ("https://a.example:8443/x?y=https://b/?", "a.example:8443", "/x", "y=https://b/?"),
        ] {
            let cx = FakeHost::default();
            let request = cx.call(&[], |cx| cx.request("GET", url).request);
            assert_eq!((request.host(), request.path(), request.query()), (host, path, query));
        }
    }

    #[test]
    fn repeatable_is_an_option_that_stands_once() {
        FakeHost::default().call(&[], |cx| {
            let request = cx.request("POST", "https://api.example/").repeatable().repeatable();
            assert_eq!(request.request.options, [("repeatable".to_owned(), "true".to_owned())]);
            let request = request.query_unless_empty("a", "").query_unless_empty("b", "1");
            assert_eq!(request.request.url, "https://api.example/?b=1");
        });
    }

    #[test]
    fn the_vendors_words_are_found_by_pointer() {
        let answer = answer(400, &[], r#"{"errors": [{"message": "no", "code": 7, "more": {}}]}"#);
        assert_eq!(answer.text_at("/errors/0/message").as_deref(), Some("no"));
        assert_eq!(answer.text_at("/errors/0/code").as_deref(), Some("7"));
        assert_eq!(answer.text_at("/errors/0/more"), None);
        assert_eq!(answer.text_at("/errors/1/message"), None);
    }

    #[test]
    fn a_body_that_cannot_be_written_is_not_sent() {
        let keys_are_lists = std::collections::BTreeMap::from([(vec![1], 1)]);
        let host = FakeHost::default();
        let sent = host.call(&[], |cx| {
            cx.request("POST", "https://api.example/").json(&keys_are_lists).send()
        });
        assert_eq!(sent.unwrap_err().kind, ErrorKind::Permanent);
    }

    #[test]
    fn a_refusal_keeps_status_words_and_delay() {
        let error = answer(429, &[("retry-after", "7")], "slow down\nplease")
            .success(|_| None)
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::RateLimited);
        assert_eq!((error.status, error.retry_after_ms), (Some(429), Some(7000)));
        assert_eq!(error.to_string(), "slow down (status 429)");
        let error = answer(400, &[], "{}").success(|_| Some("own words".into())).unwrap_err();
        assert_eq!(error.message, "own words");
        let error = answer(500, &[], " ").success(|_| None).unwrap_err();
        assert_eq!(error.message, "the answer has no body");
        assert!(answer(204, &[], "").success(|_| None).is_ok());
    }

    #[test]
    fn unreadable_json_is_permanent_unless_the_vendor_fails() {
        assert_eq!(
            answer(200, &[], "<html>").json::<Value>().unwrap_err().kind,
            ErrorKind::Permanent
        );
        assert_eq!(
            answer(502, &[], "<html>").json::<Value>().unwrap_err().kind,
            ErrorKind::Transient
        );
        assert_eq!(answer(200, &[], "[1]").json::<Vec<u8>>(), Ok(vec![1]));
    }
}
