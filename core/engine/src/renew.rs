//! Which of many certificates are due.

use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::{
    due::Due,
    engine::Engine,
    request::{CertificateRequest, Outcome, Status},
};

/// What is to be done about a request.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most of many are outcomes")]
pub enum Todo {
    /// Nothing: what is stored does. The outcome says so.
    Leave(Outcome),
    /// A certificate is to be got; why, when one is stored.
    Get(Option<Due>),
}

impl Engine {
    /// Tells for each request whether a certificate must be got. No certificate is locked or changed;
    /// CAs are asked for their suggestions, several at the same time, where they may be asked again.
    ///
    /// One that cannot be read is left to [`run`](Self::run), which says why.
    pub async fn plan(&self, requests: &[&CertificateRequest]) -> Vec<Todo> {
        let now = OffsetDateTime::now_utc();
        let plans = requests.iter().map(|request| async move {
            let Ok(Some(stored)) = self.store().read(&request.store_name()) else {
                return Todo::Get(None);
            };
            match self.due(request, &stored, now).await {
                Some(due) => match self.waiting(request, &stored, due, now) {
                    None => Todo::Get(Some(due)),
                    waiting => Todo::Leave(Outcome {
                        status: Status::Unchanged,
                        due: Some(due),
                        waiting,
                        certificate: Some(stored),
                        ..request.untried()
                    }),
                },
                None => {
                    self.settle(&stored.name);
                    Todo::Leave(Outcome {
                        status: Status::Unchanged,
                        certificate: Some(stored),
                        ..request.untried()
                    })
                }
            }
        });
        stream::iter(plans).buffered(LANES).collect().await
    }
}

/// How many CAs' answers are waited for at the same time.
const LANES: usize = 16;
