//! `wildcert demo`.

use std::path::{Path, PathBuf};

use wildcert::{
    CaAccount, CertificateRequest, Engine, Error as EngineError, Options, Outcome,
    ProviderInstance, Stop,
    dns::{DnsOptions, Identifier, NameserverOverride},
};
use wildcert_sandbox::{Sandbox, SandboxOptions};

use super::{
    demo_checks::{checks, story},
    sandbox::{rfc2136_settings, temporary_folder, write_bundle},
};
use crate::{
    args::{DemoArgs, StateArgs},
    env,
    error::Error,
    exit,
    printer::Printer,
    settings::Settings,
    show::certificate_facts,
    signals,
};

/// Obtains a certificate from the sandbox, and looks whether all is as it should be.
pub(crate) async fn demo(args: &DemoArgs, printer: &Printer) -> Result<u8, Error> {
    let stop = signals::listen(printer, "stopping: the TXT records are removed first")?;
    // Dropped, and so removed, at the end of this function.
    let temporary = temporary_folder()?;
    let state = args.keep.clone().unwrap_or_else(|| temporary.path().join("state"));
    let sandbox = Sandbox::start(SandboxOptions::default()).await?;
    printer.note(&format!(
        "CA   {}\nDNS  {}\nBoth run inside this process.\n",
        sandbox.directory_url(),
        sandbox.dns_addr()
    ));
    let bundle = write_bundle(temporary.path(), &sandbox)?;
    let options = options(&sandbox, args, state, bundle)?;
    let result = show(&sandbox, options, printer, &stop).await;
    sandbox.shutdown().await;
    result
}

async fn show(
    sandbox: &Sandbox,
    options: Options,
    printer: &Printer,
    stop: &Stop,
) -> Result<u8, Error> {
    let engine = Engine::open(options, printer.observer())?;
    engine.provider(PROVIDER).map_err(Error::DemoProvider)?;
    let watch = printer.watch();
    let outcome = engine.run(&request(sandbox)?, stop).await;
    watch.end(outcome.error.is_some());
    let Outcome { certificate: Some(info), error: None, .. } = outcome else {
        return Err(outcome.error.map_or(Error::Demo(Vec::new()), Error::Engine));
    };
    let (text, paint) = (printer.text(), printer.paint());
    let status = text.say("status-issued", &[]);
    printer.result(&format!("{}\n", certificate_facts(text, paint, &status, &info)))?;
    printer.result(&story(sandbox, printer.paint()))?;
    let (good, bad): (Vec<_>, Vec<_>) =
        checks(sandbox, Path::new(&info.path)).into_iter().partition(|check| check.fault.is_none());
    for check in &good {
        printer.result(&format!("{} {}", printer.paint().good("✓"), check.what))?;
    }
    if bad.is_empty() {
        return Ok(exit::DONE);
    }
    let told = bad.into_iter().map(|check| match check.fault {
        Some(fault) => format!("{}: {fault}", check.what),
        None => check.what.to_owned(),
    });
    Err(Error::Demo(told.collect()))
}

fn options(
    sandbox: &Sandbox,
    args: &DemoArgs,
    path: PathBuf,
    bundle: PathBuf,
) -> Result<Options, Error> {
    let nameserver = format!("{DOMAIN}={}", sandbox.dns_addr());
    let nameserver: NameserverOverride = nameserver.parse().map_err(EngineError::from)?;
    let state = StateArgs { path: Some(path), ..StateArgs::default() };
    let options = Settings::without_file(&env::process, &state).dirs(&args.dirs).finish()?;
    Ok(Options {
        ca_bundles: vec![bundle],
        dns: DnsOptions { nameservers: vec![nameserver], ..DnsOptions::default() },
        ..options
    })
}

fn request(sandbox: &Sandbox) -> Result<CertificateRequest, Error> {
    let parse = |name: String| name.parse::<Identifier>().map_err(EngineError::from);
    let identifiers = vec![parse(DOMAIN.to_owned())?, parse(format!("*.{DOMAIN}"))?];
    let ca = CaAccount {
        contacts: vec![format!("you@{DOMAIN}")],
        terms_agreed: true,
        ..CaAccount::new(sandbox.directory_url())
    };
    let provider = ProviderInstance {
        overrides: rfc2136_settings(sandbox),
        ..ProviderInstance::new(PROVIDER)
    };
    Ok(CertificateRequest::new(identifiers, ca, provider))
}

/// The zone that the sandbox has by default.
pub(super) const DOMAIN: &str = "example.test";
const PROVIDER: &str = "rfc2136";
