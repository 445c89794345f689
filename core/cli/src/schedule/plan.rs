//! What is to be run, and what it needs.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use wildcert::{
    CertificateInfo, MaintenanceWindow, Windows,
    config::{Config, Copies, DeployTarget},
};

/// Whose schedule it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// The machine's: it runs as root.
    System,
    /// The user's own.
    User,
}

/// What is to be run regularly.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) scope: Scope,
    /// The program, an absolute path.
    pub(crate) program: PathBuf,
    /// What stands behind `renew`.
    pub(crate) arguments: Vec<String>,
    /// File with the environment, which holds the secrets; it need not be there.
    pub(crate) environment: PathBuf,
    /// The state folder.
    pub(crate) state: PathBuf,
    /// Other folders that are written to.
    pub(crate) writable: BTreeSet<PathBuf>,
    /// Whether commands of the user's run, which may need anything.
    pub(crate) commands: bool,
    /// The maintenance windows of all certificates.
    pub(crate) windows: Windows,
}

impl Schedule {
    /// What a package installs: root's, with the usual places and nothing that is known of this machine.
    pub(crate) fn packaged(program: &Path) -> Self {
        Self {
            scope: Scope::System,
            program: program.to_owned(),
            arguments: Vec::new(),
            environment: PathBuf::from("/etc/wildcert/environment"),
            state: PathBuf::from(STATE),
            writable: BTreeSet::new(),
            commands: false,
            windows: Windows::default(),
        }
    }

    /// Takes what the certificates need: those of the configuration, and those of the state folder that
    /// it does not describe.
    pub(crate) fn serve(&mut self, config: &Config, stored: &[CertificateInfo]) {
        let described = &config.settings.certificates;
        let others = stored.iter().filter(|info| !described.contains_key(&info.name));
        let mut windows: Vec<MaintenanceWindow> = Vec::new();
        for certificate in described.values() {
            windows.extend(certificate.options.windows.iter().cloned());
            for target in &certificate.deploy {
                let commands = [&target.pre, &target.run, &target.post];
                self.commands |= commands.iter().any(|command| command.is_some());
                self.writable.extend(folders(target));
            }
        }
        for info in others.clone() {
            windows.extend(info.renewal.maintenance().windows.0);
        }
        self.commands |= stored.iter().any(|info| !info.renewal.hooks.is_empty());
        self.commands |= config.settings.alerts.iter().any(|alert| alert.command.is_some());
        let metrics = config.settings.prometheus.as_deref().and_then(Path::parent);
        self.writable.extend(metrics.map(Path::to_owned));
        let modules = config.settings.providers.iter();
        let modules = modules.map(|(name, provider)| provider.provider.as_ref().unwrap_or(name));
        let mut ids =
            modules.map(String::as_str).chain(others.flat_map(|info| info.provider.split(", ")));
        // These run programs of the user's.
        self.commands |= ids.any(|id| id.starts_with("exec-"));
        for window in windows {
            if !self.windows.0.contains(&window) {
                self.windows.0.push(window);
            }
        }
    }
}

/// The folders of this machine that a target's files go to.
fn folders(target: &DeployTarget) -> impl Iterator<Item = PathBuf> {
    let Copies { fullchain, cert, chain, key, combined, pfx } = &target.copies;
    let paths = [fullchain, cert, chain, key, combined, pfx].into_iter().flatten();
    let here = paths.filter(|_| target.hosts.is_empty());
    here.filter_map(|path| Path::new(path).parent().map(Path::to_owned))
}

/// The state folder of root.
pub(super) const STATE: &str = "/var/lib/wildcert";
