//! CNAME targets, zone cuts, servers, and how many questions they cost.

use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use wildcert_dns::{Dns, DnsOptions, Error, Location, OwnerName};

use crate::mock::{Fault, Mock, dns};

const CHALLENGE: &str = "_acme-challenge.example.test.";

fn owner(name: &str) -> OwnerName {
    name.parse().unwrap()
}

fn via(location: &Location) -> Vec<&str> {
    location.via.iter().map(OwnerName::as_str).collect()
}

#[tokio::test]
async fn a_plain_name_costs_one_question_and_no_resolver() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]);
    let dns = dns([server.serves("example.test")], &resolver);

    let location = dns.locate(&owner(CHALLENGE)).await.unwrap();
    assert_eq!(location.owner, owner(CHALLENGE));
    assert_eq!(location.target, owner(CHALLENGE));
    assert_eq!(location.zone.as_str(), "example.test.");
    assert_eq!(location.servers, [server.server("127.0.0.1")]);
    assert!(location.via.is_empty());

    let asked = server.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked.iter().all(|asked| !asked.recursion && !asked.tcp), "{asked:?}");
    assert_eq!(resolver.asked(), []);

    assert_eq!(dns.locate(&owner(CHALLENGE)).await.unwrap(), location);
    assert_eq!(server.asked().len(), 1, "the second time it is known");
}

#[tokio::test]
async fn the_child_zone_is_found_and_the_apex_of_one() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test.", "child.example.test.", "_acme-challenge.apex.example.test."]);
    server.add("child.example.test.", "NS", "ns.example.test.");
    let dns = dns([server.serves("example.test")], &resolver);

    for (name, zone) in [
        ("_acme-challenge.example.test", "example.test."),
        ("_acme-challenge.a.b.child.example.test", "child.example.test."),
        ("_acme-challenge.child.example.test", "child.example.test."),
        ("_acme-challenge.apex.example.test", "_acme-challenge.apex.example.test."),
    ] {
        let location = dns.locate(&owner(name)).await.unwrap();
        assert_eq!(location.zone.as_str(), zone, "{name}");
        assert_eq!(location.servers, [server.server("127.0.0.1")], "{name}");
    }
    assert_eq!(resolver.asked(), []);
}

#[tokio::test]
async fn a_server_that_omits_the_soa_is_asked_upwards() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]);
    server.fault("_acme-challenge.a.example.test.", Fault::NoSoa);
    server.fault("a.example.test.", Fault::NoSoa);
    let dns = dns([server.serves("example.test")], &resolver);

    let location = dns.locate(&owner("_acme-challenge.a.example.test")).await.unwrap();
    assert_eq!(location.zone.as_str(), "example.test.");
    assert_eq!(server.count(RecordType::SOA), 3);
}

#[tokio::test]
async fn nobody_above_the_override_is_asked() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]);
    server.fault(CHALLENGE, Fault::NoSoa);
    server.fault("example.test.", Fault::NoSoa);
    let dns = dns([server.serves("_acme-challenge.example.test")], &resolver);

    let error = dns.locate(&owner(CHALLENGE)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no zone holds `_acme-challenge.example.test.`: there is no SOA record for it"
    );
    assert_eq!(resolver.asked(), []);
}

#[tokio::test]
async fn cname_chains_lead_into_other_zones() {
    let (one, two, resolver) = (Mock::start().await, Mock::start().await, Mock::start().await);
    one.zones(["example.test."]).add(CHALLENGE, "CNAME", "Step.example.test.");
    one.add("step.example.test.", "CNAME", "a.auth.test.");
    two.zones(["auth.test."]);
    let dns = dns([one.serves("example.test"), two.serves("auth.test")], &resolver);

    let location = dns.locate(&owner(CHALLENGE)).await.unwrap();
    assert_eq!(location.target.as_str(), "a.auth.test.");
    assert_eq!(location.zone.as_str(), "auth.test.");
    assert_eq!(location.servers, [two.server("127.0.0.1")]);
    assert_eq!(via(&location), [CHALLENGE, "step.example.test."]);
    assert_eq!(resolver.asked(), []);
}

#[tokio::test]
async fn cname_loops_and_long_chains_end() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]).add(CHALLENGE, "CNAME", "b.example.test.");
    server.add("b.example.test.", "CNAME", CHALLENGE);
    for step in 0..9 {
        let (from, to) = (format!("c{step}.example.test."), format!("c{}.example.test.", step + 1));
        server.add(&from, "CNAME", &to);
    }
    server.add("odd.example.test.", "CNAME", "a b.example.test.");
    let dns = dns([server.serves("example.test")], &resolver);

    let error = dns.locate(&owner(CHALLENGE)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the CNAME records at `_acme-challenge.example.test.` form a loop: `b.example.test.` \
         points back to `_acme-challenge.example.test.`"
    );
    assert!(error.hint().is_some());
    let error = dns.locate(&owner("c0.example.test")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`c0.example.test.` leads through more than 8 CNAME records, the last is at \
         `c8.example.test.`"
    );
    let location = dns.locate(&owner("c1.example.test")).await.unwrap();
    assert_eq!(location.via.len(), 8);
    let error = dns.locate(&owner("odd.example.test")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the CNAME record at `odd.example.test.` points to the unusable name \
         `a\\040b.example.test.`: it contains `\\`"
    );
}

#[tokio::test]
async fn a_cname_from_a_wildcard_does_not_count() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test.", "elsewhere.test."]);
    server.add("*.example.test.", "CNAME", "web.elsewhere.test.");
    // The wildcard's own target, but in a record of its own: this one counts.
    server.add("_acme-challenge.own.example.test.", "CNAME", "web.elsewhere.test.");
    let dns = dns([server.serves("test")], &resolver);

    let location = dns.locate(&owner("_acme-challenge.deep.down.example.test")).await.unwrap();
    assert_eq!(location.target.as_str(), "_acme-challenge.deep.down.example.test.");
    assert_eq!(location.zone.as_str(), "example.test.");
    assert!(location.via.is_empty());

    let location = dns.locate(&owner("_acme-challenge.own.example.test")).await.unwrap();
    assert_eq!(location.target.as_str(), "web.elsewhere.test.");
    assert_eq!(location.zone.as_str(), "elsewhere.test.");
}

#[tokio::test]
async fn the_longest_override_wins_and_a_zone_may_have_several_servers() {
    let (short, long, resolver) = (Mock::start().await, Mock::start().await, Mock::start().await);
    let dead = Mock::start().await;
    short.zones(["example.test."]);
    long.zones(["in.example.test."]);
    dead.fault("_acme-challenge.in.example.test.", Fault::Code(ResponseCode::Refused));
    let overrides = [
        short.serves("example.test"),
        dead.serves("in.example.test"),
        long.serves("IN.example.test."),
    ];
    let dns = dns(overrides, &resolver);

    let location = dns.locate(&owner("_acme-challenge.in.example.test")).await.unwrap();
    assert_eq!(location.zone.as_str(), "in.example.test.");
    assert_eq!(location.servers, [dead.server("127.0.0.1"), long.server("127.0.0.1")]);
    assert_eq!(short.asked(), []);

    let location = dns.locate(&owner("_acme-challenge.bin.example.test")).await.unwrap();
    assert_eq!(location.servers, [short.server("127.0.0.1")]);
    assert_eq!(resolver.asked(), []);
}

#[tokio::test]
async fn a_referral_from_a_named_server_says_which_override_lacks() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]).add("child.example.test.", "NS", "ns.elsewhere.test.");
    let dns = dns([server.serves("example.test")], &resolver);

    let error = dns.locate(&owner("_acme-challenge.child.example.test")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` does not serve `_acme-challenge.child.example.test.` but refers to the servers \
             of its zone `child.example.test.`",
            server.address
        )
    );
    assert!(error.hint().unwrap().contains("--nameserver child.example.test.=HOST:PORT"));
}

#[tokio::test]
async fn fifty_names_share_the_servers_of_their_zone() {
    let resolver = Mock::start().await;
    resolver.zones(["test.", "example.test."]);
    resolver.add("example.test.", "NS", "ns1.example.test.");
    resolver.add("example.test.", "NS", "ns2.test.");
    resolver.add("ns1.example.test.", "A", "192.0.2.1");
    resolver.add("ns1.example.test.", "AAAA", "2001:db8::1");
    resolver.add("ns2.test.", "A", "192.0.2.2");
    // One more name for an address already known is not one more server.
    resolver.add("ns2.test.", "A", "192.0.2.1");
    let dns = dns([], &resolver);

    let names: Vec<_> =
        (0..50).map(|n| owner(&format!("_acme-challenge.n{n}.example.test"))).collect();
    let locations = futures_util::future::try_join_all(names.iter().map(|name| dns.locate(name)))
        .await
        .unwrap();
    let expected = ["192.0.2.1:53", "192.0.2.2:53", "[2001:db8::1]:53"];
    for (location, name) in locations.iter().zip(&names) {
        assert_eq!(location.target, *name);
        assert_eq!(location.zone.as_str(), "example.test.");
        let addresses: Vec<_> =
            location.servers.iter().map(|server| server.address.to_string()).collect();
        assert_eq!(addresses, expected);
    }
    assert_eq!(resolver.count(RecordType::CNAME), 50);
    assert_eq!(resolver.count(RecordType::NS), 1);
    assert_eq!(resolver.count(RecordType::A), 2);
    assert_eq!(resolver.count(RecordType::AAAA), 2);
    assert_eq!(resolver.asked().len(), 55);
    assert!(resolver.asked().iter().all(|asked| asked.recursion));
}

#[tokio::test]
async fn a_name_server_without_address_is_left_out_unless_it_is_the_only_one() {
    let resolver = Mock::start().await;
    resolver.zones(["test.", "one.test.", "two.test."]);
    resolver.add("one.test.", "NS", "gone.test.").add("one.test.", "NS", "ns.test.");
    resolver.add("two.test.", "NS", "gone.test.");
    resolver.add("ns.test.", "A", "192.0.2.1");
    let dns = dns([], &resolver);

    let location = dns.locate(&owner("_acme-challenge.one.test")).await.unwrap();
    let names: Vec<_> = location.servers.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["ns.test. (192.0.2.1:53)"]);
    let error = dns.locate(&owner("_acme-challenge.two.test")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "zone `two.test.` has no authoritative server that can be asked: `gone.test.`: it has no \
         address"
    );
}

#[tokio::test]
async fn lost_packets_are_sent_again() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]).fault(CHALLENGE, Fault::Lose(2));
    let dns = dns([server.serves("example.test")], &resolver);
    dns.locate(&owner(CHALLENGE)).await.unwrap();
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn the_next_resolver_is_asked_and_all_are_named_when_none_answers() {
    let (broken, working) = (Mock::start().await, Mock::start().await);
    for name in [CHALLENGE, "_acme-challenge.b.test.", "example.test.", "ns.example.test."] {
        broken.fault(name, Fault::Code(ResponseCode::ServFail));
    }
    working.zones(["example.test."]).add("example.test.", "NS", "ns.example.test.");
    working.add("ns.example.test.", "A", "192.0.2.1");
    working.fault("_acme-challenge.b.test.", Fault::Silent);
    let resolvers = [&broken, &working].map(|mock| mock.address.to_string().parse().unwrap());
    let options = DnsOptions {
        resolvers: resolvers.into(),
        query_timeout: Duration::from_millis(200),
        ..DnsOptions::default()
    };
    let dns = Dns::new(options).unwrap();

    dns.locate(&owner(CHALLENGE)).await.unwrap();
    let error = dns.locate(&owner("_acme-challenge.b.test")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "no server answered `_acme-challenge.b.test. CNAME`: {}: SERVFAIL; {}: timed out",
            broken.address, working.address
        )
    );
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn a_domain_that_does_not_exist_is_in_no_zone() {
    let resolver = Mock::start().await;
    resolver.zones(["example.test."]).fault("example.invalid.", Fault::NoSoa);
    for name in ["_acme-challenge.example.invalid.", "example.invalid.", "invalid."] {
        resolver.fault(name, Fault::Code(ResponseCode::NXDomain));
    }
    let error = dns([], &resolver).locate(&owner("_acme-challenge.example.invalid")).await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::NoZone { .. }), "{error}");
}

#[tokio::test]
async fn a_dropped_look_up_does_not_disturb_the_next() {
    let (server, resolver) = (Mock::start().await, Mock::start().await);
    server.zones(["example.test."]).fault(CHALLENGE, Fault::Lose(1));
    let dns = dns([server.serves("example.test")], &resolver);
    let task = tokio::spawn({
        let dns = dns.clone();
        async move { dns.locate(&owner(CHALLENGE)).await }
    });
    while server.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(dns.locate(&owner(CHALLENGE)).await.unwrap().zone.as_str(), "example.test.");
}
