//! Access tokens of OAuth 2.0 (RFC 6749).
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Response, Result};
//! use wildcert_plugin_sdk::oauth2;
//!
//! # fn example(cx: &Context<'_>) -> Result<Response> {
//! let id = cx.config.require("EXAMPLE_CLIENT_ID")?;
//! let secret = cx.config.require("EXAMPLE_CLIENT_SECRET")?;
//! let url = "https://login.dns.example/oauth2/token";
//! let token = oauth2::client_credentials(cx, url, id, secret, &[("scope", "dns")])?;
//! cx.request("GET", "https://api.dns.example/zones").bearer(&token).send()
//! # }
//! ```

use std::time::Duration;

use serde_json::Value;

use crate::{
    encoding,
    error::{Error, ErrorKind, Result},
    host::Context,
    session::{self, Token},
    types::Response,
};

/// The access token for a client's own credentials (§4.4), which go into the body (§2.3.1).
///
/// `more` are further fields, such as `scope` or `resource`. The host keeps the token until a minute
/// before its end.
///
/// # Errors
/// Those of [`grant`].
pub fn client_credentials(
    cx: &Context<'_>,
    token_url: &str,
    id: &str,
    secret: &str,
    more: &[(&str, &str)],
) -> Result<String> {
    let key = format!("{token_url} {}", encoding::form(more));
    session::token(cx, &key, || {
        let own =
            [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        grant(cx, token_url, &[&own, more].concat())
    })
}

/// Asks `token_url` for an access token with the `fields` of any grant; nothing is kept, see
/// [`session::token`].
///
/// A token whose lifetime the answer leaves out has none: it serves this call only.
///
/// # Errors
/// `auth` with the vendor's words when the client or what it presents is refused (`invalid_client`,
/// `unauthorized_client`, `invalid_grant`; §5.2), otherwise as the status says; `permanent` when the
/// answer holds no token.
pub fn grant(cx: &Context<'_>, token_url: &str, fields: &[(&str, &str)]) -> Result<Token> {
    let answer = cx.request("POST", token_url).form(fields).repeatable().send()?;
    read(answer).map_err(|error| error.context(format!("no access token from {token_url}")))
}

fn read(answer: Response) -> Result<Token> {
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let code = field("error").unwrap_or_default();
    let refused = matches!(answer.status, 400 | 401)
        && matches!(code, "invalid_client" | "unauthorized_client" | "invalid_grant");
    // Azure puts a trace into the lines after the first.
    let words = field("error_description").and_then(|text| text.lines().next()).unwrap_or_default();
    let words = match (code, words) {
        ("", _) => None,
        (code, "") => Some(code.to_owned()),
        (code, words) => Some(format!("{code}: {words}")),
    };
    let status = answer.status;
    answer.success(|_| words).map_err(|error| Error {
        kind: if refused { ErrorKind::Auth } else { error.kind },
        ..error
    })?;
    let Some(value) = field("access_token").filter(|token| !token.is_empty()) else {
        let error = Error::permanent("the answer has no `access_token`");
        return Err(Error { status: Some(status), ..error });
    };
    // Some vendors write the number as a text.
    let seconds = body.get("expires_in").and_then(|value| match value {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    });
    let lifetime = Duration::from_secs(seconds.unwrap_or_default());
    Ok(Token { value: value.to_owned(), lifetime })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Exchange, FakeHost};

    const URL: &str = "https://login.example/token";

    fn ask(cx: &Context<'_>) -> Result<String> {
        client_credentials(cx, URL, "id", "s&t", &[("scope", "a b")])
    }

    fn exchange() -> Exchange {
        let form =
            "grant_type=client_credentials&client_id=id&client_secret=s%26t&scope=a%20b".into();
        let exchange = Exchange::new("POST", URL).json(Value::String(form));
        exchange.header("content-type", "application/x-www-form-urlencoded")
    }

    fn refusal(status: u16, body: &str) -> Error {
        let host = FakeHost::new([exchange().answer(status, body)]);
        let error = host.call(&[], ask).unwrap_err();
        host.finish();
        error
    }

    #[test]
    fn two_calls_of_a_run_ask_once() {
        for seconds in ["3600", "\"3600\""] {
            let body = format!(r#"{{"access_token": "t", "expires_in": {seconds}}}"#);
            let host = FakeHost::new([exchange().answer(200, body)]);
            assert_eq!(host.call(&[], ask).unwrap(), "t");
            assert_eq!(host.call(&[], ask).unwrap(), "t");
            host.finish();
        }
    }

    #[test]
    fn a_token_that_soon_ends_or_says_nothing_is_not_kept() {
        for more in [r#","expires_in": 60"#, ""] {
            let body = format!(r#"{{"access_token": "t"{more}}}"#);
            let host =
                FakeHost::new([exchange().answer(200, &body), exchange().answer(200, &body)]);
            host.call(&[], ask).unwrap();
            host.call(&[], ask).unwrap();
            host.finish();
        }
    }

    #[test]
    fn refused_credentials_are_auth_with_the_vendors_words() {
        for (status, code) in
            [(400, "invalid_grant"), (400, "unauthorized_client"), (401, "invalid_client")]
        {
            let body = serde_json::json!({"error": code, "error_description": "Not you.\r\nTrace"});
            let error = refusal(status, &body.to_string());
            assert_eq!((error.kind, error.status), (ErrorKind::Auth, Some(status)));
            assert_eq!(error.message, format!("no access token from {URL}: {code}: Not you."));
        }
        let error = refusal(400, r#"{"error": "invalid_client"}"#);
        assert_eq!(error.message, format!("no access token from {URL}: invalid_client"));
    }

    #[test]
    fn other_refusals_are_what_their_status_says() {
        assert_eq!(refusal(400, r#"{"error": "invalid_scope"}"#).kind, ErrorKind::Permanent);
        assert_eq!(refusal(403, r#"{"error": {"code": 7}}"#).kind, ErrorKind::Auth);
        assert_eq!(refusal(503, r#"{"error": "invalid_client"}"#).kind, ErrorKind::Transient);
        let error = refusal(502, "<html>");
        assert_eq!(error.kind, ErrorKind::Transient);
        assert_eq!(error.message, format!("no access token from {URL}: <html>"));
    }

    #[test]
    fn an_answer_without_a_token_is_an_error() {
        for body in ["", "<html>", "{}", r#"{"access_token": ""}"#, r#"{"access_token": 5}"#] {
            let error = refusal(200, body);
            assert_eq!((error.kind, error.status), (ErrorKind::Permanent, Some(200)));
        }
    }
}
