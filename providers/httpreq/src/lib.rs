//! wildcert provider httpreq.
