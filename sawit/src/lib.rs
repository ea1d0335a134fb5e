//! sawit
