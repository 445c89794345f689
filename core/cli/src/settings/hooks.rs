//! Commands that options give.

use std::time::Duration;

use wildcert::deploy::{CommandLine, Hook, Hooks, Span, WordsError};

use super::options::Settings;
use crate::{
    args::HookArgs,
    fault::{Fault, Said},
};

impl Settings<'_> {
    /// The hooks that options give; faulty ones are left out, and told by `finish`.
    pub(super) fn hook_options(&mut self, args: &HookArgs) -> Hooks {
        let mut hook = |names: [&str; 2], command: &Option<String>, time: &Option<String>| {
            let limit = time.as_deref().and_then(|text| self.span(names[1], text));
            let hook = Hook::new(self.command(names[0], command.as_deref()?)?);
            Some(Hook { timeout: limit.map_or(hook.timeout, |limit| limit.as_secs()), ..hook })
        };
        Hooks {
            pre: hook(["--pre-hook", "--pre-hook-timeout"], &args.pre_hook, &args.pre_hook_timeout),
            deploy: hook(
                ["--deploy-hook", "--deploy-hook-timeout"],
                &args.deploy_hook,
                &args.deploy_hook_timeout,
            ),
            post: hook(
                ["--post-hook", "--post-hook-timeout"],
                &args.post_hook,
                &args.post_hook_timeout,
            ),
        }
    }

    fn command(&mut self, option: &str, text: &str) -> Option<CommandLine> {
        let about = [("option", option.into())];
        let fault = match text.parse() {
            Ok(command) => return Some(command),
            Err(WordsError::Shell(sign)) => {
                let values = [("option", option.into()), ("sign", sign.into())];
                Fault::new("fault-hook-shell", &values)
            }
            Err(WordsError::Empty) => {
                Fault { message: Said::new("fault-hook-empty", &about), hint: None }
            }
            Err(_) => Fault { message: Said::new("fault-hook-open", &about), hint: None },
        };
        self.faults.push(fault);
        None
    }

    fn span(&mut self, option: &str, text: &str) -> Option<Duration> {
        let span = text.parse().map(|span: Span| span.0).ok().filter(|span| !span.is_zero());
        if span.is_none() {
            self.fault(option, Said::new("fault-not-span", &[("text", text.into())]));
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::options::tests::{faults, gather};

    const NEEDED: [&str; 4] = ["-d", "a.test", "--dns", "x"];

    #[test]
    fn legos_and_certbots_hooks_are_one_hook() {
        for option in ["--deploy-hook", "--run-hook", "--renew-hook"] {
            let time = format!("{option}-timeout");
            let words = [&NEEDED[..], &[option, "sh -c 'a && b'", &time, "2m0s"]].concat();
            let hook = gather(&words, &[]).unwrap().1.hooks.deploy.unwrap();
            assert_eq!((hook.command.to_string().as_str(), hook.timeout), ("sh -c 'a && b'", 120));
        }
        let words = [&NEEDED[..], &["--pre-hook", "stop it", "--post-hook", "start it"]].concat();
        let hooks = gather(&words, &[]).unwrap().1.hooks;
        assert_eq!(hooks.pre.unwrap().timeout, 300);
        assert!(hooks.post.is_some() && hooks.deploy.is_none());
    }

    #[test]
    fn everything_that_is_wrong_with_hooks_is_told_at_once() {
        let wrong = [
            "--deploy-hook",
            "cp $RENEWED_LINEAGE/fullchain.pem /x",
            "--pre-hook",
            "'",
            "--post-hook",
            "",
            "--deploy-hook-timeout",
            "soon",
        ];
        let told = faults(&[&NEEDED[..], &wrong].concat(), &[]);
        let [pre, time, shell, post] = told.as_slice() else { panic!("{told:#?}") };
        assert!(shell.starts_with("--deploy-hook: `$`"), "{shell}");
        assert!(time.starts_with("--deploy-hook-timeout: `soon`"), "{time}");
        assert!(pre.starts_with("--pre-hook: ") && post.starts_with("--post-hook: "));
    }
}
