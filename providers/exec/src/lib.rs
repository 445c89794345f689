//! wildcert provider exec.
