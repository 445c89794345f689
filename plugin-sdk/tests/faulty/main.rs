//! Does the conformance suite catch what it is there to catch? Each flaw of a provider fails
//! exactly the trial that is meant for it, and a correct provider none.

mod provider;
mod simulation;
mod vendor;

use provider::{Example, Flaw, Kind};
use vendor::{Lenient, Vendor};
use wildcert_plugin_sdk::{
    Context, Provider, Removal, Result, TxtRecord,
    manifest::Manifest,
    testing::{
        Local, Simulator,
        conformance::{self, Trial, Verdict},
    },
};

const MANIFEST: &str = r#"
    id = "example"
    name = "Example"
    homepage = "https://vendor.example/"
    abi = "0.1"
    model = "record"
    config = [{ name = "KEY", required = true, secret = true, help = "key of the API" }]

    [reach]
    http = ["https://api.vendor.example"]
"#;

/// Makes a type of each flaw, and a test that it fails exactly one trial.
macro_rules! flaws {
    ($($test:ident: $flaw:ident fails $trial:ident)*) => { $(
        #[test]
        fn $test() {
            struct It;
            impl Kind for It {
                const FLAW: Flaw = Flaw::$flaw;
            }
            let verdicts = verdicts::<Example<It>>();
            let failed: Vec<Trial> = verdicts
                .iter()
                .filter(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
                .map(|(trial, _)| *trial)
                .collect();
            assert_eq!(failed, [Trial::$trial], "{verdicts:#?}");
        }
    )* };
}

flaws! {
    one_that_wipes_the_rrset: WipesTheRrset fails SecondValue
    one_that_deletes_every_txt: DeletesEveryTxt fails OtherRecords
    one_that_takes_the_wrong_zone: WrongZone fails ChildZone
    one_that_is_not_idempotent: NotIdempotent fails PresentTwice
    one_that_loses_the_handle: LosesTheHandle fails RemoveByHandle
    one_that_ignores_the_ttl: IgnoresTtl fails TtlIsKept
    one_that_swallows_errors: SwallowsErrors fails RefusedWrite
    one_that_quotes_values: QuotesValues fails PresentOne
    one_that_removes_by_name_only: RemovesByNameOnly fails RemoveOneOfTwo
    one_that_follows_redirects: FollowsRedirects fails Redirect
    one_that_needs_the_handle: NeedsTheHandle fails RemoveByValue
    one_that_reads_one_page: ReadsOnePage fails LastPage
    one_that_tells_its_key: TellsItsKey fails WrongCredentials
}

/// Makes a type of each request that the vendor does not know, and a test that the suite tells it.
macro_rules! violations {
    ($($test:ident: $flaw:ident is $words:literal)*) => { $(
        #[test]
        fn $test() {
            struct It;
            impl Kind for It {
                const FLAW: Flaw = Flaw::$flaw;
            }
            let verdict = verdict::<Example<It>, Vendor>(Trial::PresentOne);
            assert!(matches!(&verdict, Verdict::Failed(fault) if fault.contains($words)), "{verdict:?}");
        }
    )* };
}

violations! {
    an_unknown_path: UnknownPath is "/domains: no such operation"
    an_unknown_parameter: UnknownParameter is "unknown parameter `type`"
    a_missing_header: MissingHeader is "no header `x-key`"
    a_wrong_body: WrongBody is "a text has owner, value and ttl"
    a_wrong_content_type: WrongContentType is "a body of type `text/plain`"
    a_wrong_origin: WrongOrigin is "https://vendor.example/zones/"
}

struct Correct;

impl Kind for Correct {
    const FLAW: Flaw = Flaw::None;
}

#[test]
fn the_correct_one_passes_every_trial() {
    for (trial, verdict) in verdicts::<Example<Correct>>() {
        assert_eq!(verdict, Verdict::Passed, "{}", trial.name());
    }
}

#[test]
fn an_exception_that_is_none_fails() {
    let verdict = verdict::<Example<Correct>, Lenient>(Trial::PresentOne);
    let words = "passes, though the simulator excepts it (\"it takes no texts\")";
    assert!(matches!(&verdict, Verdict::Failed(fault) if fault.starts_with(words)), "{verdict:?}");
}

#[test]
fn a_failure_that_is_excepted_is_not_applicable() {
    struct Quoting;
    impl Kind for Quoting {
        const FLAW: Flaw = Flaw::QuotesValues;
    }
    let verdict = verdict::<Example<Quoting>, Lenient>(Trial::PresentOne);
    assert_eq!(verdict, Verdict::NotApplicable("it takes no texts".to_owned()));
}

/// Does nothing and calls it done.
struct Idle;

impl Provider for Idle {
    fn new(_: &Context<'_>) -> Result<Self> {
        Ok(Self)
    }

    fn check(&self, _: &Context<'_>) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn present(&self, _: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        records.iter().map(|_| Ok(None)).collect()
    }

    fn remove(&self, _: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|_| Ok(())).collect()
    }
}

#[test]
fn nobody_passes_by_a_fault_that_never_happened() {
    use Trial::{BrokenAnswer, LostAnswer, Redirect, RefusedWrite, TooManyRequests, Unavailable};
    let trials = [TooManyRequests, Unavailable, RefusedWrite, BrokenAnswer, LostAnswer, Redirect];
    for trial in trials {
        let words = "the provider sent no request in which the fault could show";
        assert_eq!(verdict::<Idle, Vendor>(trial), Verdict::Failed(words.to_owned()));
    }
}

fn verdicts<P: Provider>() -> Vec<(Trial, Verdict)> {
    conformance::all(verdict::<P, Vendor>)
}

#[expect(clippy::expect_used, reason = "the manifest is the one above")]
fn verdict<P: Provider, S: Simulator>(trial: Trial) -> Verdict {
    let (manifest, _) = Manifest::parse(MANIFEST).expect("a manifest");
    conformance::try_simulated(&Local::<P, S>::new(), &manifest, trial)
}
