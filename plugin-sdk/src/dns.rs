//! DNS messages: as much of them as dynamic updates need (RFC 1035 §4, RFC 2136).

use std::fmt;

use crate::{
    error::{Error, Result},
    wire::{self, HEADER, Reader},
};

/// The type of a zone's start of authority.
pub const SOA: u16 = 6;
/// The type of texts.
pub const TXT: u16 = 16;

const CLASS_IN: u16 = 1;
const CLASS_NONE: u16 = 254;
const OPCODE_UPDATE: u16 = 5 << 11;

/// Where the numbers of a header stand.
const FLAGS: usize = 2;
const ZONE_COUNT: usize = 4;
const UPDATE_COUNT: usize = 8;

/// A dynamic update of one zone, under construction (RFC 2136 §2).
///
/// A server takes all of it or nothing. There are no prerequisites: adding what is there and
/// deleting what is not there both succeed (§3.4.2).
#[derive(Clone, Debug)]
pub struct Update {
    message: Vec<u8>,
    changes: u16,
}

impl Update {
    /// An update of `zone` without changes; `id` is the message's identifier.
    ///
    /// # Errors
    /// When `zone` is no domain name.
    pub fn new(id: u16, zone: &str) -> Result<Self> {
        Ok(Self { message: message(id, OPCODE_UPDATE, zone, SOA)?, changes: 0 })
    }

    /// Adds the TXT record `value` at `owner` (§2.5.1).
    ///
    /// # Errors
    /// When `owner` is no domain name, or the message is full.
    pub fn add_txt(&mut self, owner: &str, ttl: u32, value: &str) -> Result<()> {
        self.change(owner, CLASS_IN, ttl, value)
    }

    /// Deletes the TXT record at `owner` that has exactly this `value` (§2.5.4).
    ///
    /// # Errors
    /// When `owner` is no domain name, or the message is full.
    pub fn delete_txt(&mut self, owner: &str, value: &str) -> Result<()> {
        self.change(owner, CLASS_NONE, 0, value)
    }

    /// The message's length in octets, so far; 65 535 is the most that TCP carries.
    pub fn size(&self) -> usize {
        self.message.len()
    }

    /// The message, ready to be signed and sent.
    pub fn into_message(self) -> Vec<u8> {
        self.message
    }

    fn change(&mut self, owner: &str, class: u16, ttl: u32, value: &str) -> Result<()> {
        let name = wire::name(owner)?;
        let data = wire::character_strings(value.as_bytes());
        let full = || Error::permanent(format!("no room for `{owner}` in the update"));
        let length = u16::try_from(data.len()).map_err(|_| full())?;
        let changes = self.changes.checked_add(1).ok_or_else(full)?;
        self.message.extend(name);
        self.message.extend(TXT.to_be_bytes());
        self.message.extend(class.to_be_bytes());
        self.message.extend(ttl.to_be_bytes());
        self.message.extend(length.to_be_bytes());
        self.message.extend(data);
        self.changes = changes;
        wire::put_u16(&mut self.message, UPDATE_COUNT, changes);
        Ok(())
    }
}

/// A question for the records of type `kind` at `name`, without recursion.
///
/// # Errors
/// When `name` is no domain name.
pub fn question(id: u16, name: &str, kind: u16) -> Result<Vec<u8>> {
    message(id, 0, name, kind)
}

/// The result code of the answer to `request`.
///
/// # Errors
/// `transient` when `answer` is no answer to `request`.
pub fn rcode(request: &[u8], answer: &[u8]) -> Result<Rcode> {
    let flags = |message| Reader::new(message, FLAGS).u16();
    let id = |message| Reader::new(message, 0).u16();
    let opcode = |flags: u16| flags >> 11 & 0xf;
    let (asked, answered) = (flags(request)?, flags(answer)?);
    let is_answer = answer.len() >= HEADER && answered & 0x8000 != 0;
    if !is_answer || id(request)? != id(answer)? || opcode(asked) != opcode(answered) {
        return Err(Error::transient("the server's message is no answer to what was asked"));
    }
    Ok(Rcode(answered & 0xf))
}

/// A result code (RFC 1035 §4.1.1, RFC 2136 §2.2); shows as its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rcode(pub u16);

impl Rcode {
    /// Done.
    pub const NOERROR: Self = Self(0);
    /// The server cannot read the message.
    pub const FORMERR: Self = Self(1);
    /// The server failed.
    pub const SERVFAIL: Self = Self(2);
    /// The name does not exist.
    pub const NXDOMAIN: Self = Self(3);
    /// The server does not do this.
    pub const NOTIMP: Self = Self(4);
    /// The server's rules forbid it.
    pub const REFUSED: Self = Self(5);
    /// A name exists that should not.
    pub const YXDOMAIN: Self = Self(6);
    /// An RRset exists that should not.
    pub const YXRRSET: Self = Self(7);
    /// An RRset does not exist that should.
    pub const NXRRSET: Self = Self(8);
    /// The server is not authoritative for the zone, or TSIG failed.
    pub const NOTAUTH: Self = Self(9);
    /// A name is outside of the zone.
    pub const NOTZONE: Self = Self(10);
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::NOERROR => "NOERROR",
            Self::FORMERR => "FORMERR",
            Self::SERVFAIL => "SERVFAIL",
            Self::NXDOMAIN => "NXDOMAIN",
            Self::NOTIMP => "NOTIMP",
            Self::REFUSED => "REFUSED",
            Self::YXDOMAIN => "YXDOMAIN",
            Self::YXRRSET => "YXRRSET",
            Self::NXRRSET => "NXRRSET",
            Self::NOTAUTH => "NOTAUTH",
            Self::NOTZONE => "NOTZONE",
            Self(code) => return write!(f, "RCODE{code}"),
        })
    }
}

/// A message with one entry in its first section.
fn message(id: u16, flags: u16, name: &str, kind: u16) -> Result<Vec<u8>> {
    let mut message = vec![0; HEADER];
    wire::put_u16(&mut message, 0, id);
    wire::put_u16(&mut message, FLAGS, flags);
    wire::put_u16(&mut message, ZONE_COUNT, 1);
    message.extend(wire::name(name)?);
    message.extend(kind.to_be_bytes());
    message.extend(CLASS_IN.to_be_bytes());
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_adds_and_deletes_exact_records() {
        let mut update = Update::new(0x1234, "example.com.").unwrap();
        update.add_txt("a.example.com.", 60, "x").unwrap();
        update.delete_txt("a.example.com.", "y").unwrap();
        let header = b"\x12\x34\x28\x00\0\x01\0\0\0\x02\0\0";
        let zone = b"\x07example\x03com\0\0\x06\0\x01";
        let add = b"\x01a\x07example\x03com\0\0\x10\0\x01\0\0\0\x3c\0\x02\x01x";
        let delete = b"\x01a\x07example\x03com\0\0\x10\0\xfe\0\0\0\0\0\x02\x01y";
        let expected = [&header[..], zone, add, delete].concat();
        assert_eq!(update.size(), expected.len());
        assert_eq!(update.into_message(), expected);
    }

    #[test]
    fn only_an_answer_to_the_request_counts() {
        let request = question(7, ".", SOA).unwrap();
        let mut answer = request.clone();
        assert!(rcode(&request, &answer).is_err());
        answer[2] |= 0x80;
        answer[3] |= 5;
        assert_eq!(rcode(&request, &answer).unwrap(), Rcode::REFUSED);
        assert_eq!(rcode(&request, &answer).unwrap().to_string(), "REFUSED");
        assert!(rcode(&request, &answer[..11]).is_err());
        answer[1] = 8;
        assert!(rcode(&request, &answer).is_err());
        assert_eq!(Rcode(23).to_string(), "RCODE23");
    }
}
