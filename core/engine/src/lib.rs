//! Issues and renews certificates over ACME dns-01 with providers loaded at run time.
