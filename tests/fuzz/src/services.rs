//! The judge of URLs and the guard of secrets.

#[path = "../../../core/plugin/src/services/address.rs"]
mod address;
#[path = "../../../core/plugin/src/services/reach.rs"]
mod reach;
#[path = "../../../core/plugin/src/services/redact.rs"]
mod redact;

use self::{reach::Reach, redact::Redactor};

/// What is permitted goes where it was permitted, also for the reader who connects.
pub(crate) fn url(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let declared = ["https://api.example.com", "https://*.cdn.example", "{BASE}"];
    let base = |name: &str| (name == "BASE").then_some(("http://192.168.1.9:8081/v1", true));
    let Ok(target) = Reach::new(&declared.map(str::to_owned), base).permit(text) else { return };
    // What the HTTP client parses once more; it refuses what is too long for it.
    let Ok(sent) = target.url.as_str().parse::<http::Uri>() else { return };
    let (scheme, host) = (sent.scheme_str().unwrap(), sent.host().unwrap());
    assert_eq!(Some(host), target.url.host_str(), "{text:?}");
    assert_eq!(sent.port_u16(), target.url.port(), "{text:?}");
    assert!(!sent.authority().unwrap().as_str().contains('@'), "{text:?}");
    let origin = (scheme, host, sent.port_u16());
    let declared = host == "api.example.com" || host.ends_with(".cdn.example");
    if target.named_by_user {
        assert_eq!(origin, ("http", "192.168.1.9", Some(8081)), "{text:?}");
    } else {
        assert!(declared && scheme == "https" && sent.port_u16().is_none(), "{text:?}");
    }
}

/// A secret that stands in a text does not stand in what is shown of it.
pub(crate) fn secret(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return };
    let Some((secret, text)) = rest.split_at_checked(usize::from(*length)) else { return };
    let (Ok(secret), Ok(text)) = (str::from_utf8(secret), str::from_utf8(text)) else { return };
    let redactor = Redactor::new(std::iter::once(secret));
    // Characters that showing a line changes could make a secret of what was none.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_+/=.&".contains(c);
    let tells = secret.len() >= 4 && secret.chars().all(plain);
    let middle = text.floor_char_boundary(text.len() / 2);
    let (before, after) = text.split_at(middle);
    for text in [text.to_owned(), format!("{before}{secret}{after}"), format!("{text}{secret}")] {
        let shown = redactor.presentable(&text, 1000);
        assert!(shown.len() <= 1000 + "…".len());
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(!tells || !shown.contains(secret), "{secret:?} in {shown:?}");
        assert!(!tells || secret.len() < 8 || !redactor.betrays(&shown), "{secret:?} in {shown:?}");
    }
}
