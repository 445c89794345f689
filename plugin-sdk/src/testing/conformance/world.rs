//! The account that the trials find at a simulated vendor.

use super::super::data::Data;

/// The zone that most trials work in.
pub(super) const ZONE: &str = "example.com.";
/// Delegated out of it.
pub(super) const CHILD: &str = "sub.example.com.";
/// In the account, with a name that is not ASCII.
pub(super) const IDN: &str = "xn--bcher-kva.example.";
/// Not in the account.
pub(super) const ABSENT: &str = "absent.example.";
/// What somebody else has put at the owner name of a challenge.
pub(super) const FOREIGN: &str = "foreign-token_of-another-client";

/// So many zones stand before the others when the listing is long.
const MANY: usize = 230;

/// The account: three zones with what zones have in them, behind many others if asked for.
pub(super) fn account(many: bool) -> Data {
    let mut data = Data::default();
    for number in 0..if many { MANY } else { 0 } {
        let name = format!("filler-{number:03}.example.");
        data.add_zone(&name).add(&name, "NS", 86_400, "ns1.vendor.example.");
    }
    for name in [CHILD, IDN, "other.example."] {
        let zone = data.add_zone(name);
        zone.add(name, "NS", 86_400, "ns1.vendor.example.");
        zone.add(name, "A", 3600, "192.0.2.7");
        zone.add(&format!("_acme-challenge.{name}"), "TXT", 3600, "not-of-the-zone-in-question");
    }
    let zone = data.add_zone(ZONE);
    zone.add(ZONE, "NS", 86_400, "ns1.vendor.example.");
    zone.add(ZONE, "NS", 86_400, "ns2.vendor.example.");
    zone.add(ZONE, "A", 3600, "192.0.2.1");
    zone.add(ZONE, "AAAA", 3600, "2001:db8::1");
    zone.add(ZONE, "MX", 3600, "10 mail.example.com.");
    zone.add(ZONE, "TXT", 3600, "v=spf1 include:_spf.example.net ~all");
    zone.add(ZONE, "CAA", 3600, "0 issue \"ca.example.net\"");
    zone.add("sub.example.com.", "NS", 3600, "ns1.vendor.example.");
    zone.add("www.example.com.", "CNAME", 1800, "example.com.");
    zone.add("mail.example.com.", "A", 1800, "192.0.2.2");
    zone.add("*.wild.example.com.", "A", 1800, "192.0.2.3");
    zone.add("_dmarc.example.com.", "TXT", 1800, "v=DMARC1; p=none; rua=mailto:a@example.com");
    zone.add("_acme-challenge.shop.example.com.", "TXT", 600, "value");
    zone.add("acme-challenge.example.com.", "TXT", 600, "value");
    data
}
