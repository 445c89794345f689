//! Failures that somebody asked for.

use super::problem::Problem;

/// What is to fail, in the order in which it was asked for.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

struct Fault {
    operation: String,
    problem: Problem,
    always: bool,
}

impl Faults {
    pub(super) fn add(&mut self, operation: &str, problem: Problem, always: bool) {
        self.0.push(Fault { operation: operation.to_owned(), problem, always });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The failure of an operation, if one was asked for.
    pub(super) fn take(&mut self, operation: &str) -> Result<(), Problem> {
        let Some(at) = self.0.iter().position(|fault| fault.operation == operation) else {
            return Ok(());
        };
        match self.0.get(at) {
            Some(fault) if fault.always => Err(fault.problem.clone()),
            _ => Err(self.0.remove(at).problem),
        }
    }
}
