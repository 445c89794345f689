//! Waiting for what the vendor does in its own time.
//!
//! ```
//! # use std::time::Duration;
//! # use wildcert_plugin_sdk::{Context, Job, Result};
//! # fn status(cx: &Context<'_>) -> Result<String> { Ok("INSYNC".into()) }
//! # fn wait(cx: &Context<'_>) -> Result<()> {
//! cx.wait_until(Duration::from_secs(60), Duration::from_secs(1), || match status(cx)? {
//!     done if done == "INSYNC" => Ok(Job::Done(())),
//!     status => Ok(Job::Pending(status)),
//! })
//! # }
//! ```

use std::time::Duration;

use crate::{
    error::{Error, Result},
    host::Context,
};

/// The longest pause between two looks.
const PAUSE_LIMIT: Duration = Duration::from_secs(10);

/// How far the vendor has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Job<T> {
    /// It is done, and this came of it.
    Done(T),
    /// Not yet; the vendor's word for it.
    Pending(String),
}

impl Context<'_> {
    /// Asks until the job is done: at once, after `first`, then after pauses that double, up to 10 s.
    ///
    /// # Errors
    /// What `ask` failed with; `transient`, with the vendor's last word, when the job is not done
    /// after `limit`.
    pub fn wait_until<T>(
        &self,
        limit: Duration,
        first: Duration,
        mut ask: impl FnMut() -> Result<Job<T>>,
    ) -> Result<T> {
        let begun = self.host.now();
        let mut paused = Duration::ZERO;
        let mut pause = first;
        loop {
            let word = match ask()? {
                Job::Done(result) => return Ok(result),
                Job::Pending(word) => word,
            };
            // The clock may stand or be set back; the pauses count in any case.
            let passed = Duration::from_millis(self.host.now().saturating_sub(begun)).max(paused);
            let left = limit.saturating_sub(passed);
            if left.is_zero() {
                let seconds = limit.as_secs();
                let message = format!("not done after {seconds} s; last seen: `{word}`");
                return Err(Error::transient(message));
            }
            let now = pause.clamp(Duration::from_millis(1), left);
            self.host.sleep(now);
            paused += now;
            pause = (pause * 2).min(PAUSE_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, testing::FakeHost};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_job_that_ends_gives_its_result() {
        let mut looks = 0;
        let result = FakeHost::default().call(&[], |cx| {
            cx.wait_until(60 * SECOND, SECOND, || {
                looks += 1;
                Ok(if looks < 4 { Job::Pending("RUNNING".into()) } else { Job::Done(looks) })
            })
        });
        assert_eq!(result, Ok(4));
    }

    #[test]
    fn a_job_that_does_not_end_tells_its_last_word() {
        let mut looks = 0;
        let result: Result<()> = FakeHost::default().call(&[], |cx| {
            cx.wait_until(30 * SECOND, SECOND, || {
                looks += 1;
                Ok(Job::Pending(format!("STEP {looks}")))
            })
        });
        // After 0, 1, 3, 7, 15, 25 and 30 s.
        assert_eq!(looks, 7);
        let error = result.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient);
        assert_eq!(error.message, "not done after 30 s; last seen: `STEP 7`");
        let refused: Result<()> = FakeHost::default()
            .call(&[], |cx| cx.wait_until(SECOND, SECOND, || Err(Error::auth("no"))));
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Auth);
    }
}
