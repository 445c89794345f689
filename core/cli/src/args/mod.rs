//! The command line.

mod author;
mod leading;
mod providers;
mod root;
mod run;
mod shared;

pub(crate) use author::{ModelArg, NewArgs, TestArgs};
pub(crate) use leading::leaf_first;
pub(crate) use providers::{
    ApproveArgs, BuildArgs, CheckArgs, InstallArgs, ListArgs as ProvidersListArgs,
    ProvidersCommand, RemoveArgs, TrustArgs,
};
pub(crate) use root::{
    AccountsCommand, Args, CleanupArgs, Command, DemoArgs, ListArgs, ManArgs, RegisterArgs,
    SandboxArgs,
};
pub(crate) use run::RunArgs;
pub(crate) use shared::{CaArgs, Color, DirArgs, DnsArgs, OutputArgs, SignatureArgs, StateArgs};
