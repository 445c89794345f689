//! Alibaba Cloud's signature of RPC-style requests, version 1.0
//! (<https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism>).
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Response, Result};
//! use wildcert_plugin_sdk::aliyun::{self, Key};
//!
//! # fn example(cx: &Context<'_>, key: &Key) -> Result<Response> {
//! let parameters = [("Action", "DescribeDomains"), ("Version", "2015-01-09")];
//! let request = aliyun::request(cx, "GET", "https://dns.vendor.example/", key, &parameters);
//! request.send()
//! # }
//! ```

use std::fmt;

use crate::{
    date,
    encoding::{base64, form, percent},
    hash::{hex, hmac_sha1},
    host::Context,
    http::RequestBuilder,
};

/// An access key.
#[derive(Clone)]
pub struct Key {
    /// AccessKeyId.
    pub id: String,
    /// AccessKeySecret.
    pub secret: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A signed request to the endpoint `url`, with `parameters` in its query; `Action` and `Version`, and
/// the `SecurityToken` of temporary keys, are among them.
///
/// The common parameters are added: a JSON answer, the key, the time, a nonce.
pub fn request<'a>(
    cx: &Context<'a>,
    method: &str,
    url: &str,
    key: &Key,
    parameters: &[(&str, &str)],
) -> RequestBuilder<'a> {
    let (time, nonce) = (date::iso(cx.host.now()), hex(&cx.host.random(16)));
    let common = [
        ("AccessKeyId", key.id.as_str()),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &time),
    ];
    let parameters = [&common, parameters].concat();
    let signature = sign(method, &parameters, &key.secret);
    let query = form(&parameters);
    cx.request(method, format!("{url}?{query}")).query("Signature", &signature)
}

/// The signature over all `parameters` of a request, common ones too, in any order.
pub fn sign(method: &str, parameters: &[(&str, &str)], secret: &str) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let text = format!("{method}&%2F&{}", percent(&form(&sorted)));
    base64(&hmac_sha1(format!("{secret}&").as_bytes(), text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Exchange, FakeHost};

    #[test]
    fn a_request_carries_the_common_parameters_and_the_signature() {
        let common = "AccessKeyId=id&Format=JSON&SignatureMethod=HMAC-SHA1\
                      &SignatureNonce=07070707070707070707070707070707&SignatureVersion=1.0\
                      &Timestamp=2023-11-14T22%3A13%3A20Z";
        // Computed with Python's hmac over the text that the page above describes.
        let url = format!(
            "https://dns.example/?{common}&Action=Add&Version=1&Value=a%20b%2A&Signature=YbrkQB4aIA7BjMGp2Vl3iVuM5LY%3D"
        );
        let host = FakeHost::new([Exchange::new("POST", &url)]);
        let key = Key { id: "id".into(), secret: "secret".into() };
        host.call(&[], |cx| {
            let parameters = [("Action", "Add"), ("Version", "1"), ("Value", "a b*")];
            request(cx, "POST", "https://dns.example/", &key, &parameters).send().unwrap();
        });
        host.finish();
        assert_eq!(format!("{key:?}"), "Key { id: \"id\", .. }");
    }
}
