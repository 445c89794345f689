//! Orders: from newOrder to the certificate chain (RFC 8555 §7.4, §7.5).

use aws_lc_rs::digest::{SHA256, digest};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::{HeaderMap, LINK};
use serde_json::json;
use url::Url;

use crate::jws::base64url;
use crate::types::{AuthorizationBody, OrderBody};
use crate::{Account, Authorization, Chain, Challenge, Error, NewOrder, Operation, Order, Status};

/// How many requests run side by side. Each needs a nonce, and CAs limit how many of these are
/// asked for at once (Let's Encrypt: ten).
const LANES: usize = 8;

impl Account {
    /// Creates an order (RFC 8555 §7.4).
    ///
    /// # Errors
    /// [`Error::Unknown`] before anything is ordered if the CA does not offer the profile;
    /// [`Error::Problem`] if the CA refuses; with several names its subproblems tell which.
    pub async fn new_order(&self, new: &NewOrder) -> Result<Order, Error> {
        let directory = self.core().directory().await?;
        if let Some(profile) = &new.profile {
            directory.check_profile(profile)?;
        }
        let payload = serde_json::to_vec(new).map_err(Error::Encode)?;
        let url = &directory.new_order;
        let answer = self.post(Operation::NewOrder, url, &payload, None).await?;
        Ok(answer.json::<OrderBody>()?.at(answer.location()?, answer.retry_after()))
    }

    /// Looks at an order, also at one of an earlier run: its URL is all that is needed to take it
    /// up again.
    ///
    /// [`Status::Pending`] goes on with [`Account::authorizations`], [`Status::Ready`] with
    /// [`Account::finalize`], [`Status::Processing`] with [`Account::wait_valid`] and
    /// [`Status::Valid`] with [`Account::certificate`]; any other status is the end of it.
    ///
    /// # Errors
    /// [`Error::Problem`] or [`Error::Status`] if the CA does not show it, mostly because it has
    /// expired: [`Error::is_refusal`] tells this from a CA that could not be asked.
    pub async fn order(&self, url: &Url) -> Result<Order, Error> {
        let answer = self.post(Operation::Order, url, b"", None).await?;
        Ok(answer.json::<OrderBody>()?.at(url.clone(), answer.retry_after()))
    }

    /// Fetches all authorizations of an order side by side, in the order's sequence.
    ///
    /// # Errors
    /// The first one that occurs.
    pub async fn authorizations(&self, order: &Order) -> Result<Vec<Authorization>, Error> {
        let requests: Vec<_> =
            order.authorizations.iter().map(|url| self.authorization(url)).collect();
        stream::iter(requests).buffered(LANES).try_collect().await
    }

    /// Tells the CA that these challenges can be validated, all side by side (RFC 8555 §7.5.1).
    ///
    /// A challenge that is past `pending` is passed over. What becomes of the others is seen with
    /// [`Account::wait_ready`].
    ///
    /// # Errors
    /// The first one that occurs; the CA may have started to validate others.
    pub async fn answer(&self, challenges: &[&Challenge]) -> Result<(), Error> {
        let open = |challenge: &&&Challenge| {
            matches!(challenge.status, Status::Pending | Status::Unknown(_))
        };
        let requests: Vec<_> =
            challenges.iter().filter(open).map(|challenge| self.answer_one(challenge)).collect();
        stream::iter(requests).buffer_unordered(LANES).try_collect().await
    }

    /// Finalizes an order that is ready (RFC 8555 §7.4).
    ///
    /// The order that comes back is valid already with some CAs, processing with others:
    /// [`Account::wait_valid`] takes both.
    ///
    /// # Errors
    /// [`Error::Problem`] if the CA refuses; type `badCSR` if the request is not what was ordered.
    pub async fn finalize(&self, order: &Order, csr_der: &[u8]) -> Result<Order, Error> {
        let payload = json!({ "csr": base64url(csr_der) }).to_string();
        let url = &order.finalize;
        let answer = self.post(Operation::Finalize, url, payload.as_bytes(), None).await;
        match answer {
            Ok(answer) => {
                Ok(answer.json::<OrderBody>()?.at(order.url.clone(), answer.retry_after()))
            }
            Err(error) if error.is_problem("orderNotReady") => {
                // Either too early, or the first try got through and only its answer was lost.
                let seen = self.order(&order.url).await?;
                match seen.status {
                    Status::Processing | Status::Valid => Ok(seen),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Downloads the chain of a valid order (RFC 8555 §7.4.2).
    ///
    /// # Errors
    /// [`Error::Order`] if the order has no certificate.
    pub async fn certificate(&self, order: &Order) -> Result<Chain, Error> {
        let url = order.certificate.as_ref().ok_or_else(|| Error::Order {
            order: order.url.to_string(),
            status: order.status.clone(),
            problem: order.error.clone().map(Box::new),
        })?;
        self.chain(url).await
    }

    /// Downloads one of a chain's alternates.
    ///
    /// # Errors
    /// [`Error::Answer`] if what comes is no chain in PEM.
    pub async fn alternate(&self, url: &Url) -> Result<Chain, Error> {
        self.chain(url).await
    }

    /// Gives an authorization up, so that no order is left pending (RFC 8555 §7.5.2).
    ///
    /// # Errors
    /// [`Error::Problem`] if the CA refuses.
    pub async fn deactivate_authorization(&self, url: &Url) -> Result<(), Error> {
        let payload = json!({ "status": "deactivated" }).to_string();
        self.post(Operation::Authorization, url, payload.as_bytes(), None).await.map(drop)
    }

    /// The value of the TXT record that answers a dns-01 challenge (RFC 8555 §8.4).
    pub fn key_authorization_digest(&self, token: &str) -> String {
        let key_authorization = format!("{token}.{}", self.key().thumbprint());
        base64url(digest(&SHA256, key_authorization.as_bytes()))
    }

    async fn authorization(&self, url: &Url) -> Result<Authorization, Error> {
        let answer = self.post(Operation::Authorization, url, b"", None).await?;
        Ok(answer.json::<AuthorizationBody>()?.at(url.clone()))
    }

    async fn answer_one(&self, challenge: &Challenge) -> Result<(), Error> {
        let error = match self.post(Operation::Challenge, &challenge.url, b"{}", None).await {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        if error.problem().is_none() {
            return Err(error);
        }
        // A challenge that is answered already is refused: if the first try got through and only
        // its answer was lost, all is well.
        let seen = self.post(Operation::Challenge, &challenge.url, b"", None).await;
        match seen.and_then(|answer| answer.json::<Challenge>()) {
            Ok(seen) if seen.status != Status::Pending => Ok(()),
            _ => Err(error),
        }
    }

    async fn chain(&self, url: &Url) -> Result<Chain, Error> {
        let accept = Some("application/pem-certificate-chain");
        let answer = self.post(Operation::Certificate, url, b"", accept).await?;
        let alternates = alternates(&answer.headers, url);
        match str::from_utf8(&answer.body) {
            Ok(pem) if pem.contains("-----BEGIN CERTIFICATE-----") => {
                Ok(Chain { pem: pem.to_owned(), alternates })
            }
            _ => Err(answer.unusable(format!("{} is no chain in PEM", answer.content_type()))),
        }
    }
}

/// The targets of `Link: <…>;rel="alternate"` (RFC 8288 §3), of which a header may hold several.
fn alternates(headers: &HeaderMap, base: &Url) -> Vec<Url> {
    let mut found = Vec::new();
    for header in headers.get_all(LINK) {
        let mut rest = header.to_str().unwrap_or_default();
        while let Some((target, after)) =
            rest.split_once('<').and_then(|(_, link)| link.split_once('>'))
        {
            let (parameters, next) = after.split_at(after.find(",").unwrap_or(after.len()));
            let is_alternate = parameters.split(';').any(|parameter| {
                parameter.split_once('=').is_some_and(|(name, value)| {
                    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
                    name.trim().eq_ignore_ascii_case("rel")
                        && relations.any(|one| one.eq_ignore_ascii_case("alternate"))
                })
            });
            if is_alternate {
                found.extend(base.join(target));
            }
            rest = next;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternates_come_in_several_headers_or_in_one() {
        let header = |text: &str| (LINK, text.parse().unwrap());
        let headers = HeaderMap::from_iter([
            header(r#"<https://ca.example/dir>;rel="index""#),
            header(r#"</cert/1/a>;rel="alternate", <https://x.example/b?c,d>; rel=Alternate"#),
            header("<broken; rel=alternate"),
        ]);
        let base = Url::parse("https://ca.example/cert/1").unwrap();
        let found = alternates(&headers, &base);
        let found: Vec<_> = found.iter().map(Url::as_str).collect();
        assert_eq!(found, ["https://ca.example/cert/1/a", "https://x.example/b?c,d"]);
    }
}
