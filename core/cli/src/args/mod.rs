//! The command line.

mod accounts;
mod author;
mod certificate;
mod config;
mod deploy;
mod import;
mod leading;
mod probe;
mod providers;
mod root;
mod run;
mod schedule;
mod shared;
mod status;
mod stored;

pub(crate) use accounts::{
    AccountArgs, AccountsCommand, AccountsListArgs, CasArgs, ChoiceArgs, DeactivateArgs,
    RecoverArgs, RegisterArgs, RolloverArgs, UpdateArgs,
};
pub(crate) use author::{ModelArg, NewArgs, TestArgs};
pub(crate) use certificate::CertificateArgs;
pub(crate) use config::{ConfigCheckArgs, ConfigCommand, ConfigShowArgs};
pub(crate) use deploy::{DeployArgs, HookArgs};
pub(crate) use import::ImportArgs;
pub(crate) use leading::leaf_first;
pub(crate) use probe::ProbeArgs;
pub(crate) use providers::{
    ApproveArgs, BuildArgs, CheckArgs, InstallArgs, ListArgs as ProvidersListArgs,
    ProvidersCommand, RemoveArgs as ProvidersRemoveArgs, TrustArgs,
};
pub(crate) use root::{
    Args, CertificatesCommand, CleanupArgs, Command, DemoArgs, ExplainArgs, ManArgs, SandboxArgs,
};
pub(crate) use run::{OnError, RenewArgs, RunArgs, WantedArgs};
pub(crate) use schedule::{ScheduleArgs, ScheduleCommand, ScheduleInstallArgs, ScheduleRemoveArgs};
pub(crate) use shared::{
    BundleArgs, CaArgs, Color, DirArgs, DnsArgs, OutputArgs, SignatureArgs, StateArgs,
};
pub(crate) use status::{AlertsCommand, AlertsTestArgs, StatusArgs};
pub(crate) use stored::{HistoryArgs, ListArgs, RemoveArgs, RevokeArgs, ShowArgs};
