//! dehydrated's hook: `HOOK deploy_challenge DOMAIN TOKEN VALUE`.
//!
//! Native only: a WebAssembly module cannot start programs. Each call is a whole run of dehydrated
//! to the hook, so that one that logs in at `startup_hook` and out at `exit_hook` works.
#![cfg(not(target_arch = "wasm32"))]

use std::{path::Path, time::Duration};

use wildcert_plugin_sdk::{
    Context, Error, Provider, Removal, Result, TxtRecord, challenge, export_provider,
    program::{LIMIT, Program, Variables},
};

const HOOK: &str = "EXEC_DEHYDRATED_HOOK";
const CHAIN: &str = "EXEC_DEHYDRATED_HOOK_CHAIN";

/// For how long `startup_hook` and `exit_hook` may run.
const AROUND: Duration = Duration::from_secs(60);

struct Dehydrated {
    hook: String,
    /// All values in one run.
    chain: bool,
    variables: Variables,
}

export_provider!(Dehydrated);

impl Provider for Dehydrated {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let chain = match cx.config.get(CHAIN).unwrap_or("no").to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => true,
            "no" | "false" | "0" => false,
            _ => return Err(Error::config(format!("`{CHAIN}` is neither `yes` nor `no`"))),
        };
        let variables = Variables::of(cx.config, "EXEC_DEHYDRATED_ENV")?;
        Ok(Self { hook: cx.config.require(HOOK)?.to_owned(), chain, variables })
    }

    /// dehydrated asks of every hook that it takes unknown words in silence; more can not be tried
    /// without a change.
    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        if self.hook.contains('/') && !Path::new(&self.hook).is_file() {
            return Err(Error::config(format!("`{HOOK}`: there is no file `{}`", self.hook)));
        }
        self.run(cx, &["wildcert_asks_whether_unknown_hooks_are_ignored"], AROUND)?;
        Ok(Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let records: Vec<&TxtRecord> = records.iter().collect();
        let results = self.session(cx, "deploy_challenge", &records);
        results.into_iter().map(|result| result.map(|()| None)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let records: Vec<&TxtRecord> = removals.iter().map(|removal| &removal.record).collect();
        self.session(cx, "clean_challenge", &records)
    }
}

impl Dehydrated {
    /// What a run of dehydrated is to the hook.
    fn session(&self, cx: &Context<'_>, word: &str, records: &[&TxtRecord]) -> Vec<Result<()>> {
        if let Err(error) = self.run(cx, &["startup_hook"], AROUND) {
            return vec![Err(error); records.len()];
        }
        let results = if self.chain {
            vec![self.chained(cx, word, records); records.len()]
        } else {
            let each = |record: &&TxtRecord| {
                self.run(cx, &[&[word][..], &triple(record)?].concat(), LIMIT)
            };
            records.iter().map(each).collect()
        };
        let failed = results.iter().find_map(|result| result.as_ref().err());
        let failed = failed.map(ToString::to_string);
        let words = std::iter::once("exit_hook").chain(failed.as_deref());
        // Its output is in the log; as with dehydrated nothing more comes of it.
        let _ = self.run(cx, &words.collect::<Vec<_>>(), AROUND);
        results
    }

    fn chained(&self, cx: &Context<'_>, word: &str, records: &[&TxtRecord]) -> Result<()> {
        let triples: Vec<[&str; 3]> =
            records.iter().map(|record| triple(record)).collect::<Result<_>>()?;
        let limit = LIMIT.saturating_mul(u32::try_from(records.len()).unwrap_or(u32::MAX));
        self.run(cx, &[&[word][..], triples.as_flattened()].concat(), limit)
    }

    fn run(&self, cx: &Context<'_>, words: &[&str], limit: Duration) -> Result<()> {
        let hook = Program::new(HOOK, &self.hook, Some(&self.variables)).args(words).limit(limit);
        let shown: Vec<&str> = words.iter().take(2).copied().collect();
        hook.run(cx, &format!("`{} {}`", self.hook, shown.join(" "))).map(drop)
    }
}

/// Domain, token and value.
fn triple(record: &TxtRecord) -> Result<[&str; 3]> {
    let token = record.option(challenge::TOKEN).unwrap_or_default();
    Ok([record.domain()?, token, &record.value])
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
    const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/hook.sh");

    fn run<T>(
        settings: &[(&str, &str)],
        operation: impl FnOnce(&Dehydrated, &Context<'_>) -> T,
    ) -> (T, Vec<String>) {
        let host = FakeHost::default();
        let settings = [&[(HOOK, SCRIPT)], settings].concat();
        let result = host.call(&settings, |cx| operation(&Dehydrated::new(cx).unwrap(), cx));
        (result, host.log_lines())
    }

    fn challenged(value: &str) -> TxtRecord {
        let mut record = record(OWNER, value);
        let options = [(challenge::DOMAIN, "shop.example.net"), (challenge::TOKEN, "tok")];
        record.options = options.map(|(name, value)| (name.into(), value.into())).to_vec();
        record
    }

    #[test]
    fn each_value_is_a_run_between_startup_and_exit() {
        let (_, log) = run(&[], |provider, cx| {
            let results = provider.present(cx, &[challenged("a"), challenged("-b")]);
            assert_eq!(results, [Ok(None), Ok(None)]);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        });
        assert_eq!(
            log,
            [
                "info: [startup_hook] unset",
                "info: [deploy_challenge][shop.example.net][tok][a] unset",
                "info: [deploy_challenge][shop.example.net][tok][-b] unset",
                "info: [exit_hook] unset",
                "info: [startup_hook] unset",
                "info: [clean_challenge][example.com][][a] unset",
                "info: [exit_hook] unset",
            ]
        );
    }

    #[test]
    fn a_chain_is_one_run() {
        let (_, log) =
            run(&[(CHAIN, "yes"), ("EXEC_DEHYDRATED_ENV", "KEY=s3cret")], |provider, cx| {
                let results = provider.present(cx, &[challenged("a"), challenged("b")]);
                assert_eq!(results, [Ok(None), Ok(None)]);
            });
        let triples = "[shop.example.net][tok][a][shop.example.net][tok][b]";
        assert_eq!(log[1], format!("info: [deploy_challenge]{triples} ****"));
        assert_eq!(log.len(), 3);
        let error = FakeHost::default()
            .call(&[(HOOK, SCRIPT), (CHAIN, "perhaps")], |cx| Dehydrated::new(cx).err().unwrap());
        assert_eq!(error.kind, ErrorKind::Config);
    }

    #[test]
    fn a_failure_keeps_the_last_complaint_and_the_exit_hook_hears_of_it() {
        let (error, log) = run(&[], |provider, cx| {
            let results = provider.present(cx, &[challenged("a"), challenged("fail")]);
            assert_eq!(results[0], Ok(None));
            the_error(results)
        });
        assert_eq!(error.kind, ErrorKind::Permanent);
        let words =
            format!("`{SCRIPT} deploy_challenge shop.example.net`: exit status: 3: no such zone");
        assert_eq!(error.message, words);
        assert_eq!(log.last().unwrap(), &format!("info: [exit_hook][{words}] unset"));
    }

    #[test]
    fn nothing_is_deployed_when_the_start_fails() {
        let (results, log) = run(&[("EXEC_DEHYDRATED_ENV", "CLOSED=true")], |provider, cx| {
            provider.present(cx, &[challenged("a"), challenged("b")])
        });
        assert!(results.iter().all(|result| result.is_err()), "{results:?}");
        assert!(log.iter().all(|line| !line.contains("deploy_challenge")), "{log:?}");
    }

    #[test]
    fn a_hook_is_asked_what_dehydrated_asks() {
        let (checked, log) = run(&[], |provider, cx| provider.check(cx));
        assert_eq!(checked, Ok(Vec::new()));
        assert_eq!(log.len(), 1);
        FakeHost::default().call(&[(HOOK, "/nonexistent/hook")], |cx| {
            let error = Dehydrated::new(cx).unwrap().check(cx).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Config);
        });
    }

    #[test]
    fn the_manifest_is_valid_and_says_native_only() {
        let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
        assert_eq!((manifest.id.as_str(), unknown.len()), ("exec-dehydrated", 0));
        assert!(manifest.native_only);
    }
}
