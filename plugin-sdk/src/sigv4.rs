//! AWS Signature Version 4 (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>).
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Response, Result};
//! use wildcert_plugin_sdk::sigv4::{self, Credentials};
//!
//! # fn example(cx: &Context<'_>) -> Result<Response> {
//! let credentials = Credentials {
//!     access_key: cx.config.require("EXAMPLE_ACCESS_KEY_ID")?.to_owned(),
//!     secret_key: cx.config.require("EXAMPLE_SECRET_ACCESS_KEY")?.to_owned(),
//!     session_token: cx.config.get("EXAMPLE_SESSION_TOKEN").map(str::to_owned),
//! };
//! cx.request("GET", "https://dns.vendor.example/2013-04-01/hostedzone")
//!     .signed(|request, now| sigv4::sign(request, now, &credentials, "us-east-1", "route53"))
//!     .send()
//! # }
//! ```

use std::fmt;

use crate::{
    date,
    encoding::percent,
    hash::{hex, hmac_sha256, sha256},
    types::Request,
};

/// What AWS gives out under "access keys".
#[derive(Clone)]
pub struct Credentials {
    /// The access key's identifier, `AKIA…` or `ASIA…`.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: String,
    /// The token that goes with temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Signs `request` at `now`, in milliseconds since 1970, for a `region` such as `us-east-1` and a
/// `service` such as `route53`.
///
/// Sets `x-amz-date`, `x-amz-security-token` where there is one, and `authorization`. All headers
/// that the request has are signed, and `host`. The path is encoded once more than it is sent, which
/// is right for every service but S3.
pub fn sign(
    request: &mut Request,
    now: u64,
    credentials: &Credentials,
    region: &str,
    service: &str,
) {
    let Credentials { access_key, secret_key, session_token } = credentials;
    let time = date::basic(now);
    request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    request.set_header("x-amz-date", time.as_str());
    if let Some(token) = session_token {
        request.set_header("x-amz-security-token", token.as_str());
    }

    let (names, headers) = canonical_headers(request);
    let (path, query) = (canonical_path(request.path()), canonical_query(request.query()));
    let (method, body) = (&request.method, hex(&sha256(&request.body)));
    let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{body}");

    let day = time.get(..8).unwrap_or_default();
    let scope = [day, region, service, "aws4_request"];
    let key = scope.iter().fold(format!("AWS4{secret_key}").into_bytes(), |key, part| {
        hmac_sha256(&key, part.as_bytes()).to_vec()
    });
    let scope = scope.join("/");
    let digest = hex(&sha256(canonical.as_bytes()));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
    let signature = hex(&hmac_sha256(&key, text.as_bytes()));
    request.set_header(
        "authorization",
        format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, \
             Signature={signature}"
        ),
    );
}

/// The names of the headers, and a line for each of them.
fn canonical_headers(request: &Request) -> (String, String) {
    let host = ("host".to_owned(), request.host().to_ascii_lowercase());
    let mut headers = vec![host];
    headers.extend(request.headers.iter().map(|(name, value)| {
        (name.to_ascii_lowercase(), value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
    }));
    // The sort is stable: values of one name stay in the order in which they are sent.
    headers.sort_by(|(one, _), (other, _)| one.cmp(other));
    headers.dedup_by(|(name, value), (kept, values)| {
        let same = name == kept;
        if same {
            values.push(',');
            values.push_str(value);
        }
        same
    });
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let lines = headers.iter().map(|(name, value)| format!("{name}:{value}\n"));
    (names.join(";"), lines.collect())
}

/// The path without empty and dot segments, percent-encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(percent(name)),
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

/// The parameters in the order of their encoded names, then values; what is encoded stays as it is.
fn canonical_query(query: &str) -> String {
    let encode = |text: &str| text.split('%').map(percent).collect::<Vec<_>>().join("%");
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_440_938_160_000;

    fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Request {
            method: method.into(),
            url: url.into(),
            headers: headers.collect(),
            body: body.into(),
            options: Vec::new(),
        }
    }

    fn credentials(session_token: Option<&str>) -> Credentials {
        Credentials {
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: session_token.map(str::to_owned),
        }
    }

    /// The signed headers and the signature.
    fn signed(mut request: Request, token: Option<&str>) -> (String, String) {
        sign(&mut request, NOW, &credentials(token), "us-east-1", "service");
        let (_, value) = request.headers.last().unwrap();
        let rest = value.strip_prefix(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=",
        );
        let (names, signature) = rest.unwrap().split_once(", Signature=").unwrap();
        (names.to_owned(), signature.to_owned())
    }

    /// Cases of the "AWS Signature Version 4 test suite", by their names there.
    #[test]
    fn signatures_are_those_of_the_aws_suite() {
        const FORM: &str = "application/x-www-form-urlencoded";
        const HOST: &str = "host;x-amz-date";
        type Case<'a> =
            (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a str, &'a str);
        let cases: [Case<'_>; 17] = [
            (
                "get-vanilla",
                "GET",
                "/",
                &[],
                "",
                HOST,
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-vanilla-query-order-key-case",
                "GET",
                "/?Param2=value2&Param1=value1",
                &[],
                "",
                HOST,
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "get-vanilla-query-order-key",
                "GET",
                "/?Param1=value2&Param1=Value1",
                &[],
                "",
                HOST,
                "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1",
            ),
            (
                "get-vanilla-query-order-value",
                "GET",
                "/?Param1=value2&Param1=value1",
                &[],
                "",
                HOST,
                "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
            ),
            (
                "get-vanilla-empty-query-key",
                "GET",
                "/?Param1=value1",
                &[],
                "",
                HOST,
                "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
            ),
            (
                "get-vanilla-utf8-query",
                "GET",
                "/?ሴ=bar",
                &[],
                "",
                HOST,
                "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
            ),
            (
                "get-utf8",
                "GET",
                "/ሴ",
                &[],
                "",
                HOST,
                "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            ),
            (
                "get-space",
                "GET",
                "/example space/",
                &[],
                "",
                HOST,
                "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
            ),
            (
                "get-relative",
                "GET",
                "/example/..",
                &[],
                "",
                HOST,
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-slashes",
                "GET",
                "//example//",
                &[],
                "",
                HOST,
                "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            ),
            (
                "get-header-key-duplicate",
                "GET",
                "/",
                &[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
                "",
                "host;my-header1;x-amz-date",
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            ),
            (
                "get-header-value-order",
                "GET",
                "/",
                &[
                    ("My-Header1", "value4"),
                    ("My-Header1", "value1"),
                    ("My-Header1", "value3"),
                    ("My-Header1", "value2"),
                ],
                "",
                "host;my-header1;x-amz-date",
                "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
            ),
            (
                "get-header-value-trim",
                "GET",
                "/",
                &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
                "",
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ),
            (
                "post-vanilla",
                "POST",
                "/",
                &[],
                "",
                HOST,
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "post-vanilla-query",
                "POST",
                "/?Param1=value1",
                &[],
                "",
                HOST,
                "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
            ),
            (
                "post-x-www-form-urlencoded",
                "POST",
                "/",
                &[("Content-Type", FORM)],
                "Param1=value1",
                "content-type;host;x-amz-date",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
            (
                "post-x-www-form-urlencoded-parameters",
                "POST",
                "/",
                &[("Content-Type", "application/x-www-form-urlencoded; charset=utf8")],
                "Param1=value1",
                "content-type;host;x-amz-date",
                "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
            ),
        ];
        let mut wrong = Vec::new();
        for (name, method, target, headers, body, names, signature) in cases {
            let url = format!("https://example.amazonaws.com{target}");
            let request = request(method, &url, headers, body);
            if signed(request, None) != (names.to_owned(), signature.to_owned()) {
                wrong.push(name);
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn a_session_token_is_sent_and_signed() {
        let url = "https://example.amazonaws.com/";
        let (names, signature) =
            signed(request("POST", url, &[], ""), Some("AQoDYXdzEPT//example"));
        assert_eq!(names, "host;x-amz-date;x-amz-security-token");
        let (_, other) = signed(request("POST", url, &[], ""), Some("AQoDYXdzEPT//other"));
        assert_ne!(signature, other);
    }

    #[test]
    fn what_is_encoded_in_the_url_is_signed_as_aws_reads_it() {
        assert_eq!(canonical_path("/2013-04-01/a%20b/"), "/2013-04-01/a%2520b/");
        assert_eq!(canonical_query("b=%2A&a-b=c&a=x:y"), "a=x%3Ay&a-b=c&b=%2A");
        assert_eq!(canonical_query("a&&b="), "a=&b=");
    }

    #[test]
    fn a_second_signature_takes_the_place_of_the_first() {
        let mut request = request("GET", "https://example.amazonaws.com/", &[], "");
        sign(&mut request, NOW - 1000, &credentials(Some("old")), "us-east-1", "service");
        request.headers.retain(|(name, _)| name != "x-amz-security-token");
        let (names, signature) = signed(request, None);
        assert_eq!(names, "host;x-amz-date");
        assert!(signature.starts_with("5fa00fa3"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", credentials(Some("token")));
        assert_eq!(printed, "Credentials { access_key: \"AKIDEXAMPLE\", .. }");
    }
}
