//! Finds, checks, loads and calls wildcert providers.
