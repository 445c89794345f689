//! Bodies in XML.
//!
//! One type to read and to write: an element with its attributes, its text and its children. Prefixes
//! of namespaces fall away in reading.
//!
//! ```
//! use wildcert_plugin_sdk::xml::Element;
//!
//! let answer = Element::parse(br#"<zones count="1"><zone id="7"><name>a.test</name></zone></zones>"#);
//! let zones = answer.unwrap();
//! let zone = zones.all("zone").next().unwrap();
//! assert_eq!((zone.attribute("id"), zone.text_at("name")), (Some("7"), Some("a.test")));
//!
//! let name = Element::leaf("name", "a & b");
//! let request = Element::new("find").with("depth", "1").child(name);
//! assert_eq!(request.to_string(), r#"<find depth="1"><name>a &amp; b</name></find>"#);
//! ```

use std::fmt::{self, Write as _};

use roxmltree::{Document, Node};

use crate::{
    error::{Error, Result},
    http::RequestBuilder,
    types::Response,
};

/// Deeper answers are refused: reading them takes stack.
const DEPTH: usize = 64;

/// An element.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Element {
    /// The name; without a prefix where it was read.
    pub name: String,
    /// Names and values, in order.
    pub attributes: Vec<(String, String)>,
    /// The text, in one piece and with its white space.
    pub text: String,
    /// The elements inside, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// An element with nothing but text.
    pub fn leaf(name: &str, text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::new(name) }
    }

    /// The same element with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same element with one more child.
    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Reads a document. Document types are refused, and with them entities that grow.
    ///
    /// # Errors
    /// `permanent` with line and column where it stops being XML.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let unreadable = |why: &dyn fmt::Display| {
            Error::permanent(format!("unreadable XML in the answer: {why}"))
        };
        let text = str::from_utf8(body).map_err(|error| unreadable(&error))?;
        let document = Document::parse(text).map_err(|error| match error {
            // The one fault that does not tell its place.
            roxmltree::Error::UnexpectedEndOfStream => {
                unreadable(&format_args!("{error} after {} octets", body.len()))
            }
            error => unreadable(&error),
        })?;
        let root = document.root_element();
        if root.descendants().any(|node| node.ancestors().nth(DEPTH).is_some()) {
            return Err(unreadable(&format_args!("more than {DEPTH} elements inside each other")));
        }
        Ok(Self::read(root))
    }

    fn read(node: Node<'_, '_>) -> Self {
        Self {
            name: node.tag_name().name().to_owned(),
            attributes: node
                .attributes()
                .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()))
                .collect(),
            text: node.children().filter(Node::is_text).filter_map(|text| text.text()).collect(),
            children: node.children().filter(Node::is_element).map(Self::read).collect(),
        }
    }

    /// The value of the attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The elements that `path`, names with `/` between them, leads to from here.
    pub fn all<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a Element> + use<'a> {
        let mut found = vec![self];
        for name in path.split('/') {
            let inside = found.iter().flat_map(|element| &element.children);
            found = inside.filter(|child| child.name == name).collect();
        }
        found.into_iter()
    }

    /// The first of [`all`](Self::all).
    pub fn at(&self, path: &str) -> Option<&Element> {
        self.all(path).next()
    }

    /// The text [`at`](Self::at) a path; the value of an attribute where the path ends in `@` and its
    /// name.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        match path.split_once('@') {
            Some((path, attribute)) => self.at(path)?.attribute(attribute),
            None => self.at(path).map(|element| element.text.as_str()),
        }
    }

    /// The [text](Self::text_at) at a path that the vendor always sends.
    ///
    /// # Errors
    /// `permanent` when there is none, with the path.
    pub fn require(&self, path: &str) -> Result<&str> {
        let name = &self.name;
        self.text_at(path)
            .ok_or_else(|| Error::permanent(format!("the answer's `{name}` has no `{path}`")))
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"")?;
            escape(f, value)?;
            f.write_char('"')?;
        }
        if self.text.is_empty() && self.children.is_empty() {
            return f.write_str("/>");
        }
        f.write_char('>')?;
        escape(f, &self.text)?;
        self.children.iter().try_for_each(|child| child.fmt(f))?;
        write!(f, "</{}>", self.name)
    }
}

impl RequestBuilder<'_> {
    /// A body in XML, with its declaration.
    #[must_use]
    pub fn xml(self, root: &Element) -> Self {
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{root}");
        self.header("accept", "*/*").body("text/xml; charset=utf-8", body)
    }
}

impl Response {
    /// The root of a body in XML.
    ///
    /// # Errors
    /// `permanent` with line and column where it stops being XML (`transient` for a body of a 5xx
    /// answer).
    pub fn xml(&self) -> Result<Element> {
        Element::parse(&self.body).map_err(|error| self.unreadable(error))
    }
}

/// Writes `text` so that it reads back as it is, in an element and in an attribute.
fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|c| match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c)),
        // What XML 1.0 cannot hold at all.
        '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
        c => f.write_char(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn what_is_written_reads_back() {
        let text = "a<b>&\"c'\t\r\n ü ]]>";
        let leaf = Element::leaf("leaf", text).with("at", text);
        let root = Element::new("root").child(leaf).child(Element::new("empty"));
        let read = Element::parse(root.to_string().as_bytes()).unwrap();
        assert_eq!(read, root);
        assert!(root.to_string().ends_with("<empty/></root>"));
        assert_eq!(Element::leaf("a", "\0").to_string(), "<a>\u{fffd}</a>");
    }

    #[test]
    fn paths_lead_through_namespaces_cdata_and_comments() {
        let body = r#"<?xml version="1.0"?>
            <r:root xmlns:r="urn:r" xmlns="urn:d" a="1">
              <list><item><![CDATA[<x>]]></item><!-- no --><item>a<!-- b -->c</item></list>
              <list><item b="2"/></list>
            </r:root>"#;
        let root = Element::parse(body.as_bytes()).unwrap();
        let items: Vec<&str> = root.all("list/item").map(|item| item.text.as_str()).collect();
        assert_eq!(items, ["<x>", "ac", ""]);
        assert_eq!((root.name.as_str(), root.attribute("a")), ("root", Some("1")));
        assert_eq!(root.text_at("list/none"), None);
        assert_eq!((root.text_at("list/item@b"), root.text_at("list@b")), (None, None));
        assert_eq!(root.all("list").nth(1).unwrap().text_at("item@b"), Some("2"));
        let error = root.require("list/none").unwrap_err();
        assert_eq!(error.message, "the answer's `root` has no `list/none`");
    }

    #[test]
    fn faults_have_a_place_and_growing_documents_are_refused() {
        let fault = |body: &[u8]| Element::parse(body).unwrap_err();
        let error = fault(b"<a>\n  <b></c></a>");
        assert_eq!(error.kind, ErrorKind::Permanent);
        assert!(error.message.contains("2:6"), "{error}");
        assert!(fault(b"").message.starts_with("unreadable XML"));
        assert!(fault(b"<a>\xff</a>").message.contains("index 3"));
        assert!(fault(b"<a b=\"c").message.ends_with("end of stream after 7 octets"));
        let bomb = br#"<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>"#;
        assert!(fault(bomb).message.contains("DTD"));
        let deep = format!("{}{}", "<a>".repeat(2000), "</a>".repeat(2000));
        assert!(fault(deep.as_bytes()).message.contains("64 elements"));
    }

    #[test]
    fn a_failing_vendors_page_is_no_lasting_fault() {
        let answer = |status| Response {
            status,
            headers: Vec::new(),
            body: b"<html><br></html>".to_vec(),
            options: Vec::new(),
        };
        assert_eq!(answer(502).xml().unwrap_err().kind, ErrorKind::Transient);
        assert_eq!(answer(200).xml().unwrap_err().kind, ErrorKind::Permanent);
    }
}
