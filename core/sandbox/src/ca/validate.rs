//! Validation of challenges by DNS queries (RFC 8555 §8.4).

use std::net::SocketAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{CAA, TXT};
use hickory_proto::rr::{Name, RData, RecordType};

use super::authorization::txt_proof;
use super::caa;
use super::identifier::Identifier;
use super::problem::Problem;
use super::problem_type::ProblemType;
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

    /// Whether there is a server to ask about a name.
    pub(super) fn reaches(&self, name: &Name) -> bool {
        self.recursive.is_some() || self.dns.serves(name)
    }

    /// All CAA records at a name; none where it does not exist.
    pub(super) async fn caa(&self, name: &Name) -> Result<Vec<CAA>, Problem> {
        // An authoritative server in the resolver's place refuses the names above its zones.
        let fine = [ResponseCode::NoError, ResponseCode::NXDomain, ResponseCode::Refused];
        let pick = |data: &RData| match data {
            RData::CAA(caa) => Some(caa.clone()),
            _ => None,
        };
        self.records(name.clone(), RecordType::CAA, &fine, pick).await
    }

    /// All TXT records at a name, which has to exist.
    async fn txt(&self, name: &str) -> Result<Vec<TXT>, Problem> {
        let at = absolute_name(name)
            .map_err(|error| dns_problem(format!("`{name}` is no domain name: {error}")))?;
        let pick = |data: &RData| match data {
            RData::TXT(txt) => Some(txt.clone()),
            _ => None,
        };
        self.records(at, RecordType::TXT, &[ResponseCode::NoError], pick).await
    }

    /// The records at a name, behind whatever CNAME records lead there.
    async fn records<T>(
        &self,
        name: Name,
        rtype: RecordType,
        fine: &[ResponseCode],
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, Problem> {
        let mut at = name.clone();
        for _ in 0..=MAX_ALIASES {
            let answer = self.ask(&at, rtype, fine).await?;
            let end = follow(&answer, &at);
            let records = answer.answers.iter().filter(|record| record.name == end);
            let records: Vec<T> = records.filter_map(|record| pick(&record.data)).collect();
            // An alias into foreign zones is not followed by the server: ask for its target.
            if !records.is_empty() || end == at {
                return Ok(records);
            }
            at = end;
        }
        Err(dns_problem(format!("more than {MAX_ALIASES} CNAME records follow `{name}`")))
    }

    async fn ask(
        &self,
        name: &Name,
        rtype: RecordType,
        fine: &[ResponseCode],
    ) -> Result<Message, Problem> {
        let server = if self.dns.serves(name) {
            self.dns.address()
        } else {
            self.recursive.ok_or_else(|| {
                dns_problem(format!("`{name}` is in no zone of the sandbox, which has no resolver"))
            })?
        };
        let asked = format!("{rtype} query for `{name}` to {server}");
        let answer = query(server, name, rtype)
            .await
            .map_err(|error| dns_problem(format!("{asked}: {error}")))?;
        let code = answer.metadata.response_code;
        if fine.contains(&code) { Ok(answer) } else { Err(dns_problem(format!("{asked}: {code}"))) }
    }
}

/// Validates one challenge, and that CAA records permit the issuance.
pub(super) async fn validate(
    resolver: &Resolver,
    kind: ChallengeType,
    identifier: &Identifier,
    key_authorization: &str,
    account_url: &str,
) -> Result<(), Problem> {
    if kind == ChallengeType::Http01 {
        let detail = "the sandbox validates dns-01 challenges only";
        return Err(Problem::new(ProblemType::Connection, detail));
    }
    let owner = format!("_acme-challenge.{}", identifier.base);
    let expected = txt_proof(key_authorization);
    let found = resolver.txt(&owner).await?;
    if found.iter().any(|txt| txt.txt_data.concat() == expected.as_bytes()) {
        return caa::check(resolver, identifier, account_url).await;
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
