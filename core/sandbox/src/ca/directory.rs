//! The directory (RFC 8555 §7.1.1) and the terms of service.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::account::usable;
use super::caa::ISSUER;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use super::state::State;
use crate::events::lock;

/// A certificate profile (draft-ietf-acme-profiles).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Profile {
    Classic,
    ShortLived,
}

impl Profile {
    /// The profile of that name; the first one where none is named.
    pub(super) fn parse(name: Option<&str>) -> Result<Self, Problem> {
        let Some(name) = name else { return Ok(Self::Classic) };
        let found = Self::ALL.into_iter().find(|profile| profile.name() == name);
        found.ok_or_else(|| {
            let detail = format!("there is no profile `{name}`");
            Problem::new(ProblemType::InvalidProfile, detail)
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::ShortLived => "shortlived",
        }
    }

    const ALL: [Self; 2] = [Self::Classic, Self::ShortLived];
}

impl Ca {
    pub(super) fn lifetime(&self, profile: Profile) -> Duration {
        match profile {
            Profile::Classic => self.policy.certificate_lifetime,
            Profile::ShortLived => SHORT_LIFETIME,
        }
    }

    pub(super) fn directory(&self) -> Result<Reply, Problem> {
        let profiles = Profile::ALL.into_iter().map(|profile| {
            let days = self.lifetime(profile).as_secs() / (24 * 60 * 60);
            (profile.name().to_owned(), format!("valid for {days} days").into())
        });
        let mut meta = json!({
            "caaIdentities": [ISSUER],
            "profiles": profiles.collect::<Map<String, Value>>(),
            "website": WEBSITE,
        });
        if self.policy.terms_of_service {
            meta["termsOfService"] = self.terms_url(&lock(&self.state)).into();
        }
        if !self.external_accounts.is_empty() {
            meta["externalAccountRequired"] = true.into();
        }
        super::reply::add_unknown_member(&mut meta)?;
        Reply::json(
            200,
            json!({
                "newNonce": self.url(Resource::NewNonce),
                "newAccount": self.url(Resource::NewAccount),
                "newOrder": self.url(Resource::NewOrder),
                "revokeCert": self.url(Resource::RevokeCert),
                "keyChange": self.url(Resource::KeyChange),
                "renewalInfo": self.url(Resource::RenewalInfo),
                "meta": meta,
            }),
        )
    }

    pub(super) fn terms_url(&self, state: &State) -> String {
        self.url(Resource::Terms(state.terms_version))
    }

    /// Refuses an account that has not agreed to the terms as they are now (RFC 8555 §7.3.3).
    pub(super) fn check_terms(&self, account: usize, state: &State) -> Result<(), Problem> {
        let agreed = usable(state.accounts.get(account))?.agreed_terms;
        if !self.policy.terms_of_service || agreed == state.terms_version {
            return Ok(());
        }
        let url = self.terms_url(state);
        let detail = format!("the terms of service have changed: agree to {url}");
        Err(Problem::new(ProblemType::UserActionRequired, detail).visiting(url))
    }
}

/// How long certificates of the profile `shortlived` are valid.
const SHORT_LIFETIME: Duration = Duration::from_secs(6 * 24 * 60 * 60);
const WEBSITE: &str = "https://www.rfc-editor.org/info/rfc8555";
