//! certbot's manual hooks: `--manual-auth-hook` and `--manual-cleanup-hook`.
//!
//! Native only: a WebAssembly module cannot start programs. The hooks are command lines for a shell,
//! as they are with certbot.
#![cfg(not(target_arch = "wasm32"))]

use wildcert_plugin_sdk::{
    Context, Level, Provider, Removal, Result, TxtRecord, export_provider,
    program::{Program, Variables},
};

/// The settings that name the hooks.
const AUTH: &str = "EXEC_CERTBOT_AUTH_HOOK";
const CLEANUP: &str = "EXEC_CERTBOT_CLEANUP_HOOK";
const GRANTED: &str = "EXEC_CERTBOT_ENV";

struct Certbot {
    auth: String,
    cleanup: String,
    variables: Variables,
}

/// What a hook finds in its environment.
struct Challenge<'a> {
    record: &'a TxtRecord,
    all_domains: String,
    /// How many runs follow.
    remaining: usize,
}

export_provider!(Certbot);

impl Provider for Certbot {
    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self {
            auth: cx.config.require(AUTH)?.to_owned(),
            cleanup: cx.config.require(CLEANUP)?.to_owned(),
            variables: Variables::of(cx.config, GRANTED)?,
        })
    }

    /// No hook can be tried without a change, and a command line may be anything.
    fn check(&self, _: &Context<'_>) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let challenges = challenges(records.iter());
        let present = |challenge: &Challenge<'_>| {
            let hook = self.hook(AUTH, &self.auth, challenge)?;
            Ok(self.kept(cx, hook.run(cx, &challenge.doing(AUTH))?))
        };
        challenges.iter().map(present).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let challenges = challenges(removals.iter().map(|removal| &removal.record));
        let remove = |(challenge, removal): (&Challenge<'_>, &Removal)| {
            let output = removal.handle.as_deref().unwrap_or_default();
            let hook = self.hook(CLEANUP, &self.cleanup, challenge)?;
            hook.env("CERTBOT_AUTH_OUTPUT", output).run(cx, &challenge.doing(CLEANUP)).map(drop)
        };
        challenges.iter().zip(removals).map(remove).collect()
    }
}

impl Certbot {
    fn hook(
        &self,
        setting: &'static str,
        line: &str,
        challenge: &Challenge<'_>,
    ) -> Result<Program<'_>> {
        Ok(Program::new(setting, "/bin/sh", Some(&self.variables))
            .args(["-c", line])
            .env("CERTBOT_DOMAIN", challenge.record.domain()?)
            .env("CERTBOT_VALIDATION", &challenge.record.value)
            .env("CERTBOT_ALL_DOMAINS", &challenge.all_domains)
            .env("CERTBOT_REMAINING_CHALLENGES", challenge.remaining.to_string()))
    }

    /// What the auth hook printed, as the handle: it is written to the journal.
    fn kept(&self, cx: &Context<'_>, output: String) -> Option<String> {
        if self.variables.stand_in(&output) {
            let message = format!(
                "the auth hook printed a value of `{GRANTED}`: the cleanup hook gets no \
                 CERTBOT_AUTH_OUTPUT"
            );
            cx.host.log(Level::Warn, &message);
            return None;
        }
        (!output.is_empty()).then_some(output)
    }
}

impl Challenge<'_> {
    fn doing(&self, setting: &str) -> String {
        format!("`{setting}` for `{}`", self.record.owner)
    }
}

fn challenges<'a>(
    records: impl ExactSizeIterator<Item = &'a TxtRecord> + Clone,
) -> Vec<Challenge<'a>> {
    let domains: Vec<&str> = records.clone().filter_map(|record| record.domain().ok()).collect();
    let (all_domains, count) = (domains.join(","), records.len());
    let challenge = |(place, record)| Challenge {
        record,
        all_domains: all_domains.clone(),
        remaining: count - place - 1,
    };
    records.enumerate().map(challenge).collect()
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
    /// A hook that tells its name and what certbot promises.
    const TELL: &str = "echo \"$0 $CERTBOT_DOMAIN $CERTBOT_VALIDATION $CERTBOT_ALL_DOMAINS \
                        $CERTBOT_REMAINING_CHALLENGES ${CERTBOT_AUTH_OUTPUT-unset} \
                        ${CERTBOT_TOKEN-unset} ${CARGO_PKG_NAME-unset}\"";

    fn run<T>(
        settings: &[(&str, &str)],
        operation: impl FnOnce(&Certbot, &Context<'_>) -> T,
    ) -> (T, Vec<String>) {
        let host = FakeHost::default();
        // What comes first counts.
        let settings = [settings, &[(AUTH, TELL), (CLEANUP, TELL)]].concat();
        let result = host.call(&settings, |cx| operation(&Certbot::new(cx).unwrap(), cx));
        (result, host.log_lines())
    }

    #[test]
    fn hooks_find_what_certbot_promises() {
        let (_, log) = run(&[], |provider, cx| {
            let other = record("_acme-challenge.www.example.com.", "-b");
            let handles = provider.present(cx, &[record(OWNER, "a"), other]);
            let all = "example.com,www.example.com";
            let first = format!("/bin/sh example.com a {all} 1 unset unset unset");
            assert_eq!(handles[0], Ok(Some(first)));
            let removals = [removal(OWNER, "a", Some("id 7")), removal(OWNER, "b", None)];
            assert_eq!(provider.remove(cx, &removals), [Ok(()), Ok(())]);
        });
        assert_eq!(
            log,
            [
                "info: /bin/sh example.com a example.com,www.example.com 1 unset unset unset",
                "info: /bin/sh www.example.com -b example.com,www.example.com 0 unset unset unset",
                "info: /bin/sh example.com a example.com,example.com 1 id 7 unset unset",
                "info: /bin/sh example.com b example.com,example.com 0  unset unset",
            ]
        );
    }

    #[test]
    fn only_what_was_granted_is_in_the_environment_and_stays_out_of_handles() {
        let hook = "echo \"$KEY ${CARGO_PKG_NAME-unset}\"";
        let (handles, log) = run(&[(AUTH, hook), (GRANTED, "KEY=s3cret")], |provider, cx| {
            provider.present(cx, &[record(OWNER, "a")])
        });
        assert_eq!(handles, [Ok(None)]);
        assert_eq!(log[0], "info: **** unset");
        assert!(log[1].starts_with("warn: the auth hook printed a value"), "{log:?}");
        // Cargo sets it for tests.
        let (handles, _) = run(&[(AUTH, hook), (GRANTED, "CARGO_PKG_NAME")], |provider, cx| {
            provider.present(cx, &[record(OWNER, "a")])
        });
        assert_eq!(handles, [Ok(None)]);
    }

    #[test]
    fn a_failure_names_the_hook_and_keeps_its_last_complaint() {
        let hook = "echo trying >&2; echo no such zone >&2; exit 3";
        let (error, _) = run(&[(CLEANUP, hook)], |provider, cx| {
            the_error(provider.remove(cx, &[removal(OWNER, "a", None)]))
        });
        assert_eq!(error.kind, ErrorKind::Permanent);
        let words = format!("`{CLEANUP}` for `{OWNER}`: exit status: 3: no such zone");
        assert_eq!(error.message, words);
    }

    #[test]
    fn a_record_of_no_known_domain_is_not_set_elsewhere() {
        let (error, log) = run(&[], |provider, cx| {
            the_error(provider.present(cx, &[record("example.com.", "a")]))
        });
        assert_eq!((error.kind, log.len()), (ErrorKind::Unsupported, 0));
    }

    #[test]
    fn the_manifest_is_valid_and_says_native_only() {
        let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
        assert_eq!((manifest.id.as_str(), unknown.len()), ("exec-certbot", 0));
        assert!(manifest.native_only);
    }
}
