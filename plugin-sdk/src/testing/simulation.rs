//! A simulator at work: its data, the faults that a trial puts in its way, and what went wrong.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    conformance::Trial,
    data::Data,
    simulator::{Answer, Call, Simulator},
};
use crate::types::{Request, Response};

/// So many milliseconds may lie between two readings of the clock.
const CLOCKS: u64 = 20;

/// What a trial starts with.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Setup {
    /// The account's zones and records.
    pub data: Data,
    /// What goes wrong on the way.
    pub fault: Option<Fault>,
}

/// What goes wrong once between provider and vendor.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The first request is refused with 429 and a `Retry-After` of so many seconds, which must pass
    /// before the next.
    TooManyRequests(u64),
    /// The first request gets status 503 twice.
    Unavailable,
    /// Every request that would change something gets status 500 and changes nothing.
    RefusedWrites,
    /// The first answer ends half way through its body.
    Broken,
    /// The first request that changes something is carried out, and its answer never arrives.
    Lost,
    /// The first request is redirected to another server.
    Redirect,
    /// Just before the first request that changes something, somebody else makes the account this
    /// one.
    Overtaken(Data),
}

/// What a simulation has come to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct State {
    /// The account's zones and records.
    pub data: Data,
    /// What the provider did that none may do.
    pub violations: Vec<String>,
    /// Method and URL of every request, without queries.
    pub requests: Vec<String>,
    /// Whether the fault has happened.
    pub fault_happened: bool,
}

/// What a simulator says of itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Facts {
    /// [`Simulator::SETTINGS`].
    pub settings: Vec<(String, String)>,
    /// [`Simulator::REFUSED`].
    pub refused: Vec<(String, String)>,
    /// [`Simulator::EXCEPTIONS`].
    pub exceptions: Vec<(Trial, String)>,
}

/// A simulator at work.
pub struct Simulation<S> {
    simulator: S,
    state: State,
    fault: Option<Fault>,
    /// Whether credentials are looked at.
    signed: bool,
    /// How often the fault has shown itself.
    shown: u32,
    /// No request may come before this time, in milliseconds since 1970.
    silence_until: u64,
}

impl<S: Simulator> Simulation<S> {
    /// A new simulator with this setup.
    pub fn new(setup: Setup) -> Self {
        let Setup { data, fault } = setup;
        let state =
            State { data, violations: Vec::new(), requests: Vec::new(), fault_happened: false };
        Self { simulator: S::default(), state, fault, signed: true, shown: 0, silence_until: 0 }
    }

    /// What it has come to.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the simulator says of itself.
    pub fn facts() -> Facts {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let exceptions = S::EXCEPTIONS.iter();
        Facts {
            settings: owned(S::SETTINGS),
            refused: owned(S::REFUSED),
            exceptions: exceptions.map(|(trial, why)| (*trial, (*why).to_owned())).collect(),
        }
    }

    /// Answers a request that arrives at `now`, in milliseconds since 1970; none when the answer gets
    /// lost on the way.
    pub fn handle(&mut self, request: &Request, now: u64) -> Option<Response> {
        let place = request.url.split(['?', '#']).next().unwrap_or_default();
        self.state.requests.push(format!("{} {place}", request.method));
        if now + CLOCKS < self.silence_until {
            self.state.violations.push(format!(
                "{} {place}: {} ms before the wait that Retry-After asked for was over",
                request.method,
                self.silence_until - now
            ));
        }
        if let Some(answer) = self.in_place_of_the_vendor(now) {
            self.state.fault_happened = true;
            return Some(answer.into());
        }
        let before = self.state.data.clone();
        let mut answer = match Call::new(request, now) {
            Ok(call) => self.ask(&call),
            Err(answer) => answer,
        };
        self.state.violations.extend(answer.violation.take());
        let wrote = self.state.data != before;
        match &self.fault {
            Some(Fault::Overtaken(theirs)) if wrote && self.shown == 0 => {
                self.state.data = theirs.clone();
                answer = Call::new(request, now).map_or_else(|e| e, |call| self.ask(&call));
                self.state.violations.extend(answer.violation.take());
            }
            Some(Fault::RefusedWrites) if wrote => {
                self.state.data = before;
                answer = Answer::json(500, json!({"message": "Internal Server Error"}));
            }
            Some(Fault::Broken) if self.shown == 0 && answer.body.len() > 1 => {
                answer.body.truncate(answer.body.len() / 2);
            }
            Some(Fault::Lost) if wrote && self.shown == 0 => {
                self.shown = 1;
                self.state.fault_happened = true;
                return None;
            }
            _ => return Some(answer.into()),
        }
        self.shown += 1;
        self.state.fault_happened = true;
        Some(answer.into())
    }

    /// [`handle`](Self::handle) for a request whose credentials are not looked at.
    pub fn handle_unsigned(&mut self, request: &Request, now: u64) -> Option<Response> {
        self.signed = false;
        self.handle(request, now)
    }

    fn ask(&mut self, call: &Call) -> Answer {
        let allowed = if self.signed { self.simulator.authorize(call) } else { Ok(()) };
        let answer = allowed.and_then(|()| self.simulator.answer(call, &mut self.state.data));
        answer.unwrap_or_else(|refusal| refusal)
    }

    /// The fault's own answer, where it is its turn.
    fn in_place_of_the_vendor(&mut self, now: u64) -> Option<Answer> {
        let (most, answer) = match self.fault {
            Some(Fault::TooManyRequests(seconds)) => {
                let answer = Answer::text(429, "text/html", "<h1>Too Many Requests</h1>");
                (1, answer.header("retry-after", seconds.to_string()))
            }
            Some(Fault::Unavailable) => {
                (2, Answer::text(503, "text/html", "<h1>Service Unavailable</h1>"))
            }
            Some(Fault::Redirect) => {
                let answer = Answer::text(302, "text/html", "<h1>Found</h1>");
                (1, answer.header("location", "https://elsewhere.example/"))
            }
            _ => return None,
        };
        if self.shown >= most {
            return None;
        }
        self.shown += 1;
        if let Some(Fault::TooManyRequests(seconds)) = self.fault {
            self.silence_until = now + seconds * 1000;
        }
        Some(answer)
    }
}
