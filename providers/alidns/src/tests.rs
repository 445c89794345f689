use wildcert_plugin_sdk::{
    Error, ErrorKind, Provider, conformance, recordings,
    testing::{Exchange, FakeHost, record},
};

use crate::{Exported, MANIFEST, sorted};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

/// The signatures are computed with Python's hmac, over the text that the vendor describes.
#[test]
fn temporary_keys_and_lines_are_sent_and_signed() {
    let domains = r#"{"TotalCount": 1, "PageSize": 100, "PageNumber": 1, "Domains": {"Domain":
        [{"DomainName": "example.com", "PunyCode": "example.com"}]}}"#;
    let records = r#"{"TotalCount": 0, "PageSize": 500, "PageNumber": 1,
        "DomainRecords": {"Record": []}}"#;
    let host = FakeHost::new([
        Exchange::new(
            "GET",
            "https://alidns.aliyuncs.com/?AccessKeyId=id&Format=JSON&SignatureMethod=HMAC-SHA1&SignatureNonce=07070707070707070707070707070707&SignatureVersion=1.0&Timestamp=2023-11-14T22%3A13%3A20Z&Action=DescribeDomains&PageSize=100&PageNumber=1&Version=2015-01-09&SecurityToken=t%2F1&Signature=8DodrST1bvG1rZZspTHKah1FkKM%3D",
        )
        .answer(200, domains),
        Exchange::new(
            "GET",
            "https://alidns.aliyuncs.com/?AccessKeyId=id&Format=JSON&SignatureMethod=HMAC-SHA1&SignatureNonce=07070707070707070707070707070707&SignatureVersion=1.0&Timestamp=2023-11-14T22%3A13%3A20Z&Action=DescribeDomainRecords&DomainName=example.com&RRKeyWord=_acme-challenge&TypeKeyWord=TXT&PageSize=500&PageNumber=1&Version=2015-01-09&SecurityToken=t%2F1&Signature=UMurgYRacGySXqsVMBkdjG%2FkRsE%3D",
        )
        .answer(200, records),
        Exchange::new(
            "POST",
            "https://alidns.aliyuncs.com/?AccessKeyId=id&Format=JSON&SignatureMethod=HMAC-SHA1&SignatureNonce=07070707070707070707070707070707&SignatureVersion=1.0&Timestamp=2023-11-14T22%3A13%3A20Z&Action=AddDomainRecord&DomainName=example.com&RR=_acme-challenge&Type=TXT&Value=v&TTL=120&Line=telecom&Version=2015-01-09&SecurityToken=t%2F1&Signature=h%2FK7Deb6XzsHggmueMbNStcSGDA%3D",
        )
        .answer(200, r#"{"RecordId": "7"}"#),
    ]);
    let settings = [
        ("ALICLOUD_ACCESS_KEY", "id"),
        ("ALICLOUD_SECRET_KEY", "secret"),
        ("ALICLOUD_SECURITY_TOKEN", "t/1"),
        ("ALICLOUD_LINE", "telecom"),
    ];
    let results = host.call(&settings, |cx| {
        Exported::new(cx).unwrap().present(cx, &[record("_acme-challenge.example.com.", "v")])
    });
    assert_eq!(results, [Ok(Some("7".to_owned()))]);
    host.finish();
}

#[test]
fn refusals_have_their_kinds() {
    for (status, code, kind) in [
        (400, "Forbidden.RAM", ErrorKind::Auth),
        (403, "Forbidden", ErrorKind::Auth),
        (404, "InvalidAccessKeyId.NotFound", ErrorKind::Auth),
        (404, "InvalidAccessKeyId", ErrorKind::Auth),
        (400, "SignatureDoesNotMatch", ErrorKind::Auth),
        (400, "InvalidSecurityToken.Expired", ErrorKind::Auth),
        (400, "Throttling.User", ErrorKind::RateLimited),
        (503, "ServiceUnavailable", ErrorKind::Transient),
        (400, "SignatureNonceUsed", ErrorKind::Transient),
        (400, "InvalidDomainName.NoExist", ErrorKind::ZoneNotFound),
        (400, "IncorrectDomainUser", ErrorKind::ZoneNotFound),
        (400, "DomainRecordDuplicate", ErrorKind::Permanent),
        (400, "DomainRecordNotBelongToUser", ErrorKind::Permanent),
    ] {
        assert_eq!(sorted(Error::from_status(status, ""), code).kind, kind, "{code}");
    }
}

#[test]
fn a_refusal_keeps_words_and_code() {
    let body = r#"{"Code": "Forbidden.RAM", "Message": "User not authorized to operate on it.",
        "HostId": "alidns.aliyuncs.com", "RequestId": "0A1B2C3D-0000-4000-8000-000000000003"}"#;
    let url = "https://alidns.aliyuncs.com/?AccessKeyId=id&Format=JSON&SignatureMethod=HMAC-SHA1&SignatureNonce=07070707070707070707070707070707&SignatureVersion=1.0&Timestamp=2023-11-14T22%3A13%3A20Z&Action=DescribeDomains&PageSize=100&PageNumber=1&Version=2015-01-09&Signature=R74ecS8h4ComK1Kf%2BJG%2BUwqDCdM%3D";
    let host = FakeHost::new([Exchange::new("GET", url).answer(403, body)]);
    let settings = [("ALICLOUD_ACCESS_KEY", "id"), ("ALICLOUD_SECRET_KEY", "secret")];
    let error = host.call(&settings, |cx| Exported::new(cx).unwrap().check(cx)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
    assert_eq!(error.message, "User not authorized to operate on it (Forbidden.RAM)");
    host.finish();
}
