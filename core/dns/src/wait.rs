//! Waits until every authoritative server answers with the values.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{sleep, timeout};

use crate::dns::{Dns, Server};
use crate::error::Error;
use crate::look::{Look, Watch, is_settled, txt_values};
use crate::name::{OwnerName, ZoneName};
use crate::report::ServerReport;
use crate::wire::{Code, Kind, Reply};

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
    /// growing to 5 s until it has the values. `seen` is told of every look.
    ///
    /// A server that refuses, fails or stays silent is waited for, since the certificate authority
    /// may ask it. Two kinds of addresses are asked, but left out in the end, since the trouble is
    /// on our side:
    /// - one to which the operating system has no way (IPv6 where there is none), once any other
    ///   server has all the values of the name;
    /// - where every IPv6 address asked stayed silent twice (a container whose IPv6 leads nowhere),
    ///   an IPv6 address of a name server that has all the values of the name at its IPv4 address.
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
        for (number, expectation) in expected.iter().enumerate() {
            if expectation.servers.is_empty() {
                let reason = "none was found".to_owned();
                return Err(Error::NoServers { zone: expectation.zone.clone(), reason });
            }
            let servers = expectation.servers.iter();
            watches.extend(servers.map(|server| Watch::new(number, expectation, server)));
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
            Ok(reply) => return Ok(txt_values(owner, reply)),
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
        while let Some((index, pause, look)) = looks.next().await {
            let Some(watch) = watches.get_mut(index) else { continue };
            seen(&watch.saw(look));
            if !watch.is_complete() {
                let pause = pause.map_or(FIRST_PAUSE, |pause| (pause * 3 / 2).min(LONGEST_PAUSE));
                looks.push(self.look(index, watch.expectation, watch.server, Some(pause)));
            }
            if is_settled(watches) {
                break;
            }
        }
        for left_out in watches.iter().filter(|watch| !watch.is_complete()) {
            tracing::warn!(server = %left_out.server, why = %left_out.lacking(), "left out");
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
