//! The resources of RFC 8555 §7.1, as far as they are used; unknown members are passed over.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::Problem;

/// What a certificate is for (RFC 8555 §9.7.7): with dns-01, always a DNS name.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Identifier {
    /// The type: `dns`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name, in an order with `*.` for a wildcard, in an authorization without.
    pub value: String,
}

impl Identifier {
    /// A DNS name, in A-labels and without the trailing dot.
    pub fn dns(name: impl Into<String>) -> Identifier {
        Identifier { kind: "dns".to_owned(), value: name.into() }
    }
}

/// The status of an account, order, authorization or challenge (RFC 8555 §7.1.6).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum Status {
    /// Something is to be done by the client first.
    #[default]
    Pending,
    /// All authorizations are valid: the order can be finalized.
    Ready,
    /// The CA is at work.
    Processing,
    /// Done: validated, issued, usable.
    Valid,
    /// Failed for good.
    Invalid,
    /// Given up by the client.
    Deactivated,
    /// Too old.
    Expired,
    /// Given up by the CA.
    Revoked,
    /// A word that RFC 8555 does not have.
    Unknown(String),
}

impl From<String> for Status {
    fn from(text: String) -> Status {
        match text.as_str() {
            "pending" => Status::Pending,
            "ready" => Status::Ready,
            "processing" => Status::Processing,
            "valid" => Status::Valid,
            "invalid" => Status::Invalid,
            "deactivated" => Status::Deactivated,
            "expired" => Status::Expired,
            "revoked" => Status::Revoked,
            _ => Status::Unknown(text),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Pending => "pending",
            Status::Ready => "ready",
            Status::Processing => "processing",
            Status::Valid => "valid",
            Status::Invalid => "invalid",
            Status::Deactivated => "deactivated",
            Status::Expired => "expired",
            Status::Revoked => "revoked",
            Status::Unknown(text) => return f.write_str(&crate::problem::printable(text)),
        })
    }
}

/// What to order (RFC 8555 §7.4).
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewOrder {
    /// The names.
    pub identifiers: Vec<Identifier>,
    /// One of the CA's [profiles](crate::Directory::profiles).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// When the certificate shall begin, in RFC 3339; few CAs take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// When the certificate shall end, in RFC 3339; few CAs take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
    /// The [identifier](crate::certificate_id) of the certificate that this one replaces
    /// (RFC 9773 §5). A CA where it was replaced already refuses with `alreadyReplaced`; the same
    /// order without this member is the remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl NewOrder {
    /// An order for these names and nothing special.
    pub fn new(identifiers: impl IntoIterator<Item = Identifier>) -> NewOrder {
        NewOrder { identifiers: identifiers.into_iter().collect(), ..NewOrder::default() }
    }
}

/// An order as last seen (RFC 8555 §7.1.3).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Order {
    /// Its URL.
    pub url: Url,
    /// Its status.
    pub status: Status,
    /// The names.
    pub identifiers: Vec<Identifier>,
    /// The URLs of its authorizations, one per name.
    pub authorizations: Vec<Url>,
    /// Where it is finalized.
    pub finalize: Url,
    /// Where the certificate is, once it is valid.
    pub certificate: Option<Url>,
    /// What went wrong with it.
    pub error: Option<Problem>,
    /// When the CA forgets it, in RFC 3339.
    pub expires: Option<String>,
    /// How long the CA wanted to be left alone when it showed the order.
    pub(crate) retry_after: Option<Duration>,
}

/// The CA's permission to issue for one name, got or to be got (RFC 8555 §7.1.4).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Authorization {
    /// Its URL.
    pub url: Url,
    /// The name, without `*.`.
    pub identifier: Identifier,
    /// Whether it is for `*.` the name.
    pub wildcard: bool,
    /// Its status; a valid one needs no challenge answered.
    pub status: Status,
    /// The ways to prove control of the name.
    pub challenges: Vec<Challenge>,
    /// When the CA forgets it, in RFC 3339.
    pub expires: Option<String>,
}

impl Authorization {
    /// The challenge of a type such as `dns-01`, if the CA offers it.
    pub fn challenge(&self, kind: &str) -> Option<&Challenge> {
        self.challenges.iter().find(|challenge| challenge.kind == kind)
    }

    /// The name as it stood in the order, with `*.` for a wildcard.
    pub fn name(&self) -> String {
        match self.wildcard {
            true => format!("*.{}", self.identifier.value),
            false => self.identifier.value.clone(),
        }
    }
}

/// One way to prove control of a name (RFC 8555 §7.1.5).
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// The type: `dns-01`, or one that this crate has never heard of.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is answered.
    #[serde(deserialize_with = "link")]
    pub url: Url,
    /// The token; empty if the type has none.
    #[serde(default)]
    pub token: String,
    /// Its status.
    #[serde(default)]
    pub status: Status,
    /// Why it failed.
    #[serde(default, deserialize_with = "lenient")]
    pub error: Option<Problem>,
}

/// A certificate with what leads to a root (RFC 8555 §7.4.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Chain {
    /// The certificates in PEM, the end entity's first.
    pub pem: String,
    /// Where the same certificate is with other issuers.
    pub alternates: Vec<Url>,
}

/// An account's body (RFC 8555 §7.1.2).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountBody {
    #[serde(default)]
    pub(crate) status: Option<Status>,
    #[serde(default)]
    pub(crate) contact: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) terms_of_service_agreed: Option<bool>,
    #[serde(default)]
    pub(crate) orders: Option<String>,
    #[serde(default)]
    pub(crate) external_account_binding: Option<serde_json::Value>,
}

/// An order's body; its URL is elsewhere.
#[derive(Deserialize)]
pub(crate) struct OrderBody {
    status: Status,
    #[serde(default)]
    identifiers: Vec<Identifier>,
    authorizations: Vec<Link>,
    finalize: Link,
    certificate: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    error: Option<Problem>,
    expires: Option<String>,
}

impl OrderBody {
    pub(crate) fn at(self, url: Url, retry_after: Option<Duration>) -> Order {
        Order {
            url,
            status: self.status,
            identifiers: self.identifiers,
            authorizations: self.authorizations.into_iter().map(|link| link.0).collect(),
            finalize: self.finalize.0,
            certificate: self.certificate.map(|link| link.0),
            error: self.error,
            expires: self.expires,
            retry_after,
        }
    }
}

/// An authorization's body; its URL is elsewhere.
#[derive(Deserialize)]
pub(crate) struct AuthorizationBody {
    identifier: Identifier,
    #[serde(default)]
    wildcard: bool,
    status: Status,
    #[serde(default)]
    challenges: Vec<serde_json::Value>,
    expires: Option<String>,
}

impl AuthorizationBody {
    pub(crate) fn at(self, url: Url) -> Authorization {
        // A challenge in a form that is not understood cannot be used, but those beside it can.
        let known = self.challenges.into_iter().filter_map(|one| Challenge::deserialize(one).ok());
        Authorization {
            url,
            identifier: self.identifier,
            wildcard: self.wildcard,
            status: self.status,
            challenges: known.collect(),
            expires: self.expires,
        }
    }
}

/// A URL in JSON.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Link(Url);

impl TryFrom<String> for Link {
    type Error = url::ParseError;

    fn try_from(text: String) -> Result<Link, url::ParseError> {
        Url::parse(&text).map(Link)
    }
}

fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    Link::deserialize(deserializer).map(|link| link.0)
}

/// Reads a problem document, or nothing where it is malformed: it only explains.
fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Problem>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(Problem::deserialize(value).ok())
}
