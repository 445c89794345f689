//! The resources of the server and the paths they have.

/// Everything that has a URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Resource {
    Directory,
    NewNonce,
    NewAccount,
    NewOrder,
    RevokeCert,
    KeyChange,
    RenewalInfo,
    /// A version of the terms of service.
    Terms(usize),
    Account(usize),
    /// The list of an account's orders.
    Orders(usize),
    Order(usize),
    Finalize(usize),
    Authorization(usize),
    Challenge(usize),
    Certificate(usize),
    AlternateCertificate(usize),
}

impl Resource {
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut segments = path.strip_prefix('/')?.split('/');
        let (first, second, third) = (segments.next()?, segments.next(), segments.next());
        let resource = match (first, second.map(str::parse::<usize>), third) {
            ("dir", None, None) => Self::Directory,
            ("new-nonce", None, None) => Self::NewNonce,
            ("new-account", None, None) => Self::NewAccount,
            ("new-order", None, None) => Self::NewOrder,
            ("revoke-cert", None, None) => Self::RevokeCert,
            ("key-change", None, None) => Self::KeyChange,
            // What follows is the certificate identifier (RFC 9773 §4.1), no number.
            ("renewal-info", Some(_), None) => return Some(Self::RenewalInfo),
            ("renewal-info", None, None) => Self::RenewalInfo,
            ("terms", Some(Ok(version)), None) => Self::Terms(version),
            ("account", Some(Ok(id)), None) => Self::Account(id),
            ("account", Some(Ok(id)), Some("orders")) => Self::Orders(id),
            ("order", Some(Ok(id)), None) => Self::Order(id),
            ("order", Some(Ok(id)), Some("finalize")) => Self::Finalize(id),
            ("authorization", Some(Ok(id)), None) => Self::Authorization(id),
            ("challenge", Some(Ok(id)), None) => Self::Challenge(id),
            ("certificate", Some(Ok(id)), None) => Self::Certificate(id),
            ("certificate", Some(Ok(id)), Some("alternate")) => Self::AlternateCertificate(id),
            _ => return None,
        };
        // One URL per resource: no leading zeros, no more segments.
        (resource.path() == path).then_some(resource)
    }

    pub(super) fn path(self) -> String {
        match self {
            Self::Directory => "/dir".into(),
            Self::NewNonce => "/new-nonce".into(),
            Self::NewAccount => "/new-account".into(),
            Self::NewOrder => "/new-order".into(),
            Self::RevokeCert => "/revoke-cert".into(),
            Self::KeyChange => "/key-change".into(),
            Self::RenewalInfo => "/renewal-info".into(),
            Self::Terms(version) => format!("/terms/{version}"),
            Self::Account(id) => format!("/account/{id}"),
            Self::Orders(id) => format!("/account/{id}/orders"),
            Self::Order(id) => format!("/order/{id}"),
            Self::Finalize(id) => format!("/order/{id}/finalize"),
            Self::Authorization(id) => format!("/authorization/{id}"),
            Self::Challenge(id) => format!("/challenge/{id}"),
            Self::Certificate(id) => format!("/certificate/{id}"),
            Self::AlternateCertificate(id) => format!("/certificate/{id}/alternate"),
        }
    }

    /// The HTTP methods it takes.
    pub(super) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Directory | Self::RenewalInfo | Self::Terms(_) => &["GET"],
            Self::NewNonce => &["GET", "HEAD"],
            _ => &["POST"],
        }
    }

    /// The name under which the log counts requests to it.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::NewNonce => "newNonce",
            Self::NewAccount => "newAccount",
            Self::NewOrder => "newOrder",
            Self::RevokeCert => "revokeCert",
            Self::KeyChange => "keyChange",
            Self::RenewalInfo => "renewalInfo",
            Self::Terms(_) => "terms",
            Self::Account(_) => "account",
            Self::Orders(_) => "orders",
            Self::Order(_) => "order",
            Self::Finalize(_) => "finalize",
            Self::Authorization(_) => "authorization",
            Self::Challenge(_) => "challenge",
            Self::Certificate(_) | Self::AlternateCertificate(_) => "certificate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_one_path() {
        for resource in [
            Resource::Directory,
            Resource::Account(0),
            Resource::Orders(1),
            Resource::Order(2),
            Resource::Finalize(30),
            Resource::AlternateCertificate(4),
        ] {
            assert_eq!(Resource::parse(&resource.path()), Some(resource));
        }
        for path in ["", "/", "/dir/", "/order", "/order/01", "/order/x", "/order/1/finalize/2"] {
            assert_eq!(Resource::parse(path), None, "{path}");
        }
    }
}
