//! Which of many certificates are due.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::{
    due::Due,
    engine::Engine,
    error::Error,
    request::{CertificateRequest, Outcome, Status},
    store::CertificateInfo,
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
    /// Tells for each request whether a certificate must be got. Nothing is locked or changed; CAs are
    /// asked for their suggestions, several at the same time, where they may be asked again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn plan(&self, requests: &[CertificateRequest]) -> Result<Vec<Todo>, Error> {
        let stored: HashMap<String, CertificateInfo> = self
            .certificates()?
            .certificates
            .into_iter()
            .map(|info| (info.name.clone(), info))
            .collect();
        let now = OffsetDateTime::now_utc();
        let plans = requests.iter().map(|request| {
            let stored = stored.get(&request.store_name());
            async move {
                let Some(stored) = stored else { return Todo::Get(None) };
                match self.due(request, stored, now).await {
                    Some(due) => Todo::Get(Some(due)),
                    None => Todo::Leave(Outcome {
                        status: Status::Unchanged,
                        certificate: Some(stored.clone()),
                        ..request.untried()
                    }),
                }
            }
        });
        Ok(stream::iter(plans).buffered(LANES).collect().await)
    }
}

/// How many CAs' answers are waited for at the same time.
const LANES: usize = 16;
