//! Listings that come in pages.
//!
//! [`all`] asks for one page after the other; what leads to the next is the vendor's: a number, an
//! offset, a cursor, or a link.
//!
//! ```
//! # use serde::Deserialize;
//! # use wildcert_plugin_sdk::{Context, Result, pages};
//! # #[derive(Deserialize)] struct Numbered { zones: Vec<String>, total_pages: u32 }
//! # #[derive(Deserialize)] struct Offset { zones: Vec<String>, total: usize }
//! # #[derive(Deserialize)] struct Cursor { zones: Vec<String>, next: Option<String> }
//! # const URL: &str = "https://api.dns.example/zones";
//! # fn numbered(cx: &Context<'_>) -> Result<Vec<String>> {
//! // By number:
//! pages::all(1, |page| {
//!     let request = cx.request("GET", URL).query("page", &page.to_string());
//!     let answer: Numbered = request.send()?.success(|_| None)?.json()?;
//!     Ok((answer.zones, (*page < answer.total_pages).then_some(page + 1)))
//! })
//! # }
//! # fn counted(cx: &Context<'_>) -> Result<Vec<String>> {
//! // By number, with the number of all items:
//! pages::counted(|page| {
//!     let request = cx.request("GET", URL).query("page", &page.to_string());
//!     let answer: Offset = request.send()?.success(|_| None)?.json()?;
//!     Ok((answer.zones, answer.total as u64))
//! })
//! # }
//! # fn offset(cx: &Context<'_>) -> Result<Vec<String>> {
//! // By offset:
//! pages::all(0, |offset| {
//!     let request = cx.request("GET", URL).query("offset", &offset.to_string());
//!     let answer: Offset = request.send()?.success(|_| None)?.json()?;
//!     let next = offset + answer.zones.len();
//!     Ok((answer.zones, (next < answer.total).then_some(next)))
//! })
//! # }
//! # fn cursor(cx: &Context<'_>) -> Result<Vec<String>> {
//! // By cursor, which the first request does not have:
//! pages::all(String::new(), |cursor| {
//!     let request = cx.request("GET", URL).query_unless_empty("cursor", cursor);
//!     let answer: Cursor = request.send()?.success(|_| None)?.json()?;
//!     Ok((answer.zones, answer.next))
//! })
//! # }
//! # fn link(cx: &Context<'_>) -> Result<Vec<String>> {
//! // By the header `Link` (RFC 8288):
//! pages::all(URL.to_owned(), |url| {
//!     let answer = cx.request("GET", url).send()?.success(|_| None)?;
//!     Ok((answer.json()?, pages::next_link(&answer, url)))
//! })
//! # }
//! ```

use std::fmt::Display;

use crate::{
    error::{Error, Result},
    types::Response,
};

/// A vendor with more pages than this is taken to go in circles.
const LIMIT: usize = 1000;

/// The items of all pages.
///
/// `ask` gets what leads to a page, `first` at first, and gives the page's items and what leads to
/// the next page, if there is one. An empty text leads nowhere.
///
/// # Errors
/// What `ask` failed with; `permanent` when a page leads to itself or after 1,000 pages.
pub fn all<T, N: Display>(
    first: N,
    mut ask: impl FnMut(&N) -> Result<(Vec<T>, Option<N>)>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    let mut page = first;
    for _ in 0..LIMIT {
        let (items, next) = ask(&page)?;
        all.extend(items);
        let Some(next) = next else { return Ok(all) };
        if !is_another(&page.to_string(), &next.to_string())? {
            return Ok(all);
        }
        page = next;
    }
    Err(Error::permanent("the listing does not end after 1000 pages"))
}

/// The items of pages that are numbered from 1 and tell how many items there are in all of them.
///
/// `ask` gets a page's number and gives its items and the total.
///
/// # Errors
/// As of [`all`].
pub fn counted<T>(mut ask: impl FnMut(u64) -> Result<(Vec<T>, u64)>) -> Result<Vec<T>> {
    let mut seen = 0;
    all(1, |page| {
        let (items, total) = ask(*page)?;
        seen += items.len() as u64;
        let more = !items.is_empty() && seen < total;
        Ok((items, more.then_some(page + 1)))
    })
}

/// Whether there is a page behind this one.
fn is_another(this: &str, next: &str) -> Result<bool> {
    if next.is_empty() {
        return Ok(false);
    }
    if this == next {
        return Err(Error::permanent(format!("page `{this}` of the listing leads to itself")));
    }
    Ok(true)
}

/// The address of the next page, as the header `Link` names it (RFC 8288); `url` is the one of this
/// page, for links that are relative to it.
pub fn next_link(answer: &Response, url: &str) -> Option<String> {
    let links = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    let target = links.flat_map(|(_, links)| links.split('<').skip(1)).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        is_next(parameters).then_some(target)
    })?;
    if target.contains("://") {
        return Some(target.to_owned());
    }
    let path = url.find("://").and_then(|at| url[at + 3..].find('/').map(|slash| at + 3 + slash));
    let origin = &url[..path.unwrap_or(url.len())];
    let base = url.split('?').next().unwrap_or(url);
    match target.as_bytes() {
        [b'/', ..] => Some(format!("{origin}{target}")),
        [b'?', ..] => Some(format!("{base}{target}")),
        _ => None,
    }
}

/// Whether one of the link's relations is `next`.
fn is_next(parameters: &str) -> bool {
    let relations = parameters.split([';', ',']).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
    });
    let mut relations = relations.unwrap_or_default().split_ascii_whitespace();
    relations.any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn linked(link: &str) -> Response {
        let headers = vec![("link".to_owned(), link.to_owned())];
        Response { status: 200, headers, body: Vec::new(), options: Vec::new() }
    }

    #[test]
    fn pages_are_joined_in_order() {
        let all =
            all(1, |page| Ok((vec![page * 10, page * 10 + 1], (*page < 3).then_some(page + 1))));
        assert_eq!(all.unwrap(), [10, 11, 20, 21, 30, 31]);
    }

    #[test]
    fn counted_pages_end_with_the_last_item_or_with_an_empty_page() {
        let ask = |page: u64| Ok((if page < 3 { vec![page; 2] } else { vec![page] }, 5));
        assert_eq!(counted(ask).unwrap(), [1, 1, 2, 2, 3]);
        let mut asked = 0;
        let too_many = counted(|page| {
            asked += 1;
            Ok((if page < 3 { vec![page] } else { vec![] }, 9))
        });
        assert_eq!((too_many.unwrap(), asked), (vec![1, 2], 3));
    }

    #[test]
    fn an_empty_cursor_ends_the_listing_and_an_empty_page_does_not() {
        let mut pages = vec![(vec![3], Some(String::new())), (vec![], Some("b".into()))];
        let all = all("a".to_owned(), |_| Ok(pages.pop().unwrap()));
        assert_eq!(all.unwrap(), [3]);
    }

    #[test]
    fn listings_without_end_are_given_up() {
        let same: Result<Vec<u8>> = all("a".to_owned(), |_| Ok((vec![], Some("a".to_owned()))));
        assert!(same.unwrap_err().message.contains("leads to itself"));
        let endless: Result<Vec<u8>> = all(0, |page| Ok((vec![], Some(page + 1))));
        assert_eq!(endless.unwrap_err().kind, ErrorKind::Permanent);
    }

    #[test]
    fn the_next_link_among_others() {
        let url = "https://api.example/v1/zones?page=1";
        let next = |link: &str| next_link(&linked(link), url);
        let both = r#"<https://api.example/v1/zones?page=1>; rel="first", <https://api.example/v1/zones?page=2,3>; title="x"; rel="last next""#;
        assert_eq!(next(both).unwrap(), "https://api.example/v1/zones?page=2,3");
        assert_eq!(
            next("</v1/zones?page=2>; rel=next").unwrap(),
            "https://api.example/v1/zones?page=2"
        );
        assert_eq!(next("<?page=2>;REL=Next").unwrap(), "https://api.example/v1/zones?page=2");
        assert_eq!(next(r#"<https://api.example/>; rel="prev""#), None);
        assert_eq!(next(r#"<https://api.example/>; title="rel=next", <x"#), None);
    }
}
