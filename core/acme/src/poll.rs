//! Waiting for an order: one request per look, paced by the CA.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Account, Error, FailedIdentifier, Order, Status};

/// The first pause, and the shortest.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause of our own making.
const LONGEST: Duration = Duration::from_secs(5);

/// The longest pause that a CA can impose, so that none can put us to sleep for ever.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

impl Account {
    /// Waits until an order is ready to be finalized, or valid already.
    ///
    /// Looks at the order alone, first after 100 ms, then at growing intervals or when the CA's
    /// `Retry-After` says.
    ///
    /// # Errors
    /// [`Error::Validation`] names every identifier that failed and why; [`Error::Order`] if the
    /// order failed otherwise; [`Error::StillPending`] after `limit`.
    pub async fn wait_ready(&self, order: &Order, limit: Duration) -> Result<Order, Error> {
        let done = |status: &Status| matches!(status, Status::Ready | Status::Valid);
        // What the CA asked for when it made the order was not about this wait.
        self.wait(order, None, limit, done).await
    }

    /// Waits until a finalized order is valid, so that its certificate can be downloaded.
    ///
    /// If `order` is valid already, nothing is sent.
    ///
    /// # Errors
    /// As [`Account::wait_ready`].
    pub async fn wait_valid(&self, order: &Order, limit: Duration) -> Result<Order, Error> {
        let done = |status: &Status| matches!(status, Status::Valid);
        self.wait(order, order.retry_after, limit, done).await
    }

    async fn wait(
        &self,
        order: &Order,
        mut asked: Option<Duration>,
        limit: Duration,
        done: impl Fn(&Status) -> bool,
    ) -> Result<Order, Error> {
        let started = Instant::now();
        let mut pace = Pace::new();
        let mut order = order.clone();
        loop {
            if done(&order.status) {
                return Ok(order);
            }
            if order.status == Status::Invalid {
                return Err(self.failure(order).await);
            }
            let left = limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(self.overdue(order, limit).await);
            }
            tokio::time::sleep(pace.next(asked).min(left)).await;
            order = self.order(&order.url).await?;
            asked = order.retry_after;
        }
    }

    /// Why an order is invalid: mostly because of some of its identifiers.
    async fn failure(&self, order: Order) -> Error {
        let failed = self.identifiers(&order).await.0;
        let url = order.url.to_string();
        if failed.is_empty() {
            let problem = order.error.map(Box::new);
            return Error::Order { order: url, status: order.status, problem };
        }
        Error::Validation { order: url, failed }
    }

    /// What keeps an order from getting on.
    async fn overdue(&self, order: Order, limit: Duration) -> Error {
        let (failed, pending) = self.identifiers(&order).await;
        let url = order.url.to_string();
        if !failed.is_empty() {
            return Error::Validation { order: url, failed };
        }
        Error::StillPending { order: url, status: order.status, limit, pending }
    }

    /// The identifiers of an order that failed, and those that are not validated yet.
    async fn identifiers(&self, order: &Order) -> (Vec<FailedIdentifier>, Vec<String>) {
        // If they cannot be fetched, what is known of the order is all there is to tell.
        let authorizations = self.authorizations(order).await.unwrap_or_default();
        let (mut failed, mut pending) = (Vec::new(), Vec::new());
        for authorization in authorizations {
            match authorization.status {
                Status::Valid => {}
                Status::Pending | Status::Processing | Status::Unknown(_) => {
                    pending.push(authorization.name());
                }
                _ => failed.push(FailedIdentifier {
                    name: authorization.name(),
                    problem: authorization.challenges.iter().find_map(|one| one.error.clone()),
                    status: authorization.status,
                }),
            }
        }
        (failed, pending)
    }
}

/// The pauses between looks.
struct Pace(Duration);

impl Pace {
    fn new() -> Pace {
        Pace(FIRST)
    }

    fn next(&mut self, asked: Option<Duration>) -> Duration {
        let own = self.0;
        self.0 = (own * 3 / 2).min(LONGEST);
        asked.map_or(own, |asked| asked.clamp(FIRST, LONGEST_ASKED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_start_short_grow_and_stay_bounded() {
        let mut pace = Pace::new();
        let pauses: Vec<_> = (0..3).map(|_| pace.next(None).as_millis()).collect();
        assert_eq!(pauses, [100, 150, 225]);
        assert_eq!((0..20).map(|_| pace.next(None)).last(), Some(LONGEST));
    }

    #[test]
    fn the_ca_sets_the_pace_within_bounds() {
        let mut pace = Pace::new();
        assert_eq!(pace.next(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(pace.next(Some(Duration::ZERO)), FIRST);
        assert_eq!(pace.next(Some(Duration::from_secs(1 << 40))), LONGEST_ASKED);
    }
}
