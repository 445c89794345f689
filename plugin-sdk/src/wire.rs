//! Names, numbers and records in DNS wire format (RFC 1035 §3 and §4).

use crate::error::{Error, Result};

/// The length of a message's header.
pub(crate) const HEADER: usize = 12;

/// The longest name, in octets (RFC 1035 §2.3.4).
const NAME_LIMIT: usize = 255;

/// `name` in wire format, lower case, uncompressed; a trailing dot does not matter.
pub(crate) fn name(name: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(name.len() + 2);
    for label in name.trim_end_matches('.').split('.').filter(|_| name != "." && !name.is_empty()) {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length));
        let length = length.ok_or_else(|| {
            Error::permanent(format!("`{name}` has a label that is empty or longer than 63 octets"))
        })?;
        out.push(length);
        out.extend(label.bytes().map(|octet| octet.to_ascii_lowercase()));
    }
    out.push(0);
    if out.len() > NAME_LIMIT {
        return Err(Error::permanent(format!("`{name}` is longer than {NAME_LIMIT} octets")));
    }
    Ok(out)
}

/// `text` as the character-strings of a TXT record: pieces of at most 255 octets, each with its
/// length in front (RFC 1035 §3.3.14).
pub(crate) fn character_strings(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1 + text.len() / 255);
    if text.is_empty() {
        out.push(0);
    }
    for piece in text.chunks(255) {
        out.extend(u8::try_from(piece.len()));
        out.extend(piece);
    }
    out
}

/// Writes `value` over the two octets at `at`.
pub(crate) fn put_u16(message: &mut [u8], at: usize, value: u16) {
    if let Some(place) = message.get_mut(at..at + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

/// Reads a message from some place on; every read checks the message's end.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    message: &'a [u8],
    position: usize,
}

/// One resource record.
pub(crate) struct Record<'a> {
    /// Where it begins.
    pub(crate) start: usize,
    /// Its owner, in wire format, lower case.
    pub(crate) name: Vec<u8>,
    pub(crate) kind: u16,
    /// Reads its data, which ends where the reader's message ends.
    pub(crate) data: Reader<'a>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(message: &'a [u8], position: usize) -> Self {
        Self { message, position }
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.position.checked_add(length);
        let octets = end.and_then(|end| self.message.get(self.position..end)).ok_or_else(cut)?;
        self.position += length;
        Ok(octets)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.take(1)?.first().copied().ok_or_else(cut)
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes([self.u8()?, self.u8()?]))
    }

    /// Six octets, as TSIG writes times (RFC 8945 §4.2).
    pub(crate) fn u48(&mut self) -> Result<u64> {
        self.take(6).map(|octets| octets.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet)))
    }

    /// Octets with their number in two octets before them.
    pub(crate) fn counted(&mut self) -> Result<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// A name, with pointers followed (RFC 1035 §4.1.4), in lower case.
    pub(crate) fn name(&mut self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut reader = self.clone();
        // A pointer must lead to before the place where the labels it ends began: no loops.
        let mut limit = self.position;
        let mut after_pointer = None;
        loop {
            let length = reader.u8()?;
            match length {
                0 => break,
                1..=63 => {
                    out.push(length);
                    out.extend(reader.take(usize::from(length))?.to_ascii_lowercase());
                }
                0xc0.. => {
                    let target = usize::from(length & 0x3f) << 8 | usize::from(reader.u8()?);
                    after_pointer.get_or_insert(reader.position);
                    if target >= limit {
                        return Err(Error::permanent("a DNS message with a pointer that loops"));
                    }
                    limit = target;
                    reader.position = target;
                }
                _ => return Err(Error::permanent("a DNS message with an unknown kind of label")),
            }
            if out.len() >= NAME_LIMIT {
                return Err(Error::permanent("a DNS message with a name that is too long"));
            }
        }
        self.position = after_pointer.unwrap_or(reader.position);
        out.push(0);
        Ok(out)
    }

    /// Passes over one entry of the question section.
    pub(crate) fn skip_question(&mut self) -> Result<()> {
        self.name()?;
        self.take(4).map(drop)
    }

    pub(crate) fn record(&mut self) -> Result<Record<'a>> {
        let start = self.position;
        let name = self.name()?;
        let kind = self.u16()?;
        // Class and TTL: 2 and 4 octets.
        self.take(6)?;
        let length = usize::from(self.u16()?);
        let position = self.position;
        self.take(length)?;
        let message = self.message.get(..self.position).ok_or_else(cut)?;
        Ok(Record { start, name, kind, data: Reader { message, position } })
    }
}

fn cut() -> Error {
    Error::permanent("a DNS message that ends too early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_canonical() {
        assert_eq!(name("Example.COM.").unwrap(), b"\x07example\x03com\0");
        assert_eq!(name("example.com").unwrap(), b"\x07example\x03com\0");
        assert_eq!(name(".").unwrap(), b"\0");
        assert!(name("a..b").is_err());
        assert!(name(&"a".repeat(64)).is_err());
        assert!(name(&"abc.".repeat(64)).is_err());
    }

    #[test]
    fn long_texts_become_several_strings() {
        assert_eq!(character_strings(b"abc"), b"\x03abc");
        assert_eq!(character_strings(b""), b"\0");
        let long = character_strings(&[b'x'; 300]);
        assert_eq!((long[0], long[256], long.len()), (255, 45, 302));
    }

    #[test]
    fn pointers_are_followed_backwards_only() {
        let message = b"\x03COM\0\x07example\xc0\x00!";
        let mut reader = Reader::new(message, 5);
        assert_eq!(reader.name().unwrap(), b"\x07example\x03com\0");
        assert_eq!(reader.u8().unwrap(), b'!');
        for looping in [&b"\xc0\x00"[..], b"\x01a\xc0\x00", b"\xc0\x02\xc0\x00", b"\x3fa", b"\x40"]
        {
            assert!(Reader::new(looping, 0).name().is_err());
        }
    }

    #[test]
    fn every_cut_of_a_record_is_an_error() {
        let record = b"\x01a\0\x00\x10\x00\x01\0\0\0\x3c\x00\x03\x02hi";
        assert_eq!(Reader::new(record, 0).record().unwrap().data.take(3).unwrap(), b"\x02hi");
        for end in 0..record.len() {
            assert!(Reader::new(&record[..end], 0).record().is_err());
        }
    }
}
