//! `wildcert deploy`, and what `run` and `renew` do with it.

use serde_json::json;
use wildcert::{
    Engine, Error as EngineError, Listing, Stop,
    deploy::{Deployed, Deployment, Hooks, Which},
};

use super::conclude::conclude;
use crate::{
    args::DeployArgs, env, error::Error, exit, fault::Fault, json, printer::Printer,
    settings::Settings, signals,
};

/// Brings certificates to their targets, whether they have them or not.
pub(crate) async fn deploy(args: &DeployArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::new(&env::process, &args.state);
    let engine = Engine::open(settings.options()?, printer.observer())?;
    let Listing { certificates, damaged } = engine.certificates()?;
    damaged.iter().for_each(|error| printer.failure(error));
    let file = settings.file();
    let mut deployments = Vec::new();
    for info in &certificates {
        let described = file.settings.certificates.get(&info.name);
        deployments.push(match described {
            Some(described) => {
                Deployment::new(info.name.clone(), Hooks::default(), &described.deploy)
            }
            None => Deployment::new(info.name.clone(), info.renewal.hooks.clone(), &[]),
        });
    }
    for name in &args.names {
        let id = match deployments.iter().find(|deployment| deployment.name == *name) {
            None => "fault-no-certificate",
            Some(deployment) if deployment.targets.is_empty() => "fault-no-targets",
            Some(_) => continue,
        };
        settings.faulty([Fault::new(id, &[("name", name.as_str().into())])]);
    }
    settings.finish()?;
    deployments.retain(|deployment| {
        let named = args.names.is_empty() || args.names.contains(&deployment.name);
        named && !deployment.targets.is_empty()
    });
    let text = printer.text();
    let which = if args.failed { Which::Pending } else { Which::All };
    let stop = signals::listen(printer, &text.say("signal-deploy", &[]))?;
    let mut all = Vec::new();
    for deployment in deployments {
        let deployed = bring(&engine, &deployment, which, &stop, printer).await?;
        let stopped = deployed.iter().any(is_stopped);
        all.push((deployment.name, deployed));
        if stopped {
            break;
        }
    }
    if all.iter().all(|(_, deployed)| deployed.is_empty()) {
        printer.note(&text.say("deploy-nothing", &[]));
    }
    if args.json.json {
        let certificate = |(name, deployed): &(String, Vec<Deployed>)| {
            let deployed = deployed.iter().map(|one| json::Target::new(text, one));
            json!({ "name": name, "deployed": deployed.collect::<Vec<_>>() })
        };
        let certificates: Vec<_> = all.iter().map(certificate).collect();
        printer.result(&json::text(&json!({ "certificates": certificates })))?;
    }
    conclude(&engine, &file, &[], printer).await;
    Ok(exit::of_deployed(all.iter().flat_map(|(_, deployed)| deployed)).unwrap_or(exit::DONE))
}

/// Brings a certificate to its targets and tells people what came of each.
pub(super) async fn bring(
    engine: &Engine,
    deployment: &Deployment,
    which: Which,
    stop: &Stop,
    printer: &Printer,
) -> Result<Vec<Deployed>, EngineError> {
    let text = printer.text();
    let name = deployment.name.as_str();
    let doing = text.say("deploy-doing", &[("name", name.into())]);
    let deployed = printer.turning(&doing, engine.deploy(deployment, which, stop)).await?;
    for one in &deployed {
        let Some(error) = &one.error else { continue };
        let values = [("name", name.into()), ("target", one.label().into())];
        printer.note(&text.say("deploy-failed", &values));
        printer.failure(error);
    }
    Ok(deployed)
}

/// Whether somebody asked to stop meanwhile.
pub(super) fn is_stopped(deployed: &Deployed) -> bool {
    matches!(deployed.error, Some(EngineError::Stopped(_)))
}
