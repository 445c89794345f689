//! What one look at one server shows, and when enough has been seen.

use crate::dns::Server;
use crate::name::OwnerName;
use crate::report::Lacking;
use crate::wait::{Expected, Sighting};
use crate::wire::{Code, Data, Failure, Reply};

/// One owner name at one server, and what the looks at it showed.
pub(crate) struct Watch<'a> {
    /// Which expectation it belongs to; two may be for the same owner name.
    number: usize,
    pub(crate) expectation: &'a Expected,
    pub(crate) server: &'a Server,
    last: Option<Look>,
    /// How many of the last looks in a row met silence.
    silences: usize,
}

/// What came of one question.
pub(crate) struct Look {
    said: Said,
    missing: Vec<String>,
}

/// What kind of answer it was.
enum Said {
    /// TXT records, to be counted.
    Records,
    /// That there are none at the name.
    Negative(String),
    /// Something that tells nothing about the name.
    Other(String),
    /// Nothing in time.
    Silence,
    /// The operating system has no way to the server.
    NoWay(String),
}

/// Whether nothing is left to wait for; [`Dns::wait`](crate::Dns::wait) says when that is so with
/// servers that have not answered.
pub(crate) fn is_settled(watches: &[Watch<'_>]) -> bool {
    let has_no_ipv6 = watches
        .iter()
        .filter(|watch| watch.server.address.is_ipv6())
        .all(|watch| watch.has_no_way() || watch.silences >= SILENCES);
    watches.iter().all(|watch| {
        let mut complete =
            watches.iter().filter(|other| other.number == watch.number && other.is_complete());
        if watch.is_complete() {
            true
        } else if watch.has_no_way() {
            complete.next().is_some()
        } else if has_no_ipv6 && watch.server.address.is_ipv6() {
            complete.any(|other| other.server.name == watch.server.name)
        } else {
            false
        }
    })
}

/// The TXT values at the name itself, not behind a CNAME.
pub(crate) fn txt_values(owner: &OwnerName, reply: Reply) -> Vec<String> {
    let at_owner = reply.answers.into_iter().filter(|record| record.owner == owner.as_str());
    let values = at_owner.filter_map(|record| match record.data {
        Data::Txt(value) => Some(value),
        _ => None,
    });
    values.collect()
}

/// How often in a row IPv6 must be silent, each time over several packets, to count as not there.
const SILENCES: usize = 2;

impl<'a> Watch<'a> {
    pub(crate) fn new(number: usize, expectation: &'a Expected, server: &'a Server) -> Self {
        Self { number, expectation, server, last: None, silences: 0 }
    }

    /// Takes in the next look and tells it as a sighting.
    pub(crate) fn saw(&mut self, look: Look) -> Sighting {
        let wanted = self.expectation.values.len();
        let sighting = Sighting {
            zone: self.expectation.zone.clone(),
            owner: self.expectation.owner.clone(),
            server: self.server.clone(),
            found: wanted - look.missing.len(),
            wanted,
            complete: look.missing.is_empty(),
            answer: look.text(wanted),
        };
        self.silences = if matches!(look.said, Said::Silence) { self.silences + 1 } else { 0 };
        self.last = Some(look);
        sighting
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.last.as_ref().is_some_and(|look| look.missing.is_empty())
    }

    /// What there is to report when time is up.
    pub(crate) fn lacking(&self) -> Lacking {
        let values = &self.expectation.values;
        let (answer, answered, missing) = match &self.last {
            Some(look) => {
                let answered = matches!(look.said, Said::Records | Said::Negative(_));
                (look.text(values.len()), answered, look.missing.clone())
            }
            None => ("no answer yet".to_owned(), false, values.iter().cloned().collect()),
        };
        Lacking { owner: self.expectation.owner.clone(), answer, answered, missing }
    }

    fn has_no_way(&self) -> bool {
        self.last.as_ref().is_some_and(|look| matches!(look.said, Said::NoWay(_)))
    }
}

impl Look {
    pub(crate) fn new(expectation: &Expected, result: Result<Reply, Failure>) -> Self {
        let owner = &expectation.owner;
        let (said, values) = match result {
            Ok(reply) => (Said::new(owner, &reply), txt_values(owner, reply)),
            Err(Failure::TimedOut) => (Said::Silence, Vec::new()),
            Err(Failure::Unreachable(reason)) => (Said::NoWay(reason), Vec::new()),
            Err(Failure::Broken(reason)) => (Said::Other(reason), Vec::new()),
        };
        let missing = expectation.values.iter().filter(|value| !values.contains(value));
        Self { said, missing: missing.cloned().collect() }
    }

    fn text(&self, wanted: usize) -> String {
        match &self.said {
            Said::Records => format!("{} of {wanted} values", wanted - self.missing.len()),
            Said::Negative(text) | Said::Other(text) => text.clone(),
            Said::Silence => Failure::TimedOut.to_string(),
            Said::NoWay(reason) => Failure::Unreachable(reason.clone()).to_string(),
        }
    }
}

impl Said {
    fn new(owner: &OwnerName, reply: &Reply) -> Self {
        if let Code::Other(code) = &reply.code {
            return Self::Other(code.clone());
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
            None => Self::Other(format!("{what}, and no SOA record")),
        }
    }
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

    fn all() -> Result<Reply, Failure> {
        Ok(txt(&["b", "foreign", "a"]))
    }

    fn no_way() -> Result<Reply, Failure> {
        Err(Failure::Unreachable("network unreachable".to_owned()))
    }

    fn silence() -> Result<Reply, Failure> {
        Err(Failure::TimedOut)
    }

    /// Whether it is settled after each server of each expectation has said this, in turn.
    fn settled<const N: usize>(expectations: [(&Expected, Vec<Looks>); N]) -> bool {
        let mut watches = Vec::new();
        for (number, (expectation, said)) in expectations.into_iter().enumerate() {
            assert_eq!(expectation.servers.len(), said.len());
            for (server, said) in expectation.servers.iter().zip(said) {
                let mut watch = Watch::new(number, expectation, server);
                for said in said {
                    watch.saw(Look::new(expectation, said));
                }
                watches.push(watch);
            }
        }
        is_settled(&watches)
    }

    type Looks = Vec<Result<Reply, Failure>>;

    #[test]
    fn an_address_without_a_way_waits_for_another_server_only() {
        let wanted = expected(&["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert!(settled([(&wanted, vec![vec![all()], vec![all()]])]));
        assert!(settled([(&wanted, vec![vec![all()], vec![no_way()]])]));
        assert!(settled([(&wanted, vec![vec![no_way()], vec![all()]])]));
        assert!(!settled([(&wanted, vec![vec![Ok(txt(&["a"]))], vec![no_way()]])]));
        assert!(!settled([(&wanted, vec![vec![no_way()], vec![no_way()]])]));
        assert!(!settled([(&wanted, vec![vec![all()], vec![]])]));
    }

    #[test]
    fn another_name_does_not_vouch_for_this_one() {
        let (one, two) = (expected(&["192.0.2.1:53"]), expected(&["[2001:db8::1]:53"]));
        assert!(!settled([(&one, vec![vec![all()]]), (&two, vec![vec![no_way()]])]));
    }

    #[test]
    fn ipv6_that_leads_nowhere_is_told_from_a_silent_server() {
        let wanted = expected(&["192.0.2.1:53", "[2001:db8::1]:53"]);
        let silent = |times: usize| (0..times).map(|_| silence()).collect::<Vec<_>>();
        assert!(settled([(&wanted, vec![vec![all()], silent(2)])]));
        assert!(!settled([(&wanted, vec![vec![all()], silent(1)])]), "once may be chance");
        assert!(!settled([(&wanted, vec![silent(9), vec![all()]])]), "IPv4 that is silent");
        assert!(!settled([(&wanted, vec![silent(9), silent(9)])]));
        assert!(!settled([(&wanted, vec![vec![Ok(txt(&["a"]))], silent(9)])]));

        let three = expected(&["192.0.2.1:53", "[2001:db8::1]:53", "[2001:db8::2]:53"]);
        assert!(settled([(&three, vec![vec![all()], silent(2), silent(2)])]));
        let refused = || Reply { code: Code::Other("REFUSED".to_owned()), ..txt(&[]) };
        for heard in [all(), Ok(refused())] {
            let said = vec![vec![all()], silent(9), vec![heard]];
            assert!(!settled([(&three, said)]), "IPv6 works, so the silence is the server's");
        }

        let mut other = expected(&["192.0.2.1:53", "[2001:db8::1]:53"]);
        other.servers[1].name = "other.example.".to_owned();
        assert!(!settled([(&other, vec![vec![all()], silent(9)])]), "no IPv4 address vouches");
    }
}
