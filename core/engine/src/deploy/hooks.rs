//! Commands of the command line, which a certificate keeps for its renewals.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::words::CommandLine;
use crate::config::DeployTarget;

/// The commands that go with a certificate, besides its targets.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Hooks {
    /// Runs before a certificate is got, and not when none is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre: Option<Hook>,
    /// Runs when a new certificate is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy: Option<Hook>,
    /// Runs in the end where [`pre`](Self::pre) had its turn, whatever came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<Hook>,
}

/// A command and how long it may take.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hook {
    /// What is run.
    pub command: CommandLine,
    /// In seconds; afterwards it is ended.
    pub timeout: u64,
}

impl Hook {
    /// A command with the usual time limit.
    pub fn new(command: CommandLine) -> Self {
        Self { command, timeout: TIMEOUT.as_secs() }
    }

    pub(crate) fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

impl Hooks {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pre.is_none() && self.deploy.is_none() && self.post.is_none()
    }

    /// These, and for those that are not given the ones of `kept`.
    pub fn or(self, kept: Self) -> Self {
        Self {
            pre: self.pre.or(kept.pre),
            deploy: self.deploy.or(kept.deploy),
            post: self.post.or(kept.post),
        }
    }

    /// The deploy hook as a target.
    pub fn target(&self) -> Option<DeployTarget> {
        let hook = self.deploy.as_ref()?;
        Some(DeployTarget {
            name: "deploy-hook".to_owned(),
            run: Some(hook.command.clone()),
            timeout: Some(hook.limit()),
            ..DeployTarget::default()
        })
    }
}

/// How long a command may take when nobody says it.
pub(super) const TIMEOUT: Duration = Duration::from_secs(300);
