use serde_json::json;
use wildcert_plugin_sdk::{
    ErrorKind, Provider, conformance, recordings,
    testing::{Exchange, FakeHost, Local, conformance::assert_reads_again, record, the_error},
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

const OWNER: &str = "_acme-challenge.example.com.";

#[test]
fn a_concurrent_change_is_read_and_kept() {
    assert_reads_again(&Local::<Exported, simulator::Vendor>::new(), MANIFEST);
}

fn log_in(login: &str, scope: &str, proof: &str) -> Exchange {
    let form = format!("grant_type=client_credentials&client_id=c&scope={scope}&{proof}");
    Exchange::new("POST", &format!("https://{login}/t/oauth2/v2.0/token"))
        .json(form.into())
        .answer(200, json!({ "access_token": "a", "expires_in": "3599" }))
}

fn settings<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
        ("AZURE_SUBSCRIPTION_ID", "sub"),
    ];
    let own = own.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    own.chain(more).copied().collect()
}

/// The zones of a subscription may be in several resource groups.
#[test]
fn the_resource_group_is_taken_from_the_zone() {
    let api = "https://management.azure.com";
    let list = "/subscriptions/sub/providers/Microsoft.Network/dnsZones?api-version=2018-05-01";
    let id =
        "/subscriptions/sub/resourceGroups/two/providers/Microsoft.Network/dnszones/example.com";
    let set = format!("{api}{id}/TXT/_acme-challenge?api-version=2018-05-01");
    let host = FakeHost::new([
        log_in(
            "login.microsoftonline.com",
            "https%3A%2F%2Fmanagement.azure.com%2F.default",
            "client_secret=s",
        ),
        Exchange::new("GET", &format!("{api}{list}")).header("authorization", "Bearer a").answer(
            200,
            json!({ "value": [
                { "id": "/subscriptions/sub/resourceGroups/one/x", "name": "example.net" },
                { "id": id, "name": "Example.com" },
            ]}),
        ),
        Exchange::new("GET", &set).answer(404, json!({ "code": "NotFound", "message": "none" })),
        Exchange::new("PUT", &set)
            .header("if-none-match", "*")
            .json(json!({ "properties": { "TTL": 120, "TXTRecords": [{ "value": ["v"] }] } }))
            .answer(201, "{}"),
    ]);
    host.call(&settings(&[]), |cx| {
        assert_eq!(Exported::new(cx).unwrap().present(cx, &[record(OWNER, "v")]), [Ok(None)]);
    });
    host.finish();
}

#[test]
fn a_private_zone_of_another_cloud_named_by_the_settings() {
    let zone = "https://management.usgovcloudapi.net/subscriptions/sub/resourceGroups/g/providers/\
                Microsoft.Network/privateDnsZones/example.com";
    let set = format!("{zone}/TXT/_acme-challenge?api-version=2018-09-01");
    let id = zone.trim_start_matches("https://management.usgovcloudapi.net");
    let more = [
        ("AZURE_ENVIRONMENT", "USGovernment"),
        ("AZURE_PRIVATE_ZONE", "true"),
        ("AZURE_RESOURCE_GROUP", "g"),
        ("AZURE_ZONE_NAME", "example.com."),
        ("AZURE_CLIENT_SECRET", ""),
        ("AZURE_OIDC_TOKEN", "jwt"),
    ];
    let host = FakeHost::new([
        log_in(
            "login.microsoftonline.us",
            "https%3A%2F%2Fmanagement.usgovcloudapi.net%2F.default",
            "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
             &client_assertion=jwt",
        ),
        Exchange::new("GET", &format!("{zone}?api-version=2018-09-01"))
            .answer(200, json!({ "id": id, "name": "example.com" })),
        Exchange::new("GET", &set).answer(
            200,
            json!({
                "etag": "e-1",
                "properties": { "ttl": 60, "txtRecords": [{ "value": ["long ", "text"] }] },
            }),
        ),
        Exchange::new("PATCH", &set)
            .header("if-match", "e-1")
            .json(json!({ "properties": {
                "ttl": 60, "txtRecords": [{ "value": ["long text"] }, { "value": ["v"] }],
            }}))
            .answer(200, "{}"),
    ]);
    host.call(&settings(&more), |cx| {
        assert_eq!(Exported::new(cx).unwrap().present(cx, &[record(OWNER, "v")]), [Ok(None)]);
    });
    host.finish();
}

#[test]
fn refusals_tell_what_is_wrong() {
    let zones = "https://management.azure.com/subscriptions/sub/providers/Microsoft.Network/\
                 dnsZones?api-version=2018-05-01";
    let login = || {
        log_in(
            "login.microsoftonline.com",
            "https%3A%2F%2Fmanagement.azure.com%2F.default",
            "client_secret=s",
        )
    };
    let refused = |status, code: &str| {
        let body = json!({ "error": { "code": code, "message": "No." } });
        vec![login(), Exchange::new("GET", zones).answer(status, body)]
    };
    let unknown_tenant = json!({ "error": "invalid_request", "error_description": "AADSTS90002: Tenant 't' not found." });
    for (script, kind, words) in [
        (vec![login().answer(400, unknown_tenant)], ErrorKind::Auth, "AADSTS90002"),
        (refused(403, "AuthorizationFailed"), ErrorKind::Auth, "AuthorizationFailed: No."),
        (
            refused(404, "SubscriptionNotFound"),
            ErrorKind::ZoneNotFound,
            "SubscriptionNotFound: No.",
        ),
        (refused(409, "ScopeLocked"), ErrorKind::Permanent, "ScopeLocked: No."),
    ] {
        let host = FakeHost::new(script);
        host.call(&settings(&[]), |cx| {
            let error = the_error(Exported::new(cx).unwrap().present(cx, &[record(OWNER, "v")]));
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.message.contains(words), "{error}");
        });
        host.finish();
    }
    FakeHost::default().call(&settings(&[("AZURE_ENVIRONMENT", "mars")]), |cx| {
        assert_eq!(Exported::new(cx).err().unwrap().kind, ErrorKind::Config);
    });
}
