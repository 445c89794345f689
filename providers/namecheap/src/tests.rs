use serde_json::Value;
use wildcert_plugin_sdk::{
    Error, ErrorKind, Provider, Result, conformance, encoding,
    testing::{Exchange, FakeHost, record, the_error},
};

use crate::{Exported, GET_IP, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);

const URL: &str = "https://api.namecheap.com/xml.response";
const KEY: [(&str, &str); 2] = [("NAMECHEAP_API_USER", "u"), ("NAMECHEAP_API_KEY", "k")];
const IP: (&str, &str) = ("NAMECHEAP_CLIENT_IP", "203.0.113.7");

/// The exchange of one command with these fields; `result` is what the answer is about.
fn command(url: &str, name: &str, fields: &str, status: u16, result: &str) -> Exchange {
    let base = [
        ("ApiUser", "u"),
        ("ApiKey", "k"),
        ("UserName", "u"),
        ("ClientIp", "203.0.113.7"),
        ("Command", name),
    ];
    let body = format!("{}&{fields}", encoding::form(&base));
    Exchange::new("POST", url)
        .json(Value::String(body))
        .answer(status, format!(r#"<?xml version="1.0"?><ApiResponse {result}</ApiResponse>"#))
}

fn listing(url: &str, status: u16, result: &str) -> Exchange {
    command(url, "namecheap.domains.getList", "Page=1&PageSize=100", status, result)
}

const ZONE: &str = r#"Status="OK"><CommandResponse><DomainGetListResult>
    <Domain Name="example.co.uk" IsOurDNS="true"/><Domain Name="example.net" IsOurDNS="false"/>
    </DomainGetListResult><Paging><TotalItems>2</TotalItems></Paging></CommandResponse>"#;

fn hosts(attributes: &str, inside: &str) -> Exchange {
    let result = format!(
        r#"Status="OK"><CommandResponse><DomainDNSGetHostsResult {attributes}>{inside}
           </DomainDNSGetHostsResult></CommandResponse>"#
    );
    command(URL, "namecheap.domains.dns.getHosts", "SLD=example&TLD=co.uk", 200, &result)
}

fn present(exchanges: impl IntoIterator<Item = Exchange>) -> Vec<Result<Option<String>>> {
    let host = FakeHost::new(exchanges);
    let mut record = record("_acme-challenge.example.co.uk.", "v");
    record.zone = "example.co.uk.".to_owned();
    let results = host.call(&[KEY[0], KEY[1], IP], |cx| {
        Exported::new(cx).unwrap().present(cx, std::slice::from_ref(&record))
    });
    host.finish();
    results
}

fn zones_of(host: &FakeHost<'_>, settings: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    host.call(settings, |cx| Exported::new(cx).unwrap().check(cx))
}

#[test]
fn everything_in_the_zone_goes_back_as_it_came() {
    let before = r#"
        <host HostId="7" Name="@" Type="MX" Address="mx.example.net." MXPref="5" TTL="1799"/>
        <host HostId="8" Name="w" Type="URL301" Address="http://a.test/?b=1&amp;c" MXPref="10" TTL="60"/>
        <host HostId="9" Name="new" Type="NEW" Address="?" Odd="1"/>"#;
    let fields = "SLD=example&TLD=co.uk&EmailType=MX\
        &HostName1=%40&RecordType1=MX&Address1=mx.example.net.&MXPref1=5&TTL1=1799\
        &HostName2=w&RecordType2=URL301&Address2=http%3A%2F%2Fa.test%2F%3Fb%3D1%26c&MXPref2=10&TTL2=60\
        &HostName3=new&RecordType3=NEW&Address3=%3F&Odd3=1\
        &HostName4=_acme-challenge&RecordType4=TXT&Address4=v&MXPref4=10&TTL4=120";
    let written = r#"Status="OK"><CommandResponse>
        <DomainDNSSetHostsResult IsSuccess="true"/></CommandResponse>"#;
    let write = command(URL, "namecheap.domains.dns.setHosts", fields, 200, written);
    let hosts = hosts(r#"EmailType="MX" IsUsingOurDNS="true""#, before);
    assert_eq!(present([listing(URL, 200, ZONE), hosts, write]), [Ok(None)]);
}

#[test]
fn a_write_without_success_is_an_error() {
    let fields = "SLD=example&TLD=co.uk&EmailType=NONE\
        &HostName1=_acme-challenge&RecordType1=TXT&Address1=v&MXPref1=10&TTL1=120";
    let written = r#"Status="OK"><CommandResponse>
        <DomainDNSSetHostsResult IsSuccess="false"/></CommandResponse>"#;
    let write = command(URL, "namecheap.domains.dns.setHosts", fields, 200, written);
    let hosts = hosts(r#"EmailType="NONE" IsUsingOurDNS="true""#, "");
    let error = the_error(present([listing(URL, 200, ZONE), hosts, write]));
    assert_eq!(error.message, "Namecheap did not write `example.co.uk.`");
}

#[test]
fn what_the_api_cannot_write_back_is_left_alone() {
    for (attributes, inside, kind, words) in [
        (
            r#"EmailType="NONE" IsUsingOurDNS="true""#,
            r#"<host Name="home" Type="A" Address="192.0.2.1" IsDDNSEnabled="true"/>"#,
            ErrorKind::Unsupported,
            "writing example.co.uk. would end the dynamic updates of `home`",
        ),
        (
            r#"IsUsingOurDNS="true""#,
            "",
            ErrorKind::Permanent,
            "the answer's `ApiResponse` has no `CommandResponse/DomainDNSGetHostsResult@EmailType`",
        ),
    ] {
        let exchanges = [listing(URL, 200, ZONE), hosts(attributes, inside)];
        let error = the_error(present(exchanges));
        assert_eq!((error.kind, &*error.message), (kind, words));
    }
}

#[test]
fn the_vendors_numbers_have_their_kinds() {
    for (number, words, kind) in [
        (1_011_150, "Invalid request IP: 203.0.113.7", ErrorKind::Auth),
        (1_017_101, "Parameter ApiUser is disabled or locked", ErrorKind::Auth),
        (1_050_900, "Unknown error when validating APIUser", ErrorKind::Transient),
        (2_030_166, "Edit permission for domain is not supported", ErrorKind::Auth),
        (3_031_510, "Error response from provider", ErrorKind::Transient),
        (2_019_166, "Domain not found", ErrorKind::Permanent),
    ] {
        let refusal =
            format!(r#"Status="ERROR"><Errors><Error Number="{number}">{words}</Error></Errors>"#);
        let host = FakeHost::new([listing(URL, 200, &refusal)]);
        let error = zones_of(&host, &[KEY[0], KEY[1], IP]).unwrap_err();
        assert_eq!((error.kind, error.message), (kind, format!("{words} (error {number})")));
    }
    let host = FakeHost::new([listing(URL, 405, "")]);
    let error = zones_of(&host, &[KEY[0], KEY[1], IP]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::RateLimited);
}

#[test]
fn the_clients_address_is_asked_for_once() {
    let sandbox = "https://api.sandbox.namecheap.com/xml.response";
    let host = FakeHost::new([
        Exchange::new("GET", GET_IP).answer(200, "203.0.113.7\n"),
        listing(sandbox, 200, ZONE),
        listing(sandbox, 200, ZONE),
    ]);
    for _ in 0..2 {
        let settings = [KEY[0], KEY[1], ("NAMECHEAP_SANDBOX", "true")];
        assert_eq!(zones_of(&host, &settings), Ok(vec!["example.co.uk.".to_owned()]));
    }
    host.finish();
    let host = FakeHost::new([Exchange::new("GET", GET_IP).answer(200, "<html>")]);
    let error = zones_of(&host, &KEY).unwrap_err();
    assert!(error.message.ends_with("gave no address: `<html>`"), "{error}");
}
