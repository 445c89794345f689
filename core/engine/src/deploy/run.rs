//! A certificate's way to its targets.

use std::{path::Path, time::Duration};

use futures_util::future::join_all;
use time::OffsetDateTime;

use super::{
    command::{CommandError, Task},
    environment::{self, Variables},
    error::{Back, DeployError},
    files::{self, Copy},
    hooks::{Hooks, TIMEOUT},
    local, probe,
    record::{Record, TargetState},
    ssh::Host,
    words::CommandLine,
};
use crate::{
    config::DeployTarget, engine::Engine, error::Error, event::Event, request::CertificateRequest,
    stop::Stop, store::CertificateInfo,
};

/// A certificate's targets.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// The certificate's name in the store.
    pub name: String,
    /// Its targets, in their order.
    pub targets: Vec<DeployTarget>,
    /// The hooks that its renewals shall run from now on; empty when nothing is said of them.
    pub hooks: Hooks,
}

/// Which targets have their turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// Those that do not have the stored certificate.
    Pending,
    /// All.
    All,
}

/// What came of a target.
#[derive(Debug)]
pub struct Deployed {
    /// The target's name.
    pub target: String,
    /// Which of its hosts; none when that is this machine.
    pub host: Option<String>,
    /// Why it does not have the certificate.
    pub error: Option<Error>,
}

impl Deployed {
    /// The target's name, with `@host` where there is one.
    pub fn label(&self) -> String {
        label(&self.target, self.host.as_deref())
    }
}

impl From<&CertificateRequest> for Deployment {
    fn from(request: &CertificateRequest) -> Self {
        Self::new(request.store_name(), request.hooks.clone(), &request.deploy)
    }
}

impl Deployment {
    /// The deploy hook, where there is one, goes before the `targets`.
    pub fn new(name: String, hooks: Hooks, targets: &[DeployTarget]) -> Self {
        let targets = hooks.target().into_iter().chain(targets.iter().cloned()).collect();
        Self { name, targets, hooks }
    }

    /// The label of each target on each host.
    fn labels(&self) -> Vec<String> {
        let of = |target: &DeployTarget| {
            let hosts = hosts(target).into_iter();
            hosts.map(|host| label(&target.name, host.as_deref())).collect::<Vec<_>>()
        };
        self.targets.iter().flat_map(of).collect()
    }
}

impl Engine {
    /// How the targets of a certificate stand, in the order in which they were last tried.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn deployments(&self, name: &str) -> Result<Vec<TargetState>, Error> {
        Record::read(self.state(), name).map(Record::into_states)
    }

    /// Brings the stored certificate to its targets, one after the other; the hosts of one side by
    /// side. A target that fails does not stop the next. What was done is remembered, so that the
    /// next time those have their turn that lack it.
    ///
    /// # Errors
    /// When the state cannot be read or written; what is wrong with a target is told with it.
    pub async fn deploy(
        &self,
        deployment: &Deployment,
        which: Which,
        stop: &Stop,
    ) -> Result<Vec<Deployed>, Error> {
        let name = &deployment.name;
        let Some(mut info) = self.store().read(name)? else { return Ok(Vec::new()) };
        let mut record = Record::read(self.state(), name)?;
        if record.retain(&deployment.labels()) {
            record.write(self.state(), name)?;
        }
        if !deployment.hooks.is_empty() && deployment.hooks != info.renewal.hooks {
            let _lock = self.store().lock(name)?;
            self.store().keep_hooks(name, &deployment.hooks)?;
        }
        let mut all = Vec::new();
        for target in &deployment.targets {
            let lacks = |record: &Record, info: &CertificateInfo| -> Vec<Option<String>> {
                let of = |host: &Option<String>| label(&target.name, host.as_deref());
                let mut hosts = hosts(target);
                hosts.retain(|host| which == Which::All || !record.has(&of(host), info));
                hosts
            };
            let waiting = lacks(&record, &info);
            if waiting.is_empty() {
                continue;
            }
            let fail = |error: &dyn Fn() -> Error| -> Vec<Deployed> {
                let failed = |host: &Option<String>| Deployed {
                    target: target.name.clone(),
                    host: host.clone(),
                    error: Some(error()),
                };
                waiting.iter().map(failed).collect()
            };
            if let Err(Error::Stopped(signal)) = self.delay(target, &info, stop).await {
                all.extend(fail(&|| Error::Stopped(signal)));
                break;
            }
            let _lock = match self.store().lock(name) {
                Ok(lock) => lock,
                Err(Error::Locked { name }) => {
                    all.extend(fail(&|| Error::Locked { name: name.clone() }));
                    continue;
                }
                Err(error) => return Err(error),
            };
            // Another process may have been faster.
            let Some(newest) = self.store().read(name)? else { return Ok(all) };
            info = newest;
            record = Record::read(self.state(), name)?;
            let hosts = lacks(&record, &info);
            let results =
                hosts.iter().map(|host| self.to_host(target, host.as_deref(), &info, stop));
            let results = join_all(results).await;
            let mut stopped = false;
            for (host, result) in hosts.into_iter().zip(results) {
                let (label, error) = (label(&target.name, host.as_deref()), result.err());
                stopped |= matches!(error, Some(Error::Stopped(_)));
                record.note(&label, &info, error.as_ref().map(ToString::to_string));
                all.push(Deployed { target: target.name.clone(), host, error });
            }
            record.write(self.state(), name)?;
            if stopped {
                break;
            }
        }
        Ok(all)
    }

    fn state(&self) -> &Path {
        &self.options().path
    }

    /// Waits until the certificate has been stored for as long as the target wants.
    async fn delay(
        &self,
        target: &DeployTarget,
        info: &CertificateInfo,
        stop: &Stop,
    ) -> Result<(), Error> {
        let until = info.came() + target.delay.0;
        let left = Duration::try_from(until - OffsetDateTime::now_utc()).unwrap_or_default();
        // A clock that was set back is no reason to wait for longer.
        let left = left.min(target.delay.0);
        if left.is_zero() {
            return Ok(());
        }
        let (name, target) = (info.name.clone(), target.name.clone());
        (self.observer())(Event::Delayed { name, target, seconds: left.as_secs() + 1 });
        tokio::select! {
            () = tokio::time::sleep(left) => Ok(()),
            signal = stop.asked() => Err(Error::Stopped(signal)),
        }
    }

    async fn to_host(
        &self,
        target: &DeployTarget,
        host: Option<&str>,
        info: &CertificateInfo,
        stop: &Stop,
    ) -> Result<(), Error> {
        let label = label(&target.name, host);
        let observe = |event: Event| (self.observer())(event);
        observe(Event::Deploying { name: info.name.clone(), target: label.clone() });
        let limit = target.timeout.unwrap_or(TIMEOUT);
        let visit = Visit {
            target,
            info,
            host: host.map(|name| Host { name, ssh: target.ssh.as_ref(), limit }),
            variables: environment::of_target(info, target, host),
            limit,
            stop,
        };
        let result = visit.run().await;
        let failed = result.is_err();
        observe(Event::Deployed { name: info.name.clone(), target: label, failed });
        result
    }
}

/// A target's turn on one machine.
struct Visit<'a> {
    target: &'a DeployTarget,
    info: &'a CertificateInfo,
    /// The machine; none for this one.
    host: Option<Host<'a>>,
    variables: Variables,
    limit: Duration,
    stop: &'a Stop,
}

impl Visit<'_> {
    async fn run(&self) -> Result<(), Error> {
        let result = self.exchange().await;
        let Some(post) = &self.target.post else { return result };
        // What `pre` began it ends, also when somebody asked to stop.
        let posted = self.command("post", post, None).await;
        result.and(posted.map_err(Error::from))
    }

    async fn exchange(&self) -> Result<(), Error> {
        let copies = files::copies(self.target, self.info)?;
        if let Some(pre) = &self.target.pre {
            self.command("pre", pre, Some(self.stop)).await?;
        }
        if copies.is_empty() {
            return self.take_up().await;
        }
        self.put(&copies).await?;
        match self.take_up().await {
            Ok(()) => Ok(self.keep(&copies).await?),
            Err(error) => {
                let back = self.go_back(&copies, &error).await;
                Err(match error {
                    Error::Deploy { source, .. } => Error::Deploy { source, back },
                    error => error,
                })
            }
        }
    }

    /// Has the servers use what is there, and sees that they do.
    async fn take_up(&self) -> Result<(), Error> {
        if let Some(run) = &self.target.run {
            self.command("run", run, Some(self.stop)).await?;
        }
        for endpoint in &self.target.probe {
            probe::see(endpoint, self.info, self.stop).await?;
        }
        Ok(())
    }

    async fn go_back(&self, copies: &[Copy], failed: &Error) -> Back {
        let back = match &self.host {
            Some(host) => host.back(copies).await,
            None => local::back(copies),
        };
        if let Err(error) = back {
            return Back::Failed(error.to_string());
        }
        let Some(run) = &self.target.run else { return Back::Done };
        match self.command("run", run, None).await {
            Ok(()) => Back::Done,
            Err(error) => {
                let reason = error.to_string();
                Back::CommandFailed(Some(reason).filter(|reason| *reason != failed.to_string()))
            }
        }
    }

    async fn put(&self, copies: &[Copy]) -> Result<(), DeployError> {
        match &self.host {
            Some(host) => host.put(copies, self.stop).await,
            None => local::put(copies),
        }
    }

    async fn keep(&self, copies: &[Copy]) -> Result<(), DeployError> {
        match &self.host {
            Some(host) => host.keep(copies).await,
            None => local::keep(copies),
        }
    }

    async fn command(
        &self,
        step: &'static str,
        command: &CommandLine,
        stop: Option<&Stop>,
    ) -> Result<(), DeployError> {
        match &self.host {
            Some(host) => host.command(step, command, &self.variables, stop).await,
            None => here(step, command, &self.variables, self.limit, stop).await,
        }
    }
}

/// Runs a command on this machine; what it says is logged.
pub(super) async fn here(
    step: &'static str,
    command: &CommandLine,
    variables: &[(String, String)],
    limit: Duration,
    stop: Option<&Stop>,
) -> Result<(), DeployError> {
    let task = Task { words: command.here(), variables, input: None, limit };
    let ended: Result<String, CommandError> = task.run(stop).await;
    let output = ended.map_err(|source| DeployError::Command {
        step,
        command: command.to_string(),
        source,
    })?;
    for line in output.lines() {
        tracing::info!("{command}: {line}");
    }
    Ok(())
}

/// The machines of a target; none stands for this one.
fn hosts(target: &DeployTarget) -> Vec<Option<String>> {
    match target.hosts.as_slice() {
        [] => vec![None],
        hosts => hosts.iter().cloned().map(Some).collect(),
    }
}

fn label(target: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => format!("{target}@{host}"),
        None => target.to_owned(),
    }
}
