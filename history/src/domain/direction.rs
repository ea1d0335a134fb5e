//! Which way the money went.

/// From the point of view of the entry's user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the user.
    In,
    /// Away from the user.
    Out,
}

impl Direction {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::Out => "OUT",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::In, Self::Out]
            .into_iter()
            .find(|direction| direction.as_str() == text)
    }

    /// For those who tell only the type of the transaction: deposits and top-ups come in, the rest goes out.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "DEPOSIT" | "TOPUP" => Self::In,
            _ => Self::Out,
        }
    }
}
