//! The conformance suite: what every provider keeps, one [`Trial`] each.
//!
//! It runs offline against a [`Simulator`](super::Simulator) of the vendor's API, in process by
//! [`conformance!`](crate::conformance!) and as a built module by `wildcert providers test`; the trials
//! that need no simulator run against the real vendor too.

mod stage;
mod trial;
mod trials;
mod world;

use serde::{Deserialize, Serialize};

pub use trial::Trial;

use super::simulation::{Facts, Setup, State};
use crate::{
    error::Result,
    manifest::Manifest,
    types::{Options, Removal, TxtRecord},
};
use stage::Stage;

/// Settings under the names of provider.toml.
pub type Settings = Options;

/// A provider that can be called, and a look at what came of it.
pub trait Bench {
    /// Calls [`Provider::check`](crate::Provider::check).
    ///
    /// # Errors
    /// What the provider answers.
    fn check(&self, settings: &Settings) -> Result<Vec<String>>;

    /// Calls [`Provider::present`](crate::Provider::present).
    fn present(&self, settings: &Settings, records: &[TxtRecord]) -> Vec<Result<Option<String>>>;

    /// Calls [`Provider::remove`](crate::Provider::remove).
    fn remove(&self, settings: &Settings, removals: &[Removal]) -> Vec<Result<()>>;

    /// The TXT values at `owner`, sorted. A bench before a real vendor asks the authoritative servers
    /// until they say `expected` or its patience ends.
    ///
    /// # Errors
    /// Why nothing can be told of them.
    fn values(&self, owner: &str, expected: &[String]) -> Result<Vec<String>, String>;

    /// The simulated vendor; none before a real one.
    fn vendor(&self) -> Option<&dyn Vendor>;
}

/// A simulated vendor.
pub trait Vendor {
    /// What the simulator says of itself.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn facts(&self) -> Result<Facts, String>;

    /// Begins anew.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn set_up(&self, setup: Setup) -> Result<(), String>;

    /// What the simulation has come to.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn state(&self) -> Result<State, String>;
}

/// Where the trials take place.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The zone, as an absolute name.
    pub zone: String,
    /// Put in front of the owner names, so that two runs in one real zone do not meet.
    pub label: String,
    /// The provider's settings.
    pub settings: Settings,
}

/// What became of a trial.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The provider keeps it.
    Passed,
    /// What went otherwise.
    Failed(String),
    /// Why it makes no sense here.
    NotApplicable(String),
    /// It was not run: that trial, which failed, shows the same fault more plainly.
    Behind(Trial),
}

/// Runs one trial of the provider with this manifest before a simulated vendor.
pub fn try_simulated(bench: &dyn Bench, manifest: &Manifest, trial: Trial) -> Verdict {
    let Some(vendor) = bench.vendor() else {
        return Verdict::NotApplicable("there is no simulator".to_owned());
    };
    let facts = match vendor.facts() {
        Ok(facts) => facts,
        Err(fault) => return Verdict::Failed(fault),
    };
    let ground = simulated_ground(manifest, &facts);
    let outcome = Stage::new(bench, manifest, &ground).play(trial);
    let exception = facts.exceptions.into_iter().find(|(excepted, _)| *excepted == trial);
    match (outcome, exception) {
        (Ok(()), Some((_, why))) => Verdict::Failed(format!(
            "passes, though the simulator excepts it (\"{why}\"): take the exception out"
        )),
        (Ok(()), None) => Verdict::Passed,
        (Err(_), Some((_, why))) => Verdict::NotApplicable(why),
        (Err(fault), None) => Verdict::Failed(fault),
    }
}

fn simulated_ground(manifest: &Manifest, facts: &Facts) -> Ground {
    let settings = settings(manifest, facts);
    Ground { zone: world::ZONE.to_owned(), label: String::new(), settings }
}

/// The simulator's settings and the manifest's defaults.
pub(super) fn settings(manifest: &Manifest, facts: &Facts) -> Settings {
    let mut settings = Vec::new();
    for setting in &manifest.config {
        let given = facts.settings.iter().find(|(name, _)| *name == setting.name);
        let value = given.map(|(_, value)| value.clone()).or_else(|| setting.default.clone());
        settings.extend(value.map(|value| (setting.name.clone(), value)));
    }
    settings
}

/// Runs one trial of the provider with this manifest before its real vendor, in `ground`.
pub fn try_live(bench: &dyn Bench, manifest: &Manifest, ground: &Ground, trial: Trial) -> Verdict {
    if trial.needs_simulator() {
        return Verdict::NotApplicable("it needs a simulator".to_owned());
    }
    match Stage::new(bench, manifest, ground).play(trial) {
        Ok(()) => Verdict::Passed,
        Err(fault) => Verdict::Failed(fault),
    }
}

/// Runs every trial in order by `run`; those behind a failed one are not run.
pub fn all(mut run: impl FnMut(Trial) -> Verdict) -> Vec<(Trial, Verdict)> {
    let mut verdicts: Vec<(Trial, Verdict)> = Vec::new();
    for trial in Trial::ALL {
        let unclear = trial.after().iter().find(|earlier| {
            let mut known = verdicts.iter().filter(|(trial, _)| trial == *earlier);
            known.any(|(_, verdict)| matches!(verdict, Verdict::Failed(_) | Verdict::Behind(_)))
        });
        let verdict = match unclear {
            Some(earlier) => match verdicts.iter().find(|(trial, _)| trial == earlier) {
                Some((_, Verdict::Behind(root))) => Verdict::Behind(*root),
                _ => Verdict::Behind(*earlier),
            },
            None => run(trial),
        };
        verdicts.push((trial, verdict));
    }
    verdicts
}

/// Runs one trial in process and fails with what went otherwise; for [`conformance!`](crate::conformance!).
///
/// # Panics
/// When the provider fails the trial.
#[expect(clippy::panic, reason = "a test fails by a panic")]
#[expect(
    clippy::print_stdout,
    reason = "a trial that cannot be held says why in the test's output"
)]
pub fn assert_passes(bench: &dyn Bench, manifest: &str, trial: Trial) {
    let manifest = read(manifest);
    match try_simulated(bench, &manifest, trial) {
        Verdict::Passed => {}
        Verdict::NotApplicable(why) => println!("{}: not applicable: {why}", trial.name()),
        Verdict::Failed(fault) => panic!("{}: {fault}", trial.name()),
        Verdict::Behind(earlier) => panic!("not run: {} failed", earlier.name()),
    }
}

/// Fails unless the provider keeps what somebody else writes between its reading and its writing: for
/// vendors that refuse to change what is no longer as it was read.
///
/// # Panics
/// When the other's value is lost, or the provider's own.
#[expect(clippy::panic, reason = "a test fails by a panic")]
pub fn assert_reads_again(bench: &dyn Bench, manifest: &str) {
    let manifest = read(manifest);
    let Some(vendor) = bench.vendor() else { panic!("it needs a simulator") };
    let outcome = vendor.facts().and_then(|facts| {
        let ground = simulated_ground(&manifest, &facts);
        Stage::new(bench, &manifest, &ground).overtaken()
    });
    if let Err(fault) = outcome {
        panic!("{fault}");
    }
}

/// The manifest of the provider under test.
#[expect(clippy::panic, reason = "a test fails by a panic")]
pub(super) fn read(manifest: &str) -> Manifest {
    match Manifest::parse(manifest) {
        Ok((manifest, _)) => manifest,
        Err(error) => panic!("provider.toml: {error}"),
    }
}

/// Makes a test of every [`Trial`], in process, of a provider and a [`Simulator`](super::Simulator) of
/// its vendor:
///
/// ```text
/// mod simulator;
/// wildcert_plugin_sdk::conformance!(Exported, MANIFEST, simulator::Vendor);
/// ```
#[macro_export]
macro_rules! conformance {
    ($provider:ty, $manifest:expr, $simulator:ty) => {
        $crate::conformance! {
            @ $provider, $manifest, $simulator;
            check CheckListsZones
            present_one PresentOne
            ttl TtlIsKept
            two_values_at_once TwoValuesAtOnce
            second_value SecondValue
            several_names SeveralNames
            present_twice PresentTwice
            remove_by_handle RemoveByHandle
            remove_by_value RemoveByValue
            remove_absent RemoveAbsent
            other_records OtherRecords
            remove_one_of_two RemoveOneOfTwo
            foreign_value ForeignValue
            apex Apex
            child_zone ChildZone
            last_page LastPage
            idn_zone IdnZone
            wrong_credentials WrongCredentials
            unknown_zone UnknownZone
            too_many_requests TooManyRequests
            unavailable Unavailable
            refused_write RefusedWrite
            broken_answer BrokenAnswer
            lost_answer LostAnswer
            redirect Redirect
        }
    };
    (@ $provider:ty, $manifest:expr, $simulator:ty; $($test:ident $trial:ident)*) => {
        const _: () = assert!(
            [$($crate::testing::conformance::Trial::$trial),*].len()
                == $crate::testing::conformance::Trial::ALL.len()
        );
        $(
            #[test]
            fn $test() {
                $crate::testing::conformance::assert_passes(
                    &$crate::testing::Local::<$provider, $simulator>::new(),
                    $manifest,
                    $crate::testing::conformance::Trial::$trial,
                );
            }
        )*
    };
}
