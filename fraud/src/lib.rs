//! fraud
