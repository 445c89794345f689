//! Signed requests: a nonce, a signature, and another try where that is right.

use reqwest::Method;
use url::Url;

use crate::client::Core;
use crate::http::{Answer, Request};
use crate::retry::Retries;
use crate::{AccountKey, Error, Operation, jws};

/// How often one request may be refused for its nonce. Each refusal brings a fresh nonce, so even a
/// CA that refuses nine of ten lets every request through in the end; the number only
/// ends the game with one that refuses all.
const NONCE_REFUSALS: u32 = 250;

/// What to send to where.
pub(crate) struct Post<'a> {
    pub(crate) operation: Operation,
    pub(crate) url: &'a Url,
    pub(crate) key: &'a AccountKey,
    /// The account's URL; `None` sends the public key instead.
    pub(crate) kid: Option<&'a Url>,
    /// Empty for POST-as-GET.
    pub(crate) payload: &'a [u8],
    pub(crate) accept: Option<&'static str>,
}

/// What came of a request that is carried out only once, however often it is sent.
pub(crate) struct Outcome {
    pub(crate) result: Result<Answer, Error>,
    /// Whether a try may have been carried out whose answer was lost: then a refusal can mean that
    /// there was nothing left to do.
    pub(crate) unsure: bool,
}

impl Core {
    /// Sends a signed request until there is an answer that another try would not change.
    ///
    /// A request whose answer was lost may be sent again, because each try has a nonce of its own
    /// and what it does is safe to do twice: newAccount finds the account made before (RFC 8555
    /// §7.3.1); a second newOrder at worst leaves an order behind that expires by itself; a
    /// challenge answered twice and an order finalized twice are refused without harm, which
    /// their callers recognise, as they do for what [`Core::post_once`] sends. Everything else
    /// only reads.
    pub(crate) async fn post(&self, post: Post<'_>) -> Result<Answer, Error> {
        self.post_once(post).await.result
    }

    /// As [`Core::post`], for requests that are refused when they were carried out before.
    pub(crate) async fn post_once(&self, post: Post<'_>) -> Outcome {
        let mut retries = Retries::new();
        let mut refusals = 0;
        let mut again = false;
        let mut unsure = false;
        loop {
            let error = match self.try_post(&post, again).await {
                Ok(answer) => return Outcome { result: Ok(answer), unsure },
                Err(error) => error,
            };
            again = true;
            unsure |= error.is_lost();
            if error.is_problem("badNonce") && refusals < NONCE_REFUSALS {
                refusals += 1;
                continue;
            }
            let Some(pause) = retries.pause_after(&error) else {
                return Outcome { result: Err(error), unsure };
            };
            tracing::warn!(?pause, "trying again: {error}");
            tokio::time::sleep(pause).await;
        }
    }

    async fn try_post(&self, post: &Post<'_>, again: bool) -> Result<Answer, Error> {
        let &Post { operation, url, key, kid, payload, accept } = post;
        let (nonce, _under_way) = self.transport.nonces.take().await;
        let nonce = match nonce {
            Some(nonce) => nonce,
            None => self.new_nonce().await?,
        };
        let body = jws::sign(key, kid, &nonce, url, payload)?;
        let method = Method::POST;
        self.transport.exchange(Request { operation, method, url, accept, body, again }).await
    }

    async fn new_nonce(&self) -> Result<String, Error> {
        let url = &self.directory().await?.new_nonce;
        self.transport.plain(Operation::NewNonce, Method::HEAD, url).await?.nonce()
    }
}
