//! Waits until every authoritative server answers with the values.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{sleep, timeout};

use crate::dns::{Dns, Server};
use crate::error::Error;
use crate::name::{OwnerName, ZoneName};
use crate::report::{Lacking, ServerReport};
use crate::wire::{Code, Data, Failure, Kind, Reply};

/// The values that must appear at one owner name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expected {
    /// The owner name of the TXT records, after CNAMEs: a [`Location`](crate::Location)'s target.
    pub owner: OwnerName,
    /// The zone it lies in.
    pub zone: ZoneName,
    /// The servers that must have the values.
    pub servers: Vec<Server>,
    /// The values; others at the name do not matter.
    pub values: BTreeSet<String>,
}

/// What one look at one server showed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// The zone of the owner name.
    pub zone: ZoneName,
    /// The owner name asked about.
    pub owner: OwnerName,
    /// The server asked.
    pub server: Server,
    /// How many of the expected values it has.
    pub found: usize,
    /// How many values are expected.
    pub wanted: usize,
    /// Whether it has them all; it is not asked again then.
    pub complete: bool,
    /// The answer for people: `1 of 2 values`, `NXDOMAIN, SOA serial 7`, `REFUSED`, `timed out`.
    pub answer: String,
}

impl Dns {
    /// Returns as soon as every server of every expectation has all its values.
    ///
    /// Each server is asked directly, without recursion: at once, and then at intervals from 100 ms
    /// growing to 5 s until it has the values. `seen` is told of every look. An address to which
    /// the operating system has no way (IPv6 where there is none) is waited for only while no other
    /// server has the values of the name; it keeps being asked meanwhile, and `seen` hears of it.
    /// A server that refuses, fails or stays silent is always waited for, since the certificate
    /// authority may ask it.
    ///
    /// # Errors
    /// [`Error::Propagation`] after `limit`, with one line per server; [`Error::NoServers`] when
    /// an expectation has none.
    pub async fn wait(
        &self,
        expected: &[Expected],
        limit: Duration,
        seen: impl Fn(&Sighting) + Send + Sync,
    ) -> Result<(), Error> {
        let mut watches = Vec::new();
        for (name, expectation) in expected.iter().enumerate() {
            if expectation.servers.is_empty() {
                let reason = "none was found".to_owned();
                return Err(Error::NoServers { zone: expectation.zone.clone(), reason });
            }
            let servers = expectation.servers.iter();
            watches.extend(servers.map(|server| Watch { name, expectation, server, look: None }));
        }
        if watches.is_empty() {
            return Ok(());
        }
        let all_seen = timeout(limit, self.watch(&mut watches, seen)).await;
        all_seen.map_err(|_| Error::Propagation { limit, servers: reports(&watches) })
    }

    /// The TXT values at the name, as one server has them; none when the name does not exist.
    ///
    /// The character-strings of a record are joined to one value.
    ///
    /// # Errors
    /// [`Error::NoAnswer`] when the server gives none, or another response code.
    pub async fn txt(&self, server: &Server, owner: &OwnerName) -> Result<Vec<String>, Error> {
        let said = match self.exchange(server, owner, Kind::Txt, false).await {
            Ok(Reply { code: Code::Other(code), .. }) => code,
            Ok(reply) => return Ok(values(owner, reply)),
            Err(failure) => failure.to_string(),
        };
        let (kind, tried) = (Kind::Txt.to_string(), vec![format!("{server}: {said}")]);
        Err(Error::NoAnswer { owner: owner.clone(), kind, tried })
    }

    /// Looks at all servers side by side, each at its own pace, until nothing is left to see.
    async fn watch(&self, watches: &mut [Watch<'_>], seen: impl Fn(&Sighting) + Send + Sync) {
        let mut looks: FuturesUnordered<_> = watches
            .iter()
            .enumerate()
            .map(|(index, watch)| self.look(index, watch.expectation, watch.server, None))
            .collect();
        while let Some((index, pause, seen_now)) = looks.next().await {
            let Some(watch) = watches.get_mut(index) else { continue };
            seen(&watch.sighting(&seen_now));
            let is_complete = seen_now.missing.is_empty();
            watch.look = Some(seen_now);
            if !is_complete {
                let pause = pause.map_or(FIRST_PAUSE, |pause| (pause * 3 / 2).min(LONGEST_PAUSE));
                looks.push(self.look(index, watch.expectation, watch.server, Some(pause)));
            }
            if is_settled(watches) {
                return;
            }
        }
    }

    /// Looks after the pause, and hands back what the caller needs to arrange the next look.
    async fn look(
        &self,
        index: usize,
        expectation: &Expected,
        server: &Server,
        pause: Option<Duration>,
    ) -> (usize, Option<Duration>, Look) {
        if let Some(pause) = pause {
            sleep(pause).await;
        }
        let result = self.exchange(server, &expectation.owner, Kind::Txt, false).await;
        (index, pause, Look::new(expectation, result))
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// One owner name at one server.
struct Watch<'a> {
    /// Which expectation it is; two may be for the same owner name.
    name: usize,
    expectation: &'a Expected,
    server: &'a Server,
    look: Option<Look>,
}

/// What came of the last question.
struct Look {
    answer: String,
    answered: bool,
    unreachable: bool,
    missing: Vec<String>,
}

impl Watch<'_> {
    fn is_complete(&self) -> bool {
        self.look.as_ref().is_some_and(|look| look.missing.is_empty())
    }

    fn is_unreachable(&self) -> bool {
        self.look.as_ref().is_some_and(|look| look.unreachable)
    }

    fn sighting(&self, look: &Look) -> Sighting {
        let wanted = self.expectation.values.len();
        Sighting {
            zone: self.expectation.zone.clone(),
            owner: self.expectation.owner.clone(),
            server: self.server.clone(),
            found: wanted - look.missing.len(),
            wanted,
            complete: look.missing.is_empty(),
            answer: look.answer.clone(),
        }
    }

    fn lacking(&self) -> Lacking {
        let owner = self.expectation.owner.clone();
        match &self.look {
            Some(look) => Lacking {
                owner,
                answer: look.answer.clone(),
                answered: look.answered,
                missing: look.missing.clone(),
            },
            None => Lacking {
                owner,
                answer: "no answer yet".to_owned(),
                answered: false,
                missing: self.expectation.values.iter().cloned().collect(),
            },
        }
    }
}

impl Look {
    fn new(expectation: &Expected, result: Result<Reply, Failure>) -> Self {
        let (values, answer, unreachable) = match result {
            Ok(reply) => {
                let answer = Answer::new(&expectation.owner, &reply);
                (values(&expectation.owner, reply), answer, false)
            }
            Err(failure) => {
                let unreachable = matches!(failure, Failure::Unreachable(_));
                (Vec::new(), Answer::None(failure.to_string()), unreachable)
            }
        };
        let missing: Vec<String> =
            expectation.values.iter().filter(|value| !values.contains(value)).cloned().collect();
        let wanted = expectation.values.len();
        let count = format!("{} of {wanted} values", wanted - missing.len());
        let (answer, answered) = match answer {
            Answer::Records => (count, true),
            Answer::Negative(text) => (text, true),
            Answer::None(text) => (text, false),
        };
        Self { answer, answered, unreachable, missing }
    }
}

/// What kind of answer a reply is.
enum Answer {
    /// TXT records, to be counted.
    Records,
    /// The server knows about the name that there are none.
    Negative(String),
    /// Nothing about the name.
    None(String),
}

impl Answer {
    fn new(owner: &OwnerName, reply: &Reply) -> Self {
        if let Code::Other(code) = &reply.code {
            return Self::None(code.clone());
        }
        let at_owner = reply.answers.iter().filter(|record| record.owner == owner.as_str());
        for record in at_owner {
            match &record.data {
                Data::Txt(_) => return Self::Records,
                Data::Cname(target) => {
                    let text = format!("a CNAME record to `{target}` in place of TXT records");
                    return Self::Negative(text);
                }
                _ => {}
            }
        }
        let what = if reply.code == Code::NxDomain { "NXDOMAIN" } else { "no TXT records" };
        let serial = reply.authority.iter().find_map(|record| match record.data {
            Data::Soa { serial } => Some(serial),
            _ => None,
        });
        match serial {
            Some(serial) => Self::Negative(format!("{what}, SOA serial {serial}")),
            // No negative answer of an authoritative server comes without SOA (RFC 2308 §3).
            None => Self::None(format!("{what}, and no SOA record")),
        }
    }
}

fn values(owner: &OwnerName, reply: Reply) -> Vec<String> {
    let at_owner = reply.answers.into_iter().filter(|record| record.owner == owner.as_str());
    at_owner
        .filter_map(|record| match record.data {
            Data::Txt(value) => Some(value),
            _ => None,
        })
        .collect()
}

/// Whether nothing is left to wait for; see [`Dns::wait`] on addresses out of reach.
fn is_settled(watches: &[Watch<'_>]) -> bool {
    let has_values = |name: usize| watches.iter().any(|it| it.name == name && it.is_complete());
    watches
        .iter()
        .all(|watch| watch.is_complete() || (watch.is_unreachable() && has_values(watch.name)))
}

fn reports(watches: &[Watch<'_>]) -> Vec<ServerReport> {
    let mut reports: Vec<ServerReport> = Vec::new();
    for watch in watches {
        let known = reports.iter().position(|report| report.server == *watch.server);
        let mut report = match known {
            Some(index) => reports.remove(index),
            None => ServerReport { server: watch.server.clone(), complete: 0, lacking: Vec::new() },
        };
        if watch.is_complete() {
            report.complete += 1;
        } else {
            report.lacking.push(watch.lacking());
        }
        reports.insert(known.unwrap_or(reports.len()), report);
    }
    reports
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(servers: &[&str]) -> Expected {
        let server = |address: &&str| Server {
            name: "ns.example.".to_owned(),
            address: address.parse().unwrap(),
        };
        Expected {
            owner: "_acme-challenge.example".parse().unwrap(),
            zone: "example".parse().unwrap(),
            servers: servers.iter().map(server).collect(),
            values: ["a".to_owned(), "b".to_owned()].into(),
        }
    }

    fn txt(values: &[&str]) -> Reply {
        let record = |value: &&str| crate::wire::Record {
            owner: "_acme-challenge.example.".to_owned(),
            data: Data::Txt((*value).to_owned()),
        };
        Reply {
            code: Code::NoError,
            answers: values.iter().map(record).collect(),
            authority: Vec::new(),
        }
    }

    fn unreachable() -> Result<Reply, Failure> {
        Err(Failure::Unreachable("network unreachable".to_owned()))
    }

    #[test]
    fn an_address_out_of_reach_waits_for_another_server_only() {
        let expectation = expected(&["192.0.2.1:53", "[2001:db8::1]:53"]);
        let [v4, v6] = expectation.servers.as_slice() else { panic!("two servers") };
        let settled = |v4_said, v6_said| {
            let watch = |server, said| Watch {
                name: 0,
                expectation: &expectation,
                server,
                look: Some(Look::new(&expectation, said)),
            };
            is_settled(&[watch(v4, v4_said), watch(v6, v6_said)])
        };
        assert!(settled(Ok(txt(&["a", "b"])), Ok(txt(&["b", "a", "foreign"]))));
        assert!(settled(Ok(txt(&["a", "b"])), unreachable()));
        assert!(!settled(Ok(txt(&["a"])), unreachable()));
        assert!(!settled(unreachable(), unreachable()));
        assert!(!settled(Ok(txt(&["a", "b"])), Err(Failure::TimedOut)));
    }

    #[test]
    fn another_name_does_not_vouch_for_this_one() {
        let (one, two) = (expected(&["192.0.2.1:53"]), expected(&["[2001:db8::1]:53"]));
        let watch = |name, expectation, server, said| Watch {
            name,
            expectation,
            server,
            look: Some(Look::new(expectation, said)),
        };
        let (server_one, server_two) = (one.servers.first().unwrap(), two.servers.first().unwrap());
        let watches = [
            watch(0, &one, server_one, Ok(txt(&["a", "b"]))),
            watch(1, &two, server_two, unreachable()),
        ];
        assert!(!is_settled(&watches));
    }
}
