//! Programs of the user's, for providers that hand the work to one: with the feature `program`.
//!
//! Native modules only. A [`Program`] runs to its end or to its time limit, which ends all that it
//! started too; what it says goes to the log; its exit status and its last complaint become the
//! error. [`Variables`] are the environment that a user grants it.

mod run;
mod variables;

pub use run::{LIMIT, Program};
pub use variables::Variables;
