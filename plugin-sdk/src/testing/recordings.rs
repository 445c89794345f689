//! What real vendors were asked and answered, played to a provider and to its simulator.

use std::cell::RefCell;

use serde::Deserialize;
use serde_json::Value;

use super::{
    conformance::{self, Bench, Settings},
    data::Data,
    local::Local,
    script,
    simulation::{Setup, Simulation},
    simulator::Simulator,
};
use crate::{
    error::{Error, ErrorKind},
    provider::Provider,
    types::{Request, Response},
};

/// One exchange with a real vendor, with names and identifiers of our own.
///
/// Identifiers are those of the simulator's account at the start: the zone `example.com.` has 10000,
/// its first TXT record 10001, each in the vendor's form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// What it shows.
    pub about: String,
    /// The TXT records that stand in `example.com.`: owner name, TTL, text.
    #[serde(default)]
    pub seed: Vec<(String, u32, String)>,
    /// True where the account does not hold `example.com.`.
    #[serde(default)]
    pub absent: bool,
    /// What was asked.
    pub request: RecordedRequest,
    /// What came back.
    pub answer: RecordedAnswer,
    /// What the provider has to make of the answer, where it is a refusal.
    #[serde(default)]
    pub kind: Option<ErrorKind>,
}

/// The request of a [`Recording`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRequest {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The whole URL with its query.
    pub url: String,
    /// Beside the credentials and the content type of a JSON body.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// JSON, or the text of another format.
    #[serde(default)]
    pub body: Value,
}

/// The answer of a [`Recording`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// JSON, or the text of another format.
    #[serde(default)]
    pub body: Value,
}

const OWNER: &str = "_acme-challenge.example.com.";
const VALUE: &str = "recorded-value";

/// Reads a file of recordings.
///
/// # Panics
/// When it is none.
#[expect(clippy::panic, reason = "a test fails by a panic")]
pub fn read(text: &str) -> Vec<Recording> {
    match serde_json::from_str(text) {
        Ok(recordings) => recordings,
        Err(error) => panic!("recordings: {error}"),
    }
}

/// Plays every recorded answer to the provider's `check`, `present` and `remove`: none may panic, a
/// refusal must get the kind that the recording names, and every answer must be asked for.
///
/// # Panics
/// When that is not so.
pub fn play_answers<P: Provider, S: Simulator>(manifest: &str, recordings: &[Recording]) {
    let settings = settings::<S>(manifest);
    for recording in recordings {
        let place = without_query(&recording.request.url);
        let answer = Response {
            status: recording.answer.status,
            headers: recording.answer.headers.clone(),
            body: octets(&recording.answer.body),
            options: Vec::new(),
        };
        let mut asked = false;
        let mut kinds = Vec::new();
        for operation in 0..4 {
            let met = RefCell::new(false);
            let bench = Local::<P, S>::answering(account(recording), |request| {
                let same = request.method == recording.request.method
                    && without_query(&request.url) == place
                    && same_action(request, &recording.request);
                // Once: what follows is up to the simulator.
                (same && !met.replace(true)).then(|| answer.clone())
            });
            let record = script::record(OWNER, VALUE);
            let errors: Vec<Error> = match operation {
                0 => bench.check(&settings).err().into_iter().collect(),
                1 => errors(bench.present(&settings, std::slice::from_ref(&record))),
                2 => errors(bench.remove(&settings, &[script::removal(OWNER, VALUE, None)])),
                _ => {
                    let handle = bench.present(&settings, std::slice::from_ref(&record)).pop();
                    let handle = handle.and_then(Result::ok).flatten();
                    errors(
                        bench
                            .remove(&settings, &[script::removal(OWNER, VALUE, handle.as_deref())]),
                    )
                }
            };
            if *met.borrow() {
                asked = true;
                kinds.extend(errors.into_iter().map(|error| error.kind));
            }
        }
        assert!(asked, "{}: the provider never asks that", recording.about);
        if let Some(kind) = recording.kind {
            assert!(
                kinds.contains(&kind),
                "{}: must be {kind}, and became {kinds:?}",
                recording.about
            );
        }
    }
}

/// Sends every recorded request to the simulator, credentials aside: it must answer as the vendor did.
///
/// # Panics
/// When that is not so.
pub fn play_requests<S: Simulator>(recordings: &[Recording]) {
    for recording in recordings {
        let RecordedRequest { method, url, headers, body } = recording.request.clone();
        let mut headers = headers;
        if matches!(body, Value::Object(_) | Value::Array(_)) {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = Request { method, url, headers, body: octets(&body), options: Vec::new() };
        let setup = Setup { data: account(recording), fault: None };
        let mut simulation = Simulation::<S>::new(setup);
        let answer = simulation.handle_unsigned(&request, script::NOW);
        let about = &recording.about;
        assert!(simulation.state().violations.is_empty(), "{about}: {:?}", simulation.state());
        let status = answer.map(|answer| answer.status);
        assert_eq!(status, Some(recording.answer.status), "{about}");
    }
}

/// Makes two tests of a file of recordings: the provider reads every answer, the simulator accepts
/// every request.
///
/// ```text
/// wildcert_plugin_sdk::recordings!(Exported, MANIFEST, simulator::Vendor);
/// ```
///
/// The file is `tests/recordings.json` beside the test file.
#[macro_export]
macro_rules! recordings {
    ($provider:ty, $manifest:expr, $simulator:ty) => {
        #[test]
        fn recorded_answers_are_understood() {
            let recordings =
                $crate::testing::recordings::read(include_str!("tests/recordings.json"));
            $crate::testing::recordings::play_answers::<$provider, $simulator>(
                $manifest,
                &recordings,
            );
        }

        #[test]
        fn recorded_requests_are_accepted() {
            let recordings =
                $crate::testing::recordings::read(include_str!("tests/recordings.json"));
            $crate::testing::recordings::play_requests::<$simulator>(&recordings);
        }
    };
}

/// `example.com.` with what the recording's vendor had in it.
fn account(recording: &Recording) -> Data {
    let mut data = Data::default();
    if recording.absent {
        return data;
    }
    let zone = data.add_zone("example.com.");
    for (owner, ttl, value) in &recording.seed {
        zone.add(owner, "TXT", *ttl, value);
    }
    data
}

fn settings<S: Simulator>(manifest: &str) -> Settings {
    conformance::settings(&conformance::read(manifest), &Simulation::<S>::facts())
}

fn errors<T>(results: Vec<Result<T, Error>>) -> Vec<Error> {
    results.into_iter().filter_map(Result::err).collect()
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Where one URL serves many operations, the operation is in the query or the body: those that name
/// one must name the same.
fn same_action(sent: &Request, recorded: &RecordedRequest) -> bool {
    let action = |url: &str, body: &[u8]| {
        let body = String::from_utf8_lossy(body);
        let begins = ["Action=", "Command=", "<methodName>"];
        let text = format!("{url}&{body}");
        begins.iter().find_map(|begin| {
            let (_, rest) = text.split_once(begin)?;
            Some(rest.split(['&', '<']).next().unwrap_or_default().to_owned())
        })
    };
    action(&sent.url, &sent.body) == action(&recorded.url, &octets(&recorded.body))
}

fn octets(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    }
}
