//! Logging in, and staying logged in from one call to the next.
//!
//! ```
//! use std::time::Duration;
//!
//! use wildcert_plugin_sdk::{
//!     Context, Response, Result,
//!     session::{self, Token},
//! };
//!
//! # struct Example { user: String, password: String }
//! impl Example {
//!     fn log_in(&self, cx: &Context<'_>) -> Result<Token> {
//!         let fields = [("user", self.user.as_str()), ("password", &self.password)];
//!         let request = cx.request("POST", "https://api.dns.example/login").form(&fields);
//!         let value = request.send()?.success(|_| None)?.json()?;
//!         Ok(Token { value, lifetime: Duration::from_secs(3600) })
//!     }
//!
//!     fn zones(&self, cx: &Context<'_>) -> Result<Response> {
//!         session::run(cx, "session", || self.log_in(cx), |token| {
//!             let request = cx.request("GET", "https://api.dns.example/zones").bearer(token);
//!             request.send()?.success(|_| None)
//!         })
//!     }
//! }
//! ```

use std::{fmt, time::Duration};

use crate::{
    error::{ErrorKind, Result},
    host::Context,
};

/// A token is no longer used this long before its end: clocks differ and requests take time.
const MARGIN: Duration = Duration::from_secs(60);

/// What a log-in gives.
#[derive(Clone)]
pub struct Token {
    /// The token, or the cookie, as requests carry it.
    pub value: String,
    /// How long the vendor takes it, counted from now; one that ends within a minute is not kept.
    pub lifetime: Duration,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// The token that the host keeps under `key`, or else that of `log_in`, which is then kept until a
/// minute before its end.
///
/// The host tells providers and settings apart by itself; `key` tells the tokens of one provider
/// apart.
///
/// # Errors
/// Those of `log_in`.
pub fn token(
    cx: &Context<'_>,
    key: &str,
    log_in: impl FnOnce() -> Result<Token>,
) -> Result<String> {
    match cx.host.cache_get(key) {
        Some(kept) => Ok(kept),
        None => Ok(keep(cx, key, log_in()?)),
    }
}

/// Runs `operation` with the token of [`token`]; when the vendor no longer takes a *kept* one, logs in
/// and runs it once more.
///
/// "No longer takes" is an error of kind `auth`. The first thing that `operation` asks should show it,
/// for everything before is done twice: give it one request, not many.
///
/// # Errors
/// Those of `log_in` and of `operation`.
pub fn run<T>(
    cx: &Context<'_>,
    key: &str,
    log_in: impl FnOnce() -> Result<Token>,
    operation: impl Fn(&str) -> Result<T>,
) -> Result<T> {
    if let Some(kept) = cx.host.cache_get(key) {
        match operation(&kept) {
            Err(error) if error.kind == ErrorKind::Auth => {}
            outcome => return outcome,
        }
    }
    operation(&keep(cx, key, log_in()?))
}

fn keep(cx: &Context<'_>, key: &str, token: Token) -> String {
    let time = token.lifetime.saturating_sub(MARGIN);
    if !time.is_zero() {
        cx.host.cache_put(key, &token.value, time);
    }
    token.value
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::{error::Error, testing::FakeHost};

    const HOUR: Duration = Duration::from_secs(3600);

    /// A vendor that counts log-ins and takes the tokens it is told to.
    #[derive(Default)]
    struct Vendor {
        log_ins: Cell<u32>,
        asked: RefCell<Vec<String>>,
        takes: RefCell<Vec<&'static str>>,
    }

    impl Vendor {
        fn log_in(&self, lifetime: Duration) -> Result<Token> {
            self.log_ins.set(self.log_ins.get() + 1);
            Ok(Token { value: format!("token-{}", self.log_ins.get()), lifetime })
        }

        fn ask(&self, token: &str) -> Result<()> {
            self.asked.borrow_mut().push(token.to_owned());
            match self.takes.borrow().contains(&token) {
                true => Ok(()),
                false => Err(Error::auth("unknown session")),
            }
        }

        fn run(&self, cx: &Context<'_>) -> Result<()> {
            run(cx, "s", || self.log_in(HOUR), |token| self.ask(token))
        }
    }

    #[test]
    fn two_calls_log_in_once() {
        let vendor = Vendor { takes: vec!["token-1"].into(), ..Vendor::default() };
        let host = FakeHost::default();
        host.call(&[], |cx| vendor.run(cx)).unwrap();
        host.call(&[], |cx| vendor.run(cx)).unwrap();
        assert_eq!(vendor.log_ins.get(), 1);
    }

    #[test]
    fn a_kept_token_that_is_refused_is_replaced_once() {
        let vendor = Vendor { takes: vec!["token-1"].into(), ..Vendor::default() };
        let host = FakeHost::default();
        host.call(&[], |cx| vendor.run(cx)).unwrap();
        *vendor.takes.borrow_mut() = vec!["token-2"];
        host.call(&[], |cx| vendor.run(cx)).unwrap();
        host.call(&[], |cx| vendor.run(cx)).unwrap();
        assert_eq!(*vendor.asked.borrow(), ["token-1", "token-1", "token-2", "token-2"]);

        vendor.takes.borrow_mut().clear();
        let error = host.call(&[], |cx| vendor.run(cx)).unwrap_err();
        assert_eq!(error.message, "unknown session");
        assert_eq!(vendor.log_ins.get(), 3);
    }

    #[test]
    fn a_fresh_token_that_is_refused_is_not_tried_again() {
        let vendor = Vendor::default();
        let error = FakeHost::default().call(&[], |cx| vendor.run(cx)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Auth);
        assert_eq!((vendor.log_ins.get(), vendor.asked.borrow().len()), (1, 1));
    }

    #[test]
    fn other_errors_log_nobody_in() {
        let vendor = Vendor::default();
        FakeHost::default().call(&[], |cx| {
            token(cx, "s", || vendor.log_in(HOUR)).unwrap();
            let operation = |_: &str| Err::<(), _>(Error::transient("busy"));
            let error = run(cx, "s", || vendor.log_in(HOUR), operation).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Transient);
        });
        assert_eq!(vendor.log_ins.get(), 1);
    }

    #[test]
    fn a_token_is_kept_until_a_minute_before_its_end() {
        for (lifetime, log_ins) in [(MARGIN, 2), (MARGIN + Duration::from_secs(1), 1)] {
            let vendor = Vendor::default();
            FakeHost::default().call(&[], |cx| {
                token(cx, "s", || vendor.log_in(lifetime)).unwrap();
                token(cx, "s", || vendor.log_in(lifetime)).unwrap();
            });
            assert_eq!(vendor.log_ins.get(), log_ins);
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = Token { value: "secret".into(), lifetime: HOUR };
        assert_eq!(format!("{token:?}"), "Token { lifetime: 3600s, .. }");
    }
}
