//! Known answers of the signatures that vendors ask for: each scheme is a few lines over the SDK's
//! parts. Where no origin is named, the answer is of the vendor's scheme, computed elsewhere.

use wildcert_plugin_sdk::{
    Request, aliyun, encoding,
    hash::{hex, hmac_sha1, hmac_sha256, md5, sha1},
    jwt, sigv4,
    testing::FakeHost,
    totp,
};

/// The key of RFC 7515 appendix A.2.1.
const RSA_KEY: &str = include_str!("rfc7515.pem");

#[test]
fn dynadot() {
    let sign = |secret: &str, id: &str, body: &str| {
        let text = ["key", "/restful/v2/domains/example.com/records", id, body].join("\n");
        encoding::base64(&hmac_sha256(secret.as_bytes(), text.as_bytes()))
    };
    let id = "8e5bc897-75c8-4a9c-9362-5671405c7761";
    let body = r#"{"sub_list":[]}"#;
    assert_eq!(sign("secret", id, body), "1v6pCnviEO/dqOIRV2wSc+YRJHt92L+P2xqkyuTVQyk=");
    assert_eq!(sign("other-secret", id, body), "ro+dZ59kmfLkWb1CWDsp/rVUeXSScDDr01J7Yg8Bj/E=");
    assert_eq!(sign("secret", "", ""), "bmpyYo9wpBlZBrcjmZOGrHdp1nQcsesmr8fxibvpefA=");
}

#[test]
fn nearlyfreespeech() {
    for (time, salt, path, expected) in [
        (1_692_475_113, "0123456789ABCDEF", "/path", "417a9988c7ad7919b297884dd120b5808d8a1e6f"),
        (1_692_567_766, "0123456789ABCDEF", "/path", "b5c28286fd2e1a45a7c576dc2a6430116f721502"),
        (1_692_475_113, "FEDCBA9876543210", "/path", "0f766822bda4fdc09829be4e1ea5e27ae3ae334e"),
        (1_692_475_113, "0123456789ABCDEF", "/", "c7c241a4d15d04d92805631d58d4d72ac1c339a1"),
    ] {
        let body = hex(&sha1(b"data"));
        let text = format!("user;{time};{salt};secret;{path};{body}");
        assert_eq!(hex(&sha1(text.as_bytes())), expected);
    }
}

#[test]
fn xinnet() {
    let secret = "9f3b6760952b41eda7ddad84d755b3944cbb7929277947c294b7a578128e1170";
    let text = "HMAC-SHA256\n20240605T085545Z\nPOST\n/api/domain/check/\n{}";
    assert_eq!(
        hex(&hmac_sha256(secret.as_bytes(), text.as_bytes())),
        "bbcebdf1d93fbd8dfbd18313b29e645014c98e307d8f3a88b7517199bad564a6"
    );
}

#[test]
fn active24() {
    assert_eq!(
        hex(&hmac_sha1(b"secret", b"GET /v1/user/self/service 1751072523")),
        "743e2257421b260ed561f3e7af4b035414636393"
    );
}

#[test]
fn westcn() {
    let text = format!("zhangsan{}{}", "5dh232kfg!*", 1_554_691_950_854_u64);
    assert_eq!(hex(&md5(text.as_bytes())), "f17581fb2535b2a7ee4468eb3f96a2a9");
}

#[test]
fn namesurfer() {
    let sign = |parts: &[&str]| {
        let text = [&["testkey"], parts, &["testsecret"]].concat().join("&");
        hex(&hmac_sha256(b"testsecret", text.as_bytes()))
    };
    assert_eq!(sign(&[]), "99b5dcdc19bfc0ce2af3fe848f4bcb6f7beb352e9599e8ba50544d86de567282");
    assert_eq!(
        sign(&["zone.example.com", "default"]),
        "94efef76383889b1ae620582a25d1c3aa9bd9ba9ac4bdccdf4aefbc3ae6e8329"
    );
}

#[test]
fn dnsmadeeasy() {
    assert_eq!(
        hex(&hmac_sha1(b"secret", b"Tue, 02 Jun 2015 02:36:07 UTC")),
        "6b6c8432119c31e1d3776eb4cd3abd92fae4a71c"
    );
}

#[test]
fn gname() {
    let mut parameters = [
        ("ym", "example.com"),
        ("zj", "_acme-challenge"),
        ("lx", "TXT"),
        ("ttl", "120"),
        ("jlz", "ADw2sEd82DUgXcQ9hNBZThJs7zVJkR5v9JeSbAb9mZY"),
        ("gntime", "1767225600"),
        ("appid", "app123"),
    ];
    parameters.sort_unstable();
    let text = format!("{}secret", encoding::form(&parameters));
    assert_eq!(hex(&md5(text.as_bytes())).to_uppercase(), "2A43EE8272F68DFC834DE8311B288C8F");
}

#[test]
fn dns51() {
    let text = "apiKey=key&domainID=123&recordID=456&timestamp=1767225600secret";
    assert_eq!(hex(&md5(text.as_bytes())), "14fe8fd92e001bf232d9a322df5c0080");
}

/// The example of the AWS documentation, "Create a signed AWS API request".
#[test]
fn aws_sigv4() {
    let credentials = sigv4::Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        session_token: None,
    };
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let mut request = Request {
        method: "GET".into(),
        url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08".into(),
        headers: vec![("Content-Type".into(), form.into())],
        body: Vec::new(),
        options: Vec::new(),
    };
    sigv4::sign(&mut request, 1_440_938_160_000, &credentials, "us-east-1", "iam");
    let header = |name: &str| request.headers.iter().find(|(known, _)| known == name).unwrap();
    assert_eq!(header("x-amz-date").1, "20150830T123600Z");
    assert_eq!(
        header("authorization").1,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

/// The example of Alibaba Cloud's documentation, "RPC mechanism".
#[test]
fn aliyun_rpc() {
    let parameters = [
        ("Timestamp", "2016-02-23T12:46:24Z"),
        ("Format", "XML"),
        ("AccessKeyId", "testid"),
        ("Action", "DescribeRegions"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
        ("Version", "2014-05-26"),
        ("SignatureVersion", "1.0"),
    ];
    assert_eq!(aliyun::sign("GET", &parameters, "testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

/// RFC 6238 appendix B; the secret is `12345678901234567890`.
#[test]
fn one_time_passwords() {
    for (seconds, expected) in
        [(59, "94287082"), (1_111_111_109, "07081804"), (2_000_000_000, "69279037")]
    {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(totp::code("SECRET", secret, 8, 30, seconds * 1000).unwrap(), expected);
    }
}

/// RFC 7515 appendix A.2.
#[test]
fn rs256() {
    let key = jwt::Key::from_pem(RSA_KEY).unwrap();
    let claims =
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    let host = FakeHost::default();
    let token = host.call(&[], |cx| key.sign(cx.host, r#"{"alg":"RS256"}"#, claims)).unwrap();
    assert_eq!(
        token,
        "eyJhbGciOiJSUzI1NiJ9\
         .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0\
         cnVlfQ\
         .cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W\
         2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjt\
         QBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6I\
         eYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
}
