//! The command line.

mod author;
mod certificate;
mod leading;
mod providers;
mod root;
mod run;
mod shared;
mod stored;

pub(crate) use author::{ModelArg, NewArgs, TestArgs};
pub(crate) use leading::leaf_first;
pub(crate) use providers::{
    ApproveArgs, BuildArgs, CheckArgs, InstallArgs, ListArgs as ProvidersListArgs,
    ProvidersCommand, RemoveArgs as ProvidersRemoveArgs, TrustArgs,
};
pub(crate) use root::{
    AccountsCommand, Args, CertificatesCommand, CleanupArgs, Command, DemoArgs, ExplainArgs, ManArgs,
    RegisterArgs, SandboxArgs,
};
pub(crate) use certificate::{CertificateArgs, ProviderArgs};
pub(crate) use run::{OnError, RenewArgs, RunArgs, WantedArgs};
pub(crate) use stored::{
    HistoryArgs, ListArgs, RemoveArgs, RevokeArgs, ShowArgs, StatusArgs,
};
pub(crate) use shared::{CaArgs, Color, DirArgs, DnsArgs, OutputArgs, SignatureArgs, StateArgs};
