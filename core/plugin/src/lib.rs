//! Finds, checks, loads and calls wildcert providers.

mod artifact;
pub mod build;
mod digest;
mod error;
mod inspect;
mod lock;
mod near;
mod settings;
mod shelf;

pub use artifact::{Artifact, Form, Origin};
pub use digest::{NotADigest, Sha256Digest};
pub use error::{Error, Exposure};
pub use lock::{FirstUse, Lock};
pub use settings::{Fault, Settings};
pub use shelf::{Folder, Listed, Shelf, standard_folders};
