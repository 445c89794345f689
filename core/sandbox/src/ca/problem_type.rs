//! The error types of RFC 8555 §6.7, RFC 9773 §7.4 and of certificate profiles.

/// An error type, and what brings it about here.
///
/// Any of them can also be had with [`Sandbox::fail_next`](crate::Sandbox::fail_next).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProblemType {
    /// A `kid` that is no account's URL; `onlyReturnExisting` with a key nobody has.
    AccountDoesNotExist,
    /// `replaces` names a certificate that another order replaces (409).
    AlreadyReplaced,
    /// A second revocation.
    AlreadyRevoked,
    /// A CSR with other names than the order, a weak key, a wrong signature, the account's key.
    BadCsr,
    /// A nonce that is used, or is none of this server's.
    BadNonce,
    /// An account key that is too weak, of an unsupported kind, or not whole.
    BadPublicKey,
    /// A reason other than 0, 1, 3, 4 and 5.
    BadRevocationReason,
    /// An `alg` other than ES256, ES384 and RS256.
    BadSignatureAlgorithm,
    /// A CAA record that does not permit the CA `sandbox.test`, the account or dns-01.
    Caa,
    /// Several identifiers refused for different reasons; the subproblems say which.
    Compound,
    /// The http-01 challenge, which the sandbox cannot validate.
    Connection,
    /// Names that do not exist, or are in no zone while there is no resolver.
    Dns,
    /// No binding, where [`Policy::external_accounts`](crate::Policy) has accounts.
    ExternalAccountRequired,
    /// Only by [`Sandbox::fail_next`](crate::Sandbox::fail_next).
    IncorrectResponse,
    /// A `mailto` URL that is not one mail address.
    InvalidContact,
    /// A `profile` that the directory does not have.
    InvalidProfile,
    /// Whatever is not as RFC 8555 writes it; also 404 for what does not exist or has expired, 405
    /// for a wrong method, 409 for a new account key that is in use, 413 for a long body, 415 for a
    /// wrong content type.
    Malformed,
    /// A finalization before the authorizations, or after it is done.
    OrderNotReady,
    /// More newOrder requests than [`Policy::rate_limit`](crate::Policy) has (429).
    RateLimited,
    /// A name that no certificate can hold.
    RejectedIdentifier,
    /// Only by [`Sandbox::fail_next`](crate::Sandbox::fail_next).
    ServerInternal,
    /// Only by [`Sandbox::fail_next`](crate::Sandbox::fail_next).
    Tls,
    /// What belongs to another account; TXT records of other values; a deactivated account or a JWS
    /// for another URL (401).
    Unauthorized,
    /// A contact that is no `mailto` URL.
    UnsupportedContact,
    /// An identifier that is not of type `dns`.
    UnsupportedIdentifier,
    /// A newOrder request after [`Sandbox::change_terms`](crate::Sandbox::change_terms).
    UserActionRequired,
}

impl ProblemType {
    /// The type's name, without `urn:ietf:params:acme:error:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountDoesNotExist => "accountDoesNotExist",
            Self::AlreadyReplaced => "alreadyReplaced",
            Self::AlreadyRevoked => "alreadyRevoked",
            Self::BadCsr => "badCSR",
            Self::BadNonce => "badNonce",
            Self::BadPublicKey => "badPublicKey",
            Self::BadRevocationReason => "badRevocationReason",
            Self::BadSignatureAlgorithm => "badSignatureAlgorithm",
            Self::Caa => "caa",
            Self::Compound => "compound",
            Self::Connection => "connection",
            Self::Dns => "dns",
            Self::ExternalAccountRequired => "externalAccountRequired",
            Self::IncorrectResponse => "incorrectResponse",
            Self::InvalidContact => "invalidContact",
            Self::InvalidProfile => "invalidProfile",
            Self::Malformed => "malformed",
            Self::OrderNotReady => "orderNotReady",
            Self::RateLimited => "rateLimited",
            Self::RejectedIdentifier => "rejectedIdentifier",
            Self::ServerInternal => "serverInternal",
            Self::Tls => "tls",
            Self::Unauthorized => "unauthorized",
            Self::UnsupportedContact => "unsupportedContact",
            Self::UnsupportedIdentifier => "unsupportedIdentifier",
            Self::UserActionRequired => "userActionRequired",
        }
    }

    /// The HTTP status usual for it.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::AlreadyReplaced => 409,
            Self::Caa
            | Self::ExternalAccountRequired
            | Self::OrderNotReady
            | Self::Unauthorized
            | Self::UserActionRequired => 403,
            Self::RateLimited => 429,
            Self::ServerInternal => 500,
            _ => 400,
        }
    }
}
