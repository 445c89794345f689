//! Validation of challenges by DNS queries (RFC 8555 §8.4).

use std::net::SocketAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, RecordType};

use super::authorization::txt_proof;
use super::problem::{Problem, ProblemType};
use super::state::ChallengeType;
use crate::dns::{DnsServer, absolute_name, query, txt_value};

/// Where the CA asks: the sandbox's server for its zones, else a recursive resolver.
pub(super) struct Resolver {
    dns: DnsServer,
    recursive: Option<SocketAddr>,
}

impl Resolver {
    pub(super) fn new(dns: DnsServer, recursive: Option<SocketAddr>) -> Self {
        Self { dns, recursive }
    }

    /// All TXT records at a name, behind whatever CNAME records lead there.
    async fn txt(&self, name: &str) -> Result<Vec<TXT>, Problem> {
        let mut at = absolute_name(name)
            .map_err(|error| dns_problem(format!("`{name}` is no domain name: {error}")))?;
        for _ in 0..=MAX_ALIASES {
            let answer = self.ask(&at).await?;
            let end = follow(&answer, &at);
            let records: Vec<TXT> = answer
                .answers
                .iter()
                .filter(|record| record.name == end)
                .filter_map(|record| match &record.data {
                    RData::TXT(txt) => Some(txt.clone()),
                    _ => None,
                })
                .collect();
            // An alias into foreign zones is not followed by the server: ask for its target.
            if !records.is_empty() || end == at {
                return Ok(records);
            }
            at = end;
        }
        Err(dns_problem(format!("more than {MAX_ALIASES} CNAME records follow `{name}`")))
    }

    async fn ask(&self, name: &Name) -> Result<Message, Problem> {
        let server = if self.dns.serves(name) {
            self.dns.address()
        } else {
            self.recursive.ok_or_else(|| {
                dns_problem(format!("`{name}` is in no zone of the sandbox, which has no resolver"))
            })?
        };
        let answer = query(server, name, RecordType::TXT)
            .await
            .map_err(|error| dns_problem(format!("TXT query for `{name}` to {server}: {error}")))?;
        match answer.metadata.response_code {
            ResponseCode::NoError => Ok(answer),
            code => Err(dns_problem(format!("TXT query for `{name}` to {server}: {code}"))),
        }
    }
}

/// Validates one challenge.
pub(super) async fn validate(
    resolver: &Resolver,
    kind: ChallengeType,
    name: &str,
    key_authorization: &str,
) -> Result<(), Problem> {
    if kind == ChallengeType::Http01 {
        let detail = "the sandbox validates dns-01 challenges only";
        return Err(Problem::new(ProblemType::Connection, detail));
    }
    let owner = format!("_acme-challenge.{name}");
    let expected = txt_proof(key_authorization);
    let found = resolver.txt(&owner).await?;
    if found.iter().any(|txt| txt.txt_data.concat() == expected.as_bytes()) {
        return Ok(());
    }
    if found.is_empty() {
        return Err(Problem::unauthorized(format!("no TXT record found at {owner}")));
    }
    let values: Vec<String> = found.iter().map(|txt| format!("`{}`", txt_value(txt))).collect();
    let values = values.join(", ");
    Err(Problem::unauthorized(format!("only TXT records of other values at {owner}: {values}")))
}

/// Where the CNAME records of an answer lead.
fn follow(answer: &Message, from: &Name) -> Name {
    let mut at = from.clone();
    // Each record can be used once only, so the walk ends.
    for _ in 0..answer.answers.len() {
        let next = answer.answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == at => Some(target.0.clone()),
            _ => None,
        });
        match next {
            Some(target) => at = target,
            None => break,
        }
    }
    at
}

fn dns_problem(detail: String) -> Problem {
    Problem::new(ProblemType::Dns, detail)
}

/// How many times the CA asks anew for the target of a CNAME record.
const MAX_ALIASES: usize = 8;
