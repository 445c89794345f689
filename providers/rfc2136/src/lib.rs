//! wildcert provider rfc2136.
