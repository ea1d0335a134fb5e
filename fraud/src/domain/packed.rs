//! How counters are stored: integers of seven bits a byte, low ones first, the top bit set on all but the last (LEB128).
//! Small numbers, which nearly all counts are, take a byte.

/// Writes a number.
pub(super) fn push(bytes: &mut Vec<u8>, value: impl Into<u128>) {
    let mut value = value.into();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Writes a number that may be negative: near zero is short on both sides (zigzag).
pub(super) fn push_signed(bytes: &mut Vec<u8>, value: i64) {
    push(bytes, ((value << 1) ^ (value >> 63)) as u64);
}

/// Reads a byte.
pub(super) fn take_byte(bytes: &mut &[u8]) -> Option<u8> {
    let (&first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(first)
}

/// Reads a number; nothing when it ends early or is larger than its type.
pub(super) fn take<T: TryFrom<u128>>(bytes: &mut &[u8]) -> Option<T> {
    let mut value = 0_u128;
    for shift in (0..u128::BITS).step_by(7) {
        let byte = take_byte(bytes)?;
        let bits = u128::from(byte & 0x7f);
        value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if byte < 0x80 {
            return T::try_from(value).ok();
        }
    }
    None
}

/// Reads a number that may be negative.
pub(super) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let folded: u64 = take(bytes)?;
    Some((folded >> 1) as i64 ^ -((folded & 1) as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(small in any::<u8>(), large in any::<u128>(), signed in any::<i64>()) {
            let mut bytes = Vec::new();
            push(&mut bytes, small);
            push(&mut bytes, large);
            push_signed(&mut bytes, signed);
            let rest = &mut bytes.as_slice();
            prop_assert_eq!(take::<u8>(rest), Some(small));
            prop_assert_eq!(take::<u128>(rest), Some(large));
            prop_assert_eq!(take_signed(rest), Some(signed));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            let rest = &mut bytes.as_slice();
            while take::<u128>(rest).is_some() {}
            let rest = &mut bytes.as_slice();
            while take_signed(rest).is_some() {}
        }
    }

    #[test]
    fn what_is_too_large_for_its_type_is_refused() {
        let mut bytes = Vec::new();
        push(&mut bytes, u64::MAX);
        assert_eq!(take::<u32>(&mut bytes.as_slice()), None);
        assert_eq!(take::<u128>(&mut [0xff_u8; 40].as_slice()), None);
    }
}
