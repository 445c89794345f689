//! The names of the trials.

use serde::{Deserialize, Serialize};

/// One thing that every provider keeps.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trial {
    /// `check` proves the credentials and lists the zones.
    CheckListsZones,
    /// One value is presented: it stands there as given.
    PresentOne,
    /// The TTL is the one of the record, down to the least that provider.toml allows.
    TtlIsKept,
    /// Two values at one name in one call.
    TwoValuesAtOnce,
    /// A second value beside the first, in a call of its own.
    SecondValue,
    /// Several owner names in one call.
    SeveralNames,
    /// The same value presented twice is there once.
    PresentTwice,
    /// A value goes by its handle.
    RemoveByHandle,
    /// A value goes without a handle, as after a crash.
    RemoveByValue,
    /// Removing what is not there succeeds, with and without a handle.
    RemoveAbsent,
    /// Every other record of the account survives a value's coming and going.
    OtherRecords,
    /// One of two values goes, the other stays.
    RemoveOneOfTwo,
    /// A TXT value of somebody else at the owner name stays.
    ForeignValue,
    /// The owner name is the zone's apex.
    Apex,
    /// A delegated child zone is chosen before its parent.
    ChildZone,
    /// The zone is on the last page of a long listing.
    LastPage,
    /// An internationalised zone.
    IdnZone,
    /// Wrong credentials are `auth`.
    WrongCredentials,
    /// A zone that the credentials do not reach is `zone-not-found`, with the zones that they do.
    UnknownZone,
    /// 429 with `Retry-After` is obeyed.
    TooManyRequests,
    /// Two answers 503 are passed over.
    Unavailable,
    /// A write that the vendor refuses is an error.
    RefusedWrite,
    /// An answer that ends half way is an error that tells the place.
    BrokenAnswer,
    /// The connection is lost after the vendor did what it was asked: no double, no left-over.
    LostAnswer,
    /// A redirect is not followed.
    Redirect,
}

impl Trial {
    /// All of them, each behind those whose failure would explain its own.
    pub const ALL: [Self; 25] = [
        Self::CheckListsZones,
        Self::PresentOne,
        Self::TtlIsKept,
        Self::TwoValuesAtOnce,
        Self::SecondValue,
        Self::PresentTwice,
        Self::RemoveByHandle,
        Self::RemoveByValue,
        Self::OtherRecords,
        Self::RemoveAbsent,
        Self::RemoveOneOfTwo,
        Self::SeveralNames,
        Self::ForeignValue,
        Self::Apex,
        Self::ChildZone,
        Self::LastPage,
        Self::IdnZone,
        Self::WrongCredentials,
        Self::UnknownZone,
        Self::TooManyRequests,
        Self::Unavailable,
        Self::RefusedWrite,
        Self::BrokenAnswer,
        Self::LostAnswer,
        Self::Redirect,
    ];

    /// Its name in results: lower case with hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::CheckListsZones => "check-lists-zones",
            Self::PresentOne => "present-one",
            Self::TtlIsKept => "ttl-is-kept",
            Self::TwoValuesAtOnce => "two-values-at-once",
            Self::SecondValue => "second-value",
            Self::SeveralNames => "several-names",
            Self::PresentTwice => "present-twice",
            Self::RemoveByHandle => "remove-by-handle",
            Self::RemoveByValue => "remove-by-value",
            Self::RemoveAbsent => "remove-absent",
            Self::OtherRecords => "other-records",
            Self::RemoveOneOfTwo => "remove-one-of-two",
            Self::ForeignValue => "foreign-value",
            Self::Apex => "apex",
            Self::ChildZone => "child-zone",
            Self::LastPage => "last-page",
            Self::IdnZone => "idn-zone",
            Self::WrongCredentials => "wrong-credentials",
            Self::UnknownZone => "unknown-zone",
            Self::TooManyRequests => "too-many-requests",
            Self::Unavailable => "unavailable",
            Self::RefusedWrite => "refused-write",
            Self::BrokenAnswer => "broken-answer",
            Self::LostAnswer => "lost-answer",
            Self::Redirect => "redirect",
        }
    }

    /// Whether it needs a simulated vendor.
    pub fn needs_simulator(self) -> bool {
        use Trial::{
            CheckListsZones, PresentOne, PresentTwice, RemoveAbsent, RemoveByHandle, RemoveByValue,
            RemoveOneOfTwo, SecondValue, SeveralNames, TwoValuesAtOnce, UnknownZone,
        };
        let live = [
            CheckListsZones,
            PresentOne,
            TwoValuesAtOnce,
            SecondValue,
            SeveralNames,
            PresentTwice,
            RemoveByHandle,
            RemoveByValue,
            RemoveAbsent,
            RemoveOneOfTwo,
            UnknownZone,
        ];
        !live.contains(&self)
    }

    /// The trials whose failure explains a failure of this one.
    pub(super) fn after(self) -> &'static [Self] {
        match self {
            Self::CheckListsZones
            | Self::PresentOne
            | Self::WrongCredentials
            | Self::UnknownZone => &[],
            Self::OtherRecords => &[Self::TtlIsKept, Self::RemoveByHandle],
            Self::RemoveAbsent => &[Self::RemoveByValue, Self::OtherRecords],
            Self::RemoveOneOfTwo => {
                &[Self::TwoValuesAtOnce, Self::SecondValue, Self::RemoveByValue, Self::OtherRecords]
            }
            Self::SeveralNames | Self::ChildZone | Self::IdnZone => &[Self::OtherRecords],
            Self::LastPage => &[Self::CheckListsZones, Self::OtherRecords],
            Self::ForeignValue => &[Self::RemoveOneOfTwo],
            Self::Apex => &[Self::ForeignValue],
            Self::LostAnswer => &[Self::PresentTwice, Self::RemoveByValue, Self::OtherRecords],
            _ => &[Self::PresentOne],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_comes_once_and_behind_those_that_explain_it() {
        for (place, trial) in Trial::ALL.iter().enumerate() {
            let before = &Trial::ALL[..place];
            assert!(!before.contains(trial), "{}", trial.name());
            for earlier in trial.after() {
                assert!(before.contains(earlier), "{} before {}", earlier.name(), trial.name());
            }
        }
    }
}
