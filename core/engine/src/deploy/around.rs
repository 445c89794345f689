//! Hooks before and after certificates are got: each once in a run, as certbot has it.

use std::sync::{Mutex, PoisonError};

use super::{environment, hooks::Hook, run::here, words::CommandLine};
use crate::{
    engine::Engine,
    error::Error,
    request::{CertificateRequest, Outcome},
    stop::Stop,
};

/// What an engine has run, and what it still owes.
#[derive(Debug, Default)]
pub(crate) struct Around(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    ran: Vec<CommandLine>,
    owed: Vec<Hook>,
}

impl Engine {
    /// Runs the hook that goes before a certificate is got, unless another certificate had it run;
    /// from then on the one that goes behind is owed.
    pub(crate) async fn before(
        &self,
        request: &CertificateRequest,
        stop: &Stop,
    ) -> Result<(), Error> {
        let hooks = &request.hooks;
        let ran = {
            let mut turns = self.around().0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(post) = hooks.post.as_ref().filter(|post| !turns.owed.contains(post)) {
                turns.owed.push(post.clone());
            }
            hooks.pre.as_ref().is_some_and(|pre| turns.ran.contains(&pre.command))
        };
        let Some(pre) = hooks.pre.as_ref().filter(|_| !ran) else { return Ok(()) };
        let variables = environment::of_request(request);
        here("--pre-hook", &pre.command, &variables, pre.limit(), Some(stop)).await?;
        let mut turns = self.around().0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.ran.push(pre.command.clone());
        Ok(())
    }

    /// Runs the hooks that go behind all certificates, where one of them had its hook before, also
    /// when it failed or somebody asked to stop. Gives what went wrong.
    pub async fn after<'a>(
        &self,
        outcomes: impl Iterator<Item = &'a Outcome> + Clone,
    ) -> Vec<Error> {
        let owed = {
            let mut turns = self.around().0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut turns.owed)
        };
        let variables = environment::of_outcomes(outcomes);
        let mut errors = Vec::new();
        for post in owed {
            if let Err(error) =
                here("--post-hook", &post.command, &variables, post.limit(), None).await
            {
                errors.push(error.into());
            }
        }
        errors
    }
}
