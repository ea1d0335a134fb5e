//! Each merchant's past.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use store::{StoreError, Tx};

use super::velocities::StoredPast;
use crate::domain::MerchantPast;

/// The pasts that one commit is about: much of what comes at once is about few merchants, and each is read and written once.
#[derive(Debug, Default)]
pub struct MerchantPasts {
    known: HashMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    past: MerchantPast,
    is_changed: bool,
}

impl MerchantPasts {
    /// A merchant's past; an empty one for somebody new.
    pub fn find(&mut self, tx: &Tx<'_>, merchant_id: &str) -> Result<&MerchantPast, StoreError> {
        Ok(&self.known(tx, merchant_id)?.past)
    }

    /// The same, to be changed.
    pub fn change(&mut self, tx: &Tx<'_>, merchant_id: &str) -> Result<&mut MerchantPast, StoreError> {
        let known = self.known(tx, merchant_id)?;
        known.is_changed = true;
        Ok(&mut known.past)
    }

    /// Keeps what was changed.
    pub fn save(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (merchant_id, known) in self.known.iter().filter(|(_, known)| known.is_changed) {
            tx.execute(
                "INSERT INTO merchant_pasts (merchant_id, past) VALUES ($1, $2)
                 ON CONFLICT (merchant_id) DO UPDATE SET past = excluded.past, past_json = NULL",
                &[merchant_id, &known.past.encode()],
            )?;
        }
        Ok(())
    }

    fn known(&mut self, tx: &Tx<'_>, merchant_id: &str) -> Result<&mut Known, StoreError> {
        Ok(match self.known.entry(merchant_id.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Known {
                past: find(tx, merchant_id)?,
                is_changed: false,
            }),
        })
    }
}

fn find(tx: &Tx<'_>, merchant_id: &str) -> Result<MerchantPast, StoreError> {
    let stored = tx.query_opt(
        "SELECT past, past_json FROM merchant_pasts WHERE merchant_id = $1",
        &[&merchant_id],
        |row| Ok(StoredPast(row.get(0)?, row.get(1)?)),
    )?;
    Ok(stored.map_or_else(MerchantPast::default, |stored| {
        stored.read(merchant_id, MerchantPast::decode)
    }))
}
