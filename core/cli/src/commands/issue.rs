//! Getting certificates, one after the other, and telling what came of each.

use std::time::Duration;

use time::OffsetDateTime;
use wildcert::{
    CertificateRequest, Engine, Error as EngineError, Outcome, Status, Stop, Todo,
    config::Config,
    deploy::{Deployment, Which},
};

use super::{
    conclude::conclude,
    deploy::{bring, is_stopped},
    terms,
};
use crate::{
    args::WantedArgs,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::PfxWish,
    show::{certificate_facts, date, days_left, waiting_values},
};

/// A certificate that shall be there.
pub(crate) struct Job {
    /// Its line in the file that asks for it.
    pub(crate) line: Option<usize>,
    /// The request, or the outcome of one that cannot even be tried.
    pub(crate) request: Result<CertificateRequest, Outcome>,
    /// The PKCS#12 file that is wanted too.
    pub(crate) pfx: Option<PfxWish>,
}

impl Job {
    /// A request that comes from no file.
    pub(crate) fn new(request: CertificateRequest) -> Self {
        Self { line: None, request: Ok(request), pfx: None }
    }
}

/// How a series of certificates goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Series {
    /// One that fails does not stop the others.
    GoOn,
    /// The first that fails is the last that is tried.
    StopAtFailure,
}

/// Gets what is due of the jobs, prints what came of them, and tells it whom `file` wants told; gives
/// the exit code.
pub(crate) async fn issue(
    engine: &Engine,
    file: &Config,
    jobs: Vec<Job>,
    series: Series,
    stop: &Stop,
    args: &WantedArgs,
    printer: &Printer,
) -> Result<u8, Error> {
    let several = jobs.len() > 1;
    let mut told = Told {
        outcomes: Vec::new(),
        lines: Vec::new(),
        deployments: Vec::new(),
        several,
        args,
        printer,
    };
    let mut left = untouched(engine, jobs).await.into_iter();
    for Settled { line, deployment, job } in left.by_ref() {
        let outcome = match job {
            Err(outcome) => {
                if outcome.error.is_some() {
                    engine.keep_result(&outcome, Duration::ZERO);
                }
                outcome
            }
            Ok(request) => attempt(engine, request, stop, printer).await,
        };
        let over = match &outcome.error {
            Some(EngineError::Stopped(_)) => true,
            error => error.is_some() && series == Series::StopAtFailure,
        };
        told.add(line, deployment, outcome)?;
        if over {
            break;
        }
    }
    let untried = left.count();
    if untried > 0 {
        printer.note(&printer.text().say("series-untried", &[("count", untried.into())]));
    }
    told.deploy(engine, stop).await;
    let post_hooks = engine.after(told.outcomes.iter()).await;
    let code = told.end(untried, &post_hooks);
    conclude(engine, file, &told.outcomes, printer).await;
    code
}

/// A job, or what came of it where nothing is to be done.
struct Settled {
    line: Option<usize>,
    /// Where the certificate goes, if anywhere.
    deployment: Option<Deployment>,
    job: Result<CertificateRequest, Outcome>,
}

/// Jobs with those settled for which nothing is to be done.
async fn untouched(engine: &Engine, jobs: Vec<Job>) -> Vec<Settled> {
    let deployment = |job: &Job| {
        let deployment = Deployment::from(job.request.as_ref().ok()?);
        Some(deployment).filter(|deployment| !deployment.targets.is_empty())
    };
    // One is looked at under its lock; many are sorted out first.
    if jobs.len() < 2 {
        let settle = |job: Job| {
            let deployment = deployment(&job);
            Settled { line: job.line, deployment, job: job.request }
        };
        return jobs.into_iter().map(settle).collect();
    }
    let requests: Vec<&CertificateRequest> =
        jobs.iter().filter_map(|job| job.request.as_ref().ok()).collect();
    let mut plans = engine.plan(&requests).await.into_iter();
    let settle = |job: Job| {
        let deployment = deployment(&job);
        let request = match job.request {
            Err(outcome) => Err(outcome),
            Ok(request) => match plans.next() {
                Some(Todo::Leave(outcome)) => Err(outcome),
                _ => Ok(request),
            },
        };
        Settled { line: job.line, deployment, job: request }
    };
    jobs.into_iter().map(settle).collect()
}

async fn attempt(
    engine: &Engine,
    mut request: CertificateRequest,
    stop: &Stop,
    printer: &Printer,
) -> Outcome {
    loop {
        let watch = printer.watch();
        let mut outcome = engine.run(&request, stop).await;
        match &outcome.error {
            error if terms::can_agree(printer, error.as_ref()) => watch.discard(),
            error => watch.end(error.is_some()),
        }
        match terms::agreed(printer, outcome.error.as_ref(), stop).await {
            Ok(None) => {}
            Ok(Some(server)) => {
                let wants = request.cas.iter_mut().filter(|ca| ca.server == server);
                wants.for_each(|ca| ca.terms_agreed = true);
                continue;
            }
            Err(stopped) => outcome.error = Some(stopped),
        }
        return outcome;
    }
}

/// What came of the certificates so far.
struct Told<'a> {
    outcomes: Vec<Outcome>,
    lines: Vec<Option<usize>>,
    deployments: Vec<Option<Deployment>>,
    /// Whether there are more than one, so that those that do are told by number.
    several: bool,
    args: &'a WantedArgs,
    printer: &'a Printer,
}

impl Told<'_> {
    /// Tells people of one at once.
    fn add(
        &mut self,
        line: Option<usize>,
        deployment: Option<Deployment>,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let printer = self.printer;
        let text = printer.text();
        if let Some(error) = &outcome.error {
            // Of one it is plain which; a faulty line names itself.
            if self.several && !outcome.name.is_empty() {
                let values = [("name", outcome.name.as_str().into())];
                printer.note(&text.say("series-failed", &values));
            }
            printer.failure(error);
        } else if let (true, Some(waiting)) = (self.several, &outcome.waiting) {
            let values = [("name", outcome.name.as_str().into())];
            let values = [&values[..], &waiting_values(waiting)].concat();
            printer.note(&text.say("series-waiting", &values));
        } else if self.args.json.json || self.several && outcome.status == Status::Unchanged {
            // Told at the end.
        } else if let Some(info) = &outcome.certificate {
            let status = status(text, &outcome);
            printer.result(&certificate_facts(text, printer.paint(), &status, info))?;
        }
        printer.log(&summary(text, &outcome));
        self.outcomes.push(outcome);
        self.lines.push(line);
        self.deployments.push(deployment);
        Ok(())
    }

    /// Brings the certificates to those targets that lack them.
    async fn deploy(&mut self, engine: &Engine, stop: &Stop) {
        for (outcome, deployment) in self.outcomes.iter_mut().zip(&self.deployments) {
            let Some(deployment) = deployment else { continue };
            match &outcome.error {
                Some(EngineError::Stopped(_)) => return,
                // Whoever works on it brings it there.
                Some(EngineError::Locked { .. }) => continue,
                _ => {}
            }
            match bring(engine, deployment, Which::Pending, stop, self.printer).await {
                Ok(deployed) => outcome.deployed = deployed,
                Err(error) => {
                    self.printer.failure(&error);
                    outcome.error.get_or_insert(error);
                }
            }
            if outcome.deployed.iter().any(is_stopped) {
                return;
            }
        }
    }

    /// Tells programs of all; gives the exit code.
    fn end(&self, untried: usize, post_hooks: &[EngineError]) -> Result<u8, Error> {
        let text = self.printer.text();
        for error in post_hooks {
            self.printer.note(&text.say("deploy-post-hook", &[]));
            self.printer.failure(error);
        }
        if self.args.json.json {
            let run = json::Run::new(text, &self.outcomes, &self.lines, post_hooks);
            self.printer.result(&json::text(&run))?;
        }
        if self.several && !self.args.json.json {
            let count = |wanted: Status| {
                self.outcomes.iter().filter(|outcome| outcome.status == wanted).count()
            };
            let counts = [
                ("issued", count(Status::Issued).into()),
                ("renewed", count(Status::Renewed).into()),
                ("unchanged", count(Status::Unchanged).into()),
                ("failed", (count(Status::Failed) + untried).into()),
            ];
            self.printer.note(&text.say("series-counts", &counts));
        }
        let code = exit::of_outcomes(&self.outcomes, self.args.certificate.exit_code_unchanged);
        let done = matches!(code, exit::DONE | exit::UNCHANGED);
        Ok(if done && !post_hooks.is_empty() { exit::DEPLOY_FAILED } else { code })
    }
}

/// What happened to a certificate, in a few words.
fn status(text: Text, outcome: &Outcome) -> String {
    match (outcome.status, &outcome.waiting) {
        (_, Some(waiting)) => text.say("status-waiting", &waiting_values(waiting)),
        (Status::Failed, _) => text.say("status-failed", &[]),
        (Status::Issued, _) => text.say("status-issued", &[]),
        (Status::Renewed, _) => text.say("status-renewed", &[]),
        (Status::Unchanged, _) => text.say("status-unchanged", &[]),
    }
}

/// The line of a certificate in the log file.
fn summary(text: Text, outcome: &Outcome) -> String {
    let values = [("name", outcome.name.as_str().into()), ("status", status(text, outcome).into())];
    let Some(info) = &outcome.certificate else { return text.say("log-certificate", &values) };
    let left = days_left(text, info.not_after - OffsetDateTime::now_utc());
    let valid = [("until", date(info.not_after).into()), ("left", left.into())];
    text.say("log-certificate-until", &[&values[..], &valid].concat())
}
