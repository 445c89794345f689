//! From the store to the servers: files are copied, commands run, and what is served is looked at.

pub(crate) mod around;
mod command;
mod environment;
mod error;
pub(crate) mod files;
mod hooks;
mod local;
mod probe;
pub(crate) mod record;
mod run;
mod ssh;
mod words;

pub use command::CommandError;
pub use error::{Back, DeployError, Unserved};
pub use files::{Mode, Owner};
pub use hooks::{Hook, Hooks};
pub use record::TargetState;
pub use run::{Deployed, Deployment, Which};
pub use words::{CommandLine, Span, WordsError};
