//! A program of the user's that changes the DNS: lego's `exec` protocol.
//!
//! Native only: a WebAssembly module cannot start programs. Unless `EXEC_ENV` is set the program
//! inherits the environment, as it does with lego, since such programs take their own credentials
//! from there.
#![cfg(not(target_arch = "wasm32"))]

use std::path::Path;

use wildcert_plugin_sdk::{
    Context, Error, Provider, Removal, Result, TxtRecord, challenge, export_provider,
    program::{Program, Variables},
};

struct Exec {
    program: String,
    raw: bool,
    variables: Option<Variables>,
}

export_provider!(Exec);

impl Provider for Exec {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let granted = cx.config.get("EXEC_ENV").map(|_| Variables::of(cx.config, "EXEC_ENV"));
        Ok(Self {
            program: cx.config.require("EXEC_PATH")?.to_owned(),
            raw: challenge::raw_mode(cx.config, "EXEC_MODE")?,
            variables: granted.transpose()?,
        })
    }

    /// The protocol has no call that changes nothing: only the program's presence is looked at.
    fn check(&self, _: &Context<'_>) -> Result<Vec<String>> {
        if self.program.contains('/') && !Path::new(&self.program).is_file() {
            return Err(Error::config(format!("`EXEC_PATH`: there is no file `{}`", self.program)));
        }
        Ok(Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        records.iter().map(|record| self.run(cx, "present", record).map(|()| None)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|removal| self.run(cx, "cleanup", &removal.record)).collect()
    }
}

impl Exec {
    fn run(&self, cx: &Context<'_>, action: &str, record: &TxtRecord) -> Result<()> {
        let program = Program::new("EXEC_PATH", &self.program, self.variables.as_ref());
        let program = if self.raw {
            let challenge = record.challenge()?;
            let (domain, token) = (challenge.domain, challenge.token);
            // A token may begin with `-`.
            program.args([action, "--", domain, token, challenge.key_authorization])
        } else {
            program.args([action, &record.owner, &record.value])
        };
        let doing = format!("`{} {action}` for `{}`", self.program, record.owner);
        program.run(cx, &doing).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use wildcert_plugin_sdk::{
        ErrorKind,
        manifest::Manifest,
        testing::{FakeHost, record, removal, the_error},
    };

    use super::*;

    const OWNER: &str = "_acme-challenge.example.com.";
    const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/program.sh");

    fn run<T>(
        settings: &[(&str, &str)],
        operation: impl FnOnce(&Exec, &Context<'_>) -> T,
    ) -> (T, Vec<String>) {
        let host = FakeHost::default();
        let settings = [&[("EXEC_PATH", SCRIPT)], settings].concat();
        let result = host.call(&settings, |cx| operation(&Exec::new(cx).unwrap(), cx));
        (result, host.log_lines())
    }

    #[test]
    fn each_value_is_a_run_and_output_goes_to_the_log() {
        let (_, log) = run(&[], |provider, cx| {
            let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "-b")]);
            assert_eq!(results, [Ok(None), Ok(None)]);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        });
        let line = |rest: &str| format!("info: arguments: {rest}");
        assert_eq!(
            log,
            [
                line(&format!("[present][{OWNER}][a]")),
                line(&format!("[present][{OWNER}][-b]")),
                line(&format!("[cleanup][{OWNER}][a]")),
            ]
        );
    }

    #[test]
    fn raw_mode_hands_on_the_challenge() {
        let mut with = record(OWNER, "a");
        let options = [
            (challenge::DOMAIN, "example.com"),
            (challenge::TOKEN, "-tok"),
            (challenge::KEY_AUTHORIZATION, "-tok.key"),
        ];
        with.options = options.map(|(name, value)| (name.into(), value.into())).to_vec();
        let (_, log) = run(&[("EXEC_MODE", "RAW")], |provider, cx| {
            assert_eq!(provider.present(cx, &[with]), [Ok(None)]);
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!(error.kind, ErrorKind::Unsupported);
        });
        assert_eq!(log, ["info: arguments: [present][--][example.com][-tok][-tok.key]"]);
    }

    #[test]
    fn a_failure_keeps_the_last_complaint() {
        let (error, log) =
            run(&[], |provider, cx| the_error(provider.present(cx, &[record(OWNER, "fail")])));
        assert_eq!(error.kind, ErrorKind::Permanent);
        let words = format!("`{SCRIPT} present` for `{OWNER}`: exit status: 3: no such zone");
        assert_eq!(error.message, words);
        assert!(log.contains(&"info: looking for the zone".to_owned()), "{log:?}");
    }

    #[test]
    fn much_output_on_both_sides_does_not_stop_it() {
        let (_, log) = run(&[], |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "talk")]), [Ok(None)]);
        });
        assert_eq!(log.len(), 1 + 2 * 2000);
    }

    #[test]
    fn the_environment_is_handed_on_unless_there_is_one_of_its_own() {
        let (_, log) = run(&[], |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "environment")]), [Ok(None)]);
        });
        // Cargo sets it for tests.
        assert!(log.contains(&"info: crate wildcert-provider-exec".to_owned()), "{log:?}");
        let (_, log) = run(&[("EXEC_ENV", "OTHER=1")], |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "environment")]), [Ok(None)]);
        });
        assert!(log.contains(&"info: crate".to_owned()), "{log:?}");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_fault_of_the_settings() {
        FakeHost::default().call(&[("EXEC_PATH", "/nonexistent/program")], |cx| {
            let provider = Exec::new(cx).unwrap();
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!(error.kind, ErrorKind::Config);
            assert!(error.message.contains("`EXEC_PATH`"), "{error}");
            assert_eq!(provider.check(cx).unwrap_err().kind, ErrorKind::Config);
        });
        let (checked, _) = run(&[], |provider, cx| provider.check(cx));
        assert_eq!(checked, Ok(Vec::new()));
    }

    #[test]
    fn the_manifest_is_valid_and_says_native_only() {
        let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
        assert_eq!((manifest.id.as_str(), unknown.len()), ("exec", 0));
        assert!(manifest.native_only);
    }
}
