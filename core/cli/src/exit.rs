//! The exit codes.

use wildcert::{Error, Outcome, Signal, Status, deploy::Deployed, plugin};

/// Everything asked for is done, or nothing was due.
pub const DONE: u8 = 0;
/// It failed.
pub const FAILED: u8 = 1;
/// The command line is wrong; nothing was tried.
pub const USAGE: u8 = 2;
/// Some certificates failed, others did not.
pub const SOME_FAILED: u8 = 3;
/// A provider's settings are missing or wrong; nothing was asked of the CA.
pub const CONFIGURATION: u8 = 4;
/// Nothing was due, and `--exit-code-unchanged` asked to be told.
pub const UNCHANGED: u8 = 5;
/// The certificates are there, but a target did not get its.
pub const DEPLOY_FAILED: u8 = 6;
/// Stopped by SIGINT (Ctrl-C), after its records were removed.
pub const INTERRUPTED: u8 = 130;
/// Stopped by SIGTERM, after its records were removed.
pub const TERMINATED: u8 = 143;

/// Every exit code with its meaning.
pub const ALL: &[(u8, &str)] = &[
    (DONE, "everything asked for is done, or nothing was due"),
    (FAILED, "it failed; the error says why"),
    (USAGE, "the command line is wrong; nothing was tried"),
    (SOME_FAILED, "some certificates failed, others did not"),
    (CONFIGURATION, "a provider's settings are missing or wrong"),
    (UNCHANGED, "nothing was due (only with --exit-code-unchanged)"),
    (DEPLOY_FAILED, "the certificates are there, but a target or hook failed"),
    (INTERRUPTED, "stopped by SIGINT (Ctrl-C), after the records were removed"),
    (TERMINATED, "stopped by SIGTERM, after the records were removed"),
];

/// The code for an error of the engine.
pub(crate) fn of_error(error: &Error) -> u8 {
    match error {
        Error::Input(_) => USAGE,
        Error::Plugin(plugin::Error::Settings { .. }) => CONFIGURATION,
        Error::Stopped(signal) => of_signal(*signal),
        error if error.kind() == "config" => CONFIGURATION,
        _ => FAILED,
    }
}

/// The code for a run that a signal ended.
pub(crate) fn of_signal(signal: Signal) -> u8 {
    match signal {
        Signal::Interrupt => INTERRUPTED,
        Signal::Terminate => TERMINATED,
    }
}

/// The code for what came of targets; none when nothing failed.
pub(crate) fn of_deployed<'a>(deployed: impl Iterator<Item = &'a Deployed>) -> Option<u8> {
    let errors: Vec<&Error> = deployed.filter_map(|one| one.error.as_ref()).collect();
    let signal = errors.iter().find_map(|error| match error {
        Error::Stopped(signal) => Some(of_signal(*signal)),
        _ => None,
    });
    signal.or_else(|| (!errors.is_empty()).then_some(DEPLOY_FAILED))
}

/// The code for what came of all certificates of a run.
pub(crate) fn of_outcomes(outcomes: &[Outcome], tell_unchanged: bool) -> u8 {
    let unchanged = outcomes.iter().all(|outcome| outcome.status == Status::Unchanged);
    let mut errors = outcomes.iter().filter_map(|outcome| outcome.error.as_ref());
    let deployed = || outcomes.iter().flat_map(|outcome| &outcome.deployed);
    let failed = of_deployed(deployed());
    let unchanged = unchanged && deployed().next().is_none();
    match (errors.next(), errors.count()) {
        (None, _) if failed.is_some() => failed.unwrap_or(DEPLOY_FAILED),
        (None, _) if unchanged && tell_unchanged => UNCHANGED,
        (None, _) => DONE,
        (Some(error), others) if others + 1 == outcomes.len() => of_error(error),
        (Some(_), _) => SOME_FAILED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: Status, error: Option<Error>) -> Outcome {
        Outcome {
            name: "a".into(),
            domains: Vec::new(),
            status,
            due: None,
            waiting: None,
            certificate: None,
            error,
            deployed: Vec::new(),
        }
    }

    fn deployed(error: Option<Error>) -> Outcome {
        let deployed = vec![Deployed { target: "web".into(), host: None, error }];
        Outcome { deployed, ..outcome(Status::Unchanged, None) }
    }

    #[test]
    fn each_outcome_has_its_code() {
        let failed = || outcome(Status::Failed, Some(Error::Locked { name: "a".into() }));
        let stopped = |signal| outcome(Status::Failed, Some(Error::Stopped(signal)));
        let settings = plugin::Error::Settings { provider: "x".into(), faults: Vec::new() };
        let table = [
            (vec![outcome(Status::Issued, None)], DONE),
            (vec![outcome(Status::Unchanged, None)], UNCHANGED),
            (vec![outcome(Status::Unchanged, None), outcome(Status::Renewed, None)], DONE),
            (vec![failed()], FAILED),
            (vec![failed(), failed()], FAILED),
            (vec![outcome(Status::Unchanged, None), failed()], SOME_FAILED),
            (vec![stopped(Signal::Interrupt)], INTERRUPTED),
            (vec![stopped(Signal::Terminate)], TERMINATED),
            (vec![outcome(Status::Failed, Some(settings.into()))], CONFIGURATION),
            (vec![deployed(None)], DONE),
            (vec![deployed(Some(Error::Locked { name: "a".into() }))], DEPLOY_FAILED),
            (vec![deployed(Some(Error::Stopped(Signal::Interrupt)))], INTERRUPTED),
            (vec![deployed(Some(Error::Locked { name: "a".into() })), failed()], SOME_FAILED),
        ];
        for (outcomes, code) in table {
            assert_eq!(of_outcomes(&outcomes, true), code, "{outcomes:?}");
        }
        assert_eq!(of_outcomes(&[outcome(Status::Unchanged, None)], false), DONE);
    }

    #[test]
    fn the_table_holds_every_code_once() {
        let codes: Vec<u8> = ALL.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 130, 143]);
    }
}
