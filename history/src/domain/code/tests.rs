//! Codes of receipts from trees as large as they come.

use std::convert::Infallible;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::super::Entry;
use super::super::checkpoint::VerifierKey;
use super::super::receipt::verify;
use super::*;

fn pair() -> (Ed25519KeyPair, VerifierKey) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let key = VerifierKey::new(pair.public_key().as_ref().try_into().unwrap());
    (pair, key)
}

/// A payment as the services tell it.
fn entry() -> Entry {
    Entry {
        history_id: "hst_01KB1S4Z7Q8W9E0R1T2Y3U4I5P".to_owned(),
        entry_key: "trx_01KB1S4Z5Q8W9E0R1T2Y3U4I5P:SUCCESS:usr_01KB1S4Z3Q8W9E0R1T2Y3U4I5P".to_owned(),
        transaction_id: "trx_01KB1S4Z5Q8W9E0R1T2Y3U4I5P".to_owned(),
        user_id: "usr_01KB1S4Z3Q8W9E0R1T2Y3U4I5P".to_owned(),
        amount: 5_900_000,
        currency: "IDR".to_owned(),
        kind: "PAYMENT".to_owned(),
        status: "SUCCESS".to_owned(),
        va_number: Some("DS-880012345678".to_owned()),
        direction: "OUT".to_owned(),
        wallet_id: Some("wal_01KB1S4Z4Q8W9E0R1T2Y3U4I5P".to_owned()),
        counterparty: Some("mrc_01KB1S4Z2Q8W9E0R1T2Y3U4I5P".to_owned()),
        failure_code: None,
        occurred_at: 1_795_079_200_000_000,
        recorded_at: 1_795_079_200_004_217,
    }
}

/// The proof of an entry in a tree of which nothing else is known but that it is so large.
fn proof(entry: &Entry, leaf: u64, size: u64, time: i64) -> Proof {
    let mut canonical = Vec::new();
    bytes::write(i64::try_from(leaf).unwrap() + 1, &entry.as_raw(), &mut canonical);
    let node = |node: merkle::Node| -> Result<Hash, Infallible> {
        Ok(Sha256::digest(format!("{} {}", node.level, node.position)).into())
    };
    let path = merkle::inclusion_path(leaf, size, node).unwrap();
    let root = merkle::inclusion_root(merkle::leaf_hash(&canonical), leaf, size, &path).unwrap();
    let (pair, key) = pair();
    let checkpoint = Checkpoint {
        size,
        root,
        time: Timestamp::from_micros(time),
    };
    let note = checkpoint.with_signature(&key, pair.sign(checkpoint.body().as_bytes()).as_ref());
    Proof {
        entry: canonical,
        leaf,
        size,
        path,
        note,
    }
}

fn entries() -> impl Strategy<Value = Entry> {
    let text = || "[ -~é界]{0,40}";
    let maybe = || prop::option::of(text());
    (
        prop::collection::vec(text(), 8),
        prop::collection::vec(maybe(), 4),
        any::<[i64; 3]>(),
    )
        .prop_map(|(texts, optional, [amount, occurred_at, recorded_at])| {
            let mut texts = texts.into_iter();
            let mut text = || texts.next().unwrap();
            let mut optional = optional.into_iter();
            let mut maybe = || optional.next().unwrap();
            Entry {
                history_id: text(),
                entry_key: text(),
                transaction_id: text(),
                user_id: text(),
                amount,
                currency: text(),
                kind: text(),
                status: text(),
                va_number: maybe(),
                direction: text(),
                wallet_id: maybe(),
                counterparty: maybe(),
                failure_code: maybe(),
                occurred_at,
                recorded_at,
            }
        })
}

/// A leaf and a size.
fn places() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![1..20_u64, 1..20_000_000_u64, 1..1_u64 << 40].prop_flat_map(|size| (0..size, Just(size)))
}

proptest! {
    #[test]
    fn a_code_says_what_its_receipt_says(entry in entries(), (leaf, size) in places(), time in 0..4_000_000_000_000_000_i64) {
        let proof = proof(&entry, leaf, size, time);
        let code = proof.to_code().unwrap();
        let again = Proof::from_code(&code).unwrap();
        prop_assert_eq!(&again, &proof);
        prop_assert_eq!(again.to_receipt(), proof.to_receipt());
        let key = pair().1;
        let verified = verify(&code, &key).unwrap();
        prop_assert_eq!(&verified.entry, &entry);
        prop_assert_eq!(verify(&proof.to_receipt().unwrap(), &key), Ok(verified));
    }

    #[test]
    fn another_letter_is_another_code(at in any::<prop::sample::Index>(), digit in 0..DIGITS.len()) {
        let code = proof(&entry(), 77, 1_000, 1_795_079_200_000_000).to_code().unwrap();
        let at = at.index(code.len());
        let letter = &code[at..=at];
        let other = char::from(DIGITS[digit]).to_string();
        prop_assume!(letter != other);
        let changed = format!("{}{other}{}", &code[..at], &code[at + 1..]);
        prop_assert!(verify(&changed, &pair().1).is_err(), "{} at {}", other, at);
        let lost = format!("{}{}", &code[..at], &code[at + 1..]);
        prop_assert!(verify(&lost, &pair().1).is_err(), "none at {}", at);
    }

    #[test]
    fn bytes_are_written_in_one_way(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let text = encode(&bytes);
        prop_assert_eq!(decode(&text), Some(bytes));
        prop_assert!(!text.ends_with(['.', ':']));
    }

    #[test]
    fn rubbish_is_no_receipt(text in "(https?://a/)?#?(SRC1:)?[0-9A-Z+./:-]{0,400}", entry in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert!(verify(&text, &pair().1).is_err());
        // As far as the entry's bytes, which are then read.
        let numbers = [vec![0; 68], vec![255; 16], vec![0], entry].concat();
        let code = format!("{PREFIX}{}", encode(&numbers));
        prop_assert!(verify(&code, &pair().1).is_err());
    }
}

/// Every bit of every byte, of a receipt as it is handed out.
#[test]
fn a_flipped_bit_never_verifies() {
    let code = proof(&entry(), 77, 1_000, 1_795_079_200_000_000).to_code().unwrap();
    let good = decode(code.strip_prefix(PREFIX).unwrap()).unwrap();
    let key = pair().1;
    assert!(verify(&code, &key).is_ok());
    for at in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        let changed = format!("{PREFIX}{}", encode(&bytes));
        assert!(verify(&changed, &key).is_err(), "bit {at}");
    }
}

/// Numbers that no entry has, in bytes that are read well.
#[test]
fn an_entry_of_an_impossible_number_is_refused() {
    let good = proof(&entry(), 0, 1, 1_795_079_200_000_000);
    for sequence in [i64::MIN, -1, 0, i64::MAX] {
        let mut canonical = Vec::new();
        bytes::write(sequence, &entry().as_raw(), &mut canonical);
        let forged = Proof {
            entry: canonical,
            ..good.clone()
        };
        assert_eq!(forged.verify(&pair().1), Err(ReceiptError::NotIncluded), "{sequence}");
        assert_eq!(forged.to_code(), None, "{sequence}");
    }
}

#[test]
fn a_code_is_read_in_its_link_and_in_broken_lines() {
    let proof = proof(&entry(), 77, 1_000, 1_795_079_200_000_000);
    let code = proof.to_code().unwrap();
    let (first, second) = code.split_at(500);
    for text in [
        format!("https://pay.example/verify#{code}"),
        format!("\n  {first}\r\n {second}\n"),
        format!("\u{feff}{code}"),
    ] {
        assert!(verify(&text, &pair().1).is_ok(), "{text}");
    }
    for text in [
        "",
        "#",
        "https://pay.example/verify",
        "SRC1:",
        "SRC2:000",
        "src1:000",
        "[]",
        "null",
    ] {
        let refused = verify(text, &pair().1);
        assert!(
            matches!(refused, Err(ReceiptError::Malformed(_))),
            "{text}: {refused:?}"
        );
    }
}

/// How long codes are, as `docs/receipts.md` tells it.
#[test]
fn how_long_codes_are() {
    for (size, bytes, letters) in [
        (1_000, 740, 1_115),
        (1_000_000, 1_060, 1_595),
        (10_000_000, 1_188, 1_787),
    ] {
        let proof = proof(&entry(), 77, size, 1_795_079_200_000_000);
        let code = proof.to_code().unwrap();
        let found = (decode(&code[PREFIX.len()..]).unwrap().len(), code.len());
        assert_eq!(found, (bytes, letters), "{size}");
    }
}

/// The longest entry that fits, and one that is longer by a letter.
#[test]
fn what_does_not_fit_has_no_code() {
    let of_length = |length: usize| {
        let mut entry = entry();
        entry.counterparty = None;
        let without = proof(&entry, 77, 10_000_000, 1_795_079_200_000_000).entry.len();
        // The length of the text takes four bytes.
        entry.counterparty = Some("x".repeat(length - without - 4));
        let proof = proof(&entry, 77, 10_000_000, 1_795_079_200_000_000);
        assert_eq!(proof.entry.len(), length);
        proof
    };
    let longest = of_length(1_195);
    assert!(verify(&longest.to_code().unwrap(), &pair().1).is_ok());
    let longer = of_length(1_196);
    assert_eq!(longer.to_code(), None);
    assert!(verify(&longer.to_receipt().unwrap(), &pair().1).is_ok());
}

/// What a witness has signed, too, would be lost: there is no code of it rather than one that says less.
#[test]
fn a_note_with_more_signatures_has_no_code() {
    let mut proof = proof(&entry(), 77, 1_000, 1_795_079_200_000_000);
    proof.note.push_str("— witness.example AAAAAAAA\n");
    assert!(proof.verify(&pair().1).is_ok());
    assert_eq!(proof.to_code(), None);
}
