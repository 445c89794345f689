//! wildcert provider cloudflare.
