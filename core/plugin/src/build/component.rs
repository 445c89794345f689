//! From the compiler's module to the component that wildcert loads.

use wit_component::ComponentEncoder;

use crate::error::Error;

/// Makes a component of the module of provider `id`.
///
/// What it imports and exports stands in a custom section that the SDK's bindings leave there; the
/// manifest stays in the module's own custom section.
pub(super) fn encode(id: &str, module: &[u8]) -> Result<Vec<u8>, Error> {
    let encode = || ComponentEncoder::default().module(module)?.validate(true).encode();
    encode()
        .map_err(|error| Error::Componentise { id: id.to_owned(), reason: format!("{error:#}") })
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn what_is_no_module_becomes_no_component() {
        let error = encode("acme", b"\x7fELF").unwrap_err().to_string();
        assert!(error.starts_with("cannot make a component of provider `acme`: "), "{error}");
    }
}
