//! A host that follows a script.
#![expect(clippy::panic, reason = "a test that strays from its script must fail at that place")]

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    error::{Error, Result},
    host::{Config, Context, Host, Level},
    types::{Removal, Request, Response, TxtRecord},
};

/// The time of a [`FakeHost`], in milliseconds since 1970.
pub const NOW: u64 = 1_700_000_000_000;

/// One HTTP exchange that a test expects: what must be asked, and the answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<serde_json::Value>,
    answer: Response,
}

/// Answers one DNS message to the named server.
pub type DnsServer<'a> = dyn FnMut(&str, &[u8]) -> Result<Vec<u8>> + 'a;

/// A host that follows a script: anything asked beside it, in another order, with another URL, body
/// or header fails the test, and so does what was expected and never asked ([`FakeHost::finish`]).
#[derive(Default)]
pub struct FakeHost<'a> {
    script: RefCell<VecDeque<Exchange>>,
    dns: RefCell<Option<Box<DnsServer<'a>>>>,
    cache: RefCell<BTreeMap<String, String>>,
    log: RefCell<Vec<String>>,
}

impl Exchange {
    /// Expects a request without a body, and answers 200 with an empty body.
    pub fn new(method: &'static str, url: &str) -> Self {
        let answer =
            Response { status: 200, headers: Vec::new(), body: Vec::new(), options: Vec::new() };
        Self { method, url: url.to_owned(), headers: Vec::new(), body: None, answer }
    }

    /// Expects this header too.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Expects this JSON body.
    #[must_use]
    pub fn json(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Answers with this status and body.
    #[must_use]
    pub fn answer(mut self, status: u16, body: impl ToString) -> Self {
        self.answer.status = status;
        self.answer.body = body.to_string().into_bytes();
        self
    }

    /// Answers with this header too; `name` in lower case.
    #[must_use]
    pub fn answer_header(mut self, name: &str, value: &str) -> Self {
        self.answer.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl<'a> FakeHost<'a> {
    /// A host that expects these exchanges, in this order.
    pub fn new(script: impl IntoIterator<Item = Exchange>) -> Self {
        Self { script: RefCell::new(script.into_iter().collect()), ..Self::default() }
    }

    /// A host that hands DNS messages to `server`.
    pub fn with_dns(server: impl FnMut(&str, &[u8]) -> Result<Vec<u8>> + 'a) -> Self {
        Self { dns: RefCell::new(Some(Box::new(server))), ..Self::default() }
    }

    /// Runs `operation` with these settings.
    pub fn call<T>(
        &self,
        settings: &[(&str, &str)],
        operation: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        let options = settings.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let config = Config::new(options.collect());
        operation(&Context { host: self, config: &config })
    }

    /// The lines of the log so far.
    pub fn log_lines(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// Fails when something expected was never asked.
    pub fn finish(self) {
        if let Some(next) = self.script.borrow().front() {
            panic!("never asked: {} {}", next.method, next.url);
        }
    }
}

impl Host for FakeHost<'_> {
    fn send(&self, request: Request) -> Result<Response> {
        let asked = format!("{} {}", request.method, request.url);
        let Some(expected) = self.script.borrow_mut().pop_front() else {
            panic!("asked beyond the script: {asked}");
        };
        assert_eq!(asked, format!("{} {}", expected.method, expected.url));
        for (name, value) in &expected.headers {
            let sent = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            assert_eq!(sent.map(|(_, value)| value), Some(value), "header {name} of {asked}");
        }
        let body = (!request.body.is_empty()).then(|| {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
        });
        assert_eq!(body, expected.body, "body of {asked}");
        Ok(expected.answer)
    }

    fn exchange(&self, server: &str, message: &[u8]) -> Result<Vec<u8>> {
        match self.dns.borrow_mut().as_mut() {
            Some(dns) => dns(server, message),
            None => panic!("a DNS message to {server}, and no server in the script"),
        }
    }

    fn now(&self) -> u64 {
        NOW
    }

    fn sleep(&self, _: Duration) {}

    fn random(&self, length: usize) -> Vec<u8> {
        vec![7; length]
    }

    fn log(&self, level: Level, message: &str) {
        self.log.borrow_mut().push(format!("{}: {message}", level.as_str()));
    }

    fn cache_get(&self, key: &str) -> Option<String> {
        self.cache.borrow().get(key).cloned()
    }

    fn cache_put(&self, key: &str, value: &str, _: Duration) {
        self.cache.borrow_mut().insert(key.to_owned(), value.to_owned());
    }
}

/// A record of 120 s at `owner`, in the zone of its last two labels.
pub fn record(owner: &str, value: &str) -> TxtRecord {
    let labels: Vec<&str> = owner.trim_end_matches('.').rsplitn(3, '.').collect();
    let zone = match labels.as_slice() {
        [top, second, ..] => format!("{second}.{top}."),
        _ => owner.to_owned(),
    };
    TxtRecord {
        zone,
        owner: owner.to_owned(),
        value: value.to_owned(),
        ttl: 120,
        options: Vec::new(),
    }
}

/// The removal of [`record`].
pub fn removal(owner: &str, value: &str, handle: Option<&str>) -> Removal {
    Removal { record: record(owner, value), handle: handle.map(str::to_owned) }
}

/// The one error in `results`.
///
/// # Panics
/// When there is another number of them.
pub fn the_error<T>(results: Vec<Result<T>>) -> Error {
    let mut errors = results.into_iter().filter_map(Result::err);
    match (errors.next(), errors.next()) {
        (Some(error), None) => error,
        (None, _) => panic!("no error"),
        (Some(first), Some(second)) => panic!("several errors: {first}; {second}"),
    }
}
