//! Which records answer the CA's challenges, and where each goes.

use std::collections::{BTreeMap, BTreeSet};

use wildcert_acme::{Account, Authorization, Challenge};
use wildcert_dns::{Expected, Identifier, Location, OwnerName};
use wildcert_plugin::{TxtRecord, challenge};

use crate::error::Error;

/// What answers the authorizations that are not valid yet.
pub(crate) struct Plan {
    /// The records, each value of an owner name once; those of one owner name go to one provider
    /// instance, told by its place in the request.
    pub(crate) records: Vec<(usize, TxtRecord)>,
    /// What the authoritative servers must answer before the CA may look.
    pub(crate) expected: Vec<Expected>,
    /// The challenges to answer.
    pub(crate) challenges: Vec<Challenge>,
    /// The identifiers, with `*.` for a wildcard.
    pub(crate) names: Vec<String>,
}

impl Plan {
    /// Turns each authorization into a record at its place. `at` says which instance takes an owner
    /// name and what TTL its records have, in seconds.
    ///
    /// # Errors
    /// When the CA offers no dns-01 for a name, or wants one authorized that was not asked for.
    pub(crate) fn new(
        account: &Account,
        waiting: &[&Authorization],
        places: &BTreeMap<OwnerName, Location>,
        at: impl Fn(&OwnerName) -> Result<(usize, u32), Error>,
    ) -> Result<Self, Error> {
        let mut records: Vec<(usize, TxtRecord)> = Vec::new();
        let mut expected: BTreeMap<OwnerName, Expected> = BTreeMap::new();
        let mut challenges = Vec::new();
        for authorization in waiting {
            let challenge = dns01(authorization)?;
            let place = place(authorization, places)?;
            let value = account.key_authorization_digest(&challenge.token);
            let at_owner = expected.entry(place.target.clone()).or_insert_with(|| Expected {
                owner: place.target.clone(),
                zone: place.zone.clone(),
                servers: place.servers.clone(),
                values: BTreeSet::new(),
            });
            if at_owner.values.insert(value.clone()) {
                let (instance, ttl) = at(&place.target)?;
                let record = TxtRecord {
                    zone: place.zone.to_string(),
                    owner: place.target.to_string(),
                    value,
                    ttl,
                    options: raw_options(account, authorization, &challenge.token),
                };
                records.push((instance, record));
            }
            challenges.push(challenge.clone());
        }
        let names = waiting.iter().map(|found| found.name()).collect();
        Ok(Self { records, expected: expected.into_values().collect(), challenges, names })
    }
}

fn dns01(authorization: &Authorization) -> Result<&Challenge, Error> {
    authorization.challenge("dns-01").ok_or_else(|| Error::NoDns01 {
        identifier: authorization.name(),
        offered: match authorization.challenges.as_slice() {
            [] => "nothing".to_owned(),
            some => some.iter().map(|found| found.kind.as_str()).collect::<Vec<_>>().join(", "),
        },
    })
}

fn place<'p>(
    authorization: &Authorization,
    places: &'p BTreeMap<OwnerName, Location>,
) -> Result<&'p Location, Error> {
    let name = &authorization.identifier.value;
    let owner = name.parse::<Identifier>().map(|name| name.challenge_owner());
    owner
        .ok()
        .and_then(|owner| places.get(&owner))
        .ok_or_else(|| Error::Unasked { identifier: authorization.name() })
}

/// What the RAW mode of lego's `httpreq` and `exec` wants besides the record.
fn raw_options(
    account: &Account,
    authorization: &Authorization,
    token: &str,
) -> Vec<(String, String)> {
    let key_authorization = format!("{token}.{}", account.key().thumbprint());
    vec![
        (challenge::DOMAIN.to_owned(), authorization.identifier.value.clone()),
        (challenge::TOKEN.to_owned(), token.to_owned()),
        (challenge::KEY_AUTHORIZATION.to_owned(), key_authorization),
    ]
}
