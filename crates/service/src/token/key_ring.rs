//! The public keys as they are in their folder now, or were a moment ago.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use jsonwebtoken::DecodingKey;

use super::keys::PublicKeys;

/// How long a deleted key is still taken at most. Asking when a folder was changed costs about a microsecond.
const LOOK_EVERY_MS: u64 = 250;
/// An unchanged folder is read again for an unknown `kid` (a file in it may have changed), but not at the pace of a client
/// that makes them up; and neither is one that cannot be read.
const REREAD_AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// File systems tell time in ticks: within this a second change need not show.
const SETTLED_AFTER: Duration = Duration::from_millis(100);

/// One public key, parsed.
pub(super) struct Key {
    pem: String,
    pub(super) decoding: DecodingKey,
}

/// The keys of a folder, read again when the folder changes.
pub(super) struct KeyRing {
    source: PublicKeys,
    keys: RwLock<HashMap<String, Arc<Key>>>,
    folder: Mutex<Folder>,
    started: Instant,
    /// In milliseconds since `started`.
    next_look: AtomicU64,
}

/// What is known of the folder since it was read last.
#[derive(Default)]
struct Folder {
    /// When it was changed last, as it was then. None when it may have changed since without showing.
    seen: Option<SystemTime>,
    read_at: Option<Instant>,
    failed: bool,
}

impl KeyRing {
    pub(super) fn new(source: PublicKeys) -> Self {
        Self {
            source,
            keys: RwLock::default(),
            folder: Mutex::default(),
            started: Instant::now(),
            next_look: AtomicU64::new(0),
        }
    }

    /// The key of this name. One that is not known is looked for in the folder, so that a new one is found at its first use.
    pub(super) fn find(&self, kid: &str) -> Option<Arc<Key>> {
        if let Some(key) = self.known(kid) {
            return Some(key);
        }
        self.refresh(true);
        self.known(kid)
    }

    /// Whether it is still this key that has the name.
    pub(super) fn holds(&self, kid: &str, key: &Arc<Key>) -> bool {
        self.known(kid).is_some_and(|known| Arc::ptr_eq(&known, key))
    }

    /// Sees to it now and then that a key whose file is gone is forgotten.
    pub(super) fn look(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = self.next_look.load(Ordering::Relaxed);
        let next = now.saturating_add(LOOK_EVERY_MS);
        let is_ours = now >= due
            && self
                .next_look
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_ours {
            self.refresh(false);
        }
    }

    fn known(&self, kid: &str) -> Option<Arc<Key>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(kid).cloned()
    }

    fn refresh(&self, a_key_is_missing: bool) {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let changed_at = self.source.changed_at().ok();
        if !folder.is_to_be_read(changed_at, a_key_is_missing, Instant::now()) {
            return;
        }
        let read = self.source.read();
        folder.failed = read.is_err();
        folder.read_at = Some(Instant::now());
        match read {
            Ok(found) => {
                folder.seen = changed_at.filter(|time| time.elapsed().map_or(true, |age| age > SETTLED_AFTER));
                let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
                *keys = found
                    .into_iter()
                    .filter_map(|file| {
                        // The same file stays the same key, and what it verified stays verified.
                        let known = keys.get(&file.kid).filter(|key| key.pem == file.pem).cloned();
                        let key = known.or_else(|| Key::parse(file.pem).map(Arc::new))?;
                        Some((file.kid, key))
                    })
                    .collect();
            }
            Err(error) => tracing::warn!(%error, "the public keys cannot be read"),
        }
    }
}

impl Key {
    fn parse(pem: String) -> Option<Self> {
        let decoding = DecodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
        Some(Self { pem, decoding })
    }
}

impl Folder {
    fn is_to_be_read(&self, changed_at: Option<SystemTime>, a_key_is_missing: bool, now: Instant) -> bool {
        let has_changed = changed_at.is_some() && changed_at != self.seen;
        let is_long_ago = self
            .read_at
            .is_none_or(|at| now.saturating_duration_since(at) >= REREAD_AT_MOST_EVERY);
        match (has_changed, self.failed) {
            (true, false) => true,
            (true, true) => is_long_ago,
            (false, _) => a_key_is_missing && is_long_ago,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_folder_is_read_at_once_and_an_unchanged_one_seldom() {
        let (now, monday) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let tuesday = monday + Duration::from_secs(24 * 60 * 60);
        let check = |failed, seconds_ago: u64, changed_at, a_key_is_missing, expect| {
            let folder = Folder {
                seen: Some(monday),
                read_at: Some(now),
                failed,
            };
            let later = now + Duration::from_secs(seconds_ago);
            let got = folder.is_to_be_read(changed_at, a_key_is_missing, later);
            assert_eq!(got, expect, "{failed} {seconds_ago} {changed_at:?} {a_key_is_missing}");
        };
        check(false, 0, Some(tuesday), false, true);
        check(false, 0, Some(tuesday), true, true);
        check(false, 0, Some(monday), true, false);
        check(false, 1, Some(monday), true, true);
        check(false, 9, Some(monday), false, false);
        check(true, 0, Some(tuesday), true, false);
        check(true, 1, Some(tuesday), false, true);
        check(false, 0, None, true, false);
        check(false, 1, None, true, true);
        assert!(Folder::default().is_to_be_read(Some(monday), false, now));
        assert!(Folder::default().is_to_be_read(None, true, now));
    }
}
