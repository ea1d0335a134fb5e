//! The ledger as one would keep it on paper.

use std::collections::{BTreeMap, BTreeSet};

use money::MAX_MINOR;

use crate::op::{Account, MERCHANTS, OWNERS, Op, Transfer};

/// What a step answers: per item a code, or one code for the whole request.
pub type Answer = Result<Vec<&'static str>, &'static str>;

/// A line in the book of accounts.
#[derive(Clone, Debug)]
pub struct Line {
    pub status: &'static str,
    pub balance: i64,
    pub held: i64,
}

#[derive(Clone, Debug)]
struct Hold {
    input: (Account, usize, i64, u64),
    state: &'static str,
    remaining: i64,
    captured: bool,
}

type KeyedMove = (bool, Account, i64);

/// Everything there is.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub accounts: BTreeMap<Account, Line>,
    transfers: BTreeMap<usize, (Option<Transfer>, &'static str)>,
    holds: BTreeMap<usize, Hold>,
    /// Holds that were fenced before anybody asked for them.
    fenced: BTreeSet<usize>,
    keys: BTreeMap<(Option<usize>, usize), KeyedMove>,
    /// Postings so far.
    pub postings: Vec<(Account, i64)>,
    /// Entries that history is told.
    pub told: usize,
    now: u64,
}

impl Model {
    pub fn new() -> Self {
        let wallets = (0..OWNERS.len()).map(Account::Wallet);
        let accounts = wallets.chain((0..MERCHANTS).map(Account::Merchant));
        let line = Line {
            status: "ACTIVE",
            balance: 0,
            held: 0,
        };
        Self {
            accounts: accounts.map(|account| (account, line.clone())).collect(),
            ..Self::default()
        }
    }

    pub fn step(&mut self, op: &Op) -> Answer {
        let before = self.clone();
        let answer = self.attempt(op);
        if answer.is_err() {
            *self = before;
        }
        answer
    }

    fn attempt(&mut self, op: &Op) -> Answer {
        match op {
            Op::Transfer(transfers) => transfers.iter().map(|transfer| self.transfer(transfer)).collect(),
            Op::Fence(ids) => Ok(ids
                .iter()
                .map(|&id| self.transfers.entry(id).or_insert((None, "TRANSFER_CANCELLED")).1)
                .collect()),
            &Op::Authorize {
                hold,
                wallet,
                user,
                amount,
                lasts,
            } => Ok(vec![self.authorize(hold, (wallet, user, amount, lasts))?]),
            &Op::Void(id) => Ok(vec![self.release(id, "VOIDED")?]),
            Op::FenceHolds(ids) => Ok(ids.iter().map(|&id| self.fence_hold(id)).collect()),
            Op::Wait(seconds) => {
                self.now += seconds;
                Ok(vec![])
            }
            Op::SetBack(seconds) => {
                self.now = self.now.saturating_sub(*seconds);
                Ok(vec![])
            }
            Op::Expire => {
                let now = self.now;
                let pending = self.holds.iter().filter(|(_, hold)| hold.state == "PENDING");
                let overdue: Vec<usize> = pending
                    .filter(|(_, hold)| hold.input.3 <= now)
                    .map(|(id, _)| *id)
                    .collect();
                for id in overdue {
                    self.release(id, "EXPIRED")?;
                }
                Ok(vec![])
            }
            &Op::Freeze(account, frozen) => {
                let line = self.accounts.get_mut(&account).ok_or("NOT_FOUND")?;
                if line.status == "CLOSED" {
                    return Err("CONFLICT");
                }
                line.status = if frozen { "FROZEN" } else { "ACTIVE" };
                Ok(vec![])
            }
            &Op::Close(account, user) => {
                let mine = owner(account) == Some(user);
                let line = self.accounts.get_mut(&account).filter(|_| mine).ok_or("NOT_FOUND")?;
                Ok(vec![match line.status {
                    "ACTIVE" if line.balance != 0 => "NotEmpty",
                    "FROZEN" => "Frozen",
                    _ => {
                        line.status = "CLOSED";
                        "Closed"
                    }
                }])
            }
            &Op::ByHand {
                user,
                topup,
                wallet,
                amount,
                key,
            } => self.by_hand(user, (topup, wallet, amount), key),
        }
    }

    fn transfer(&mut self, transfer: &Transfer) -> Result<&'static str, &'static str> {
        if let Some((input, answer)) = self.transfers.get(&transfer.id) {
            return match input {
                Some(input) if input != transfer => Err("IDEMPOTENCY_KEY_REUSED"),
                _ => Ok(answer),
            };
        }
        let answer = match self.judge(transfer) {
            Ok(()) => {
                self.apply(transfer);
                "POSTED"
            }
            Err(refusal) => refusal,
        };
        self.transfers.insert(transfer.id, (Some(transfer.clone()), answer));
        Ok(answer)
    }

    fn judge(&self, transfer: &Transfer) -> Result<(), &'static str> {
        let hold = match transfer.hold {
            None => None,
            Some(id) => {
                let hold = self.holds.get(&id).ok_or("HOLD_NOT_FOUND")?;
                if hold.state != "PENDING" || self.now >= hold.input.3 {
                    return Err("HOLD_NOT_PENDING");
                }
                Some(hold)
            }
        };
        for &(account, amount) in &transfer.lines {
            let line = self.line(account).ok_or("WALLET_NOT_FOUND")?;
            match line.status {
                "FROZEN" => return Err("WALLET_FROZEN"),
                "CLOSED" => return Err("WALLET_CLOSED"),
                _ => {}
            }
            if amount > 0 {
                if account != Account::Bank && line.balance + amount > MAX_MINOR {
                    return Err("BALANCE_LIMIT_EXCEEDED");
                }
                continue;
            }
            let has_owner = matches!(account, Account::Wallet(_) | Account::Merchant(_));
            if has_owner && transfer.on_behalf_of.is_some_and(|user| owner(account) != Some(user)) {
                return Err("WALLET_NOT_OWNED");
            }
            match hold {
                Some(hold) if hold.input.0 != account => return Err("WALLET_NOT_OWNED"),
                Some(hold) if hold.remaining < -amount => return Err("HOLD_EXCEEDED"),
                Some(_) => {}
                None if account != Account::Bank && line.balance - line.held < -amount => {
                    return Err("INSUFFICIENT_FUNDS");
                }
                None => {}
            }
        }
        Ok(())
    }

    fn apply(&mut self, transfer: &Transfer) {
        for &(account, amount) in &transfer.lines {
            let mut line = self.line(account).unwrap();
            line.balance += amount;
            if amount < 0
                && let Some(hold) = transfer.hold.and_then(|id| self.holds.get_mut(&id))
            {
                line.held += amount;
                hold.remaining += amount;
                hold.captured = true;
                if hold.remaining == 0 {
                    hold.state = "CAPTURED";
                }
            }
            self.accounts.insert(account, line);
            self.postings.push((account, amount));
        }
    }

    fn authorize(&mut self, id: usize, input: (Account, usize, i64, u64)) -> Result<&'static str, &'static str> {
        if let Some(hold) = self.holds.get(&id) {
            return if hold.input == input {
                Ok(hold.state)
            } else {
                Err("IDEMPOTENCY_KEY_REUSED")
            };
        }
        if self.fenced.contains(&id) {
            return Ok("TRANSFER_CANCELLED");
        }
        let (account, user, amount, ends) = input;
        let line = self
            .accounts
            .get(&account)
            .filter(|_| matches!(account, Account::Wallet(_)));
        let state = match line {
            None => "WALLET_NOT_FOUND",
            Some(line) if line.status == "FROZEN" => "WALLET_FROZEN",
            Some(line) if line.status == "CLOSED" => "WALLET_CLOSED",
            Some(_) if owner(account) != Some(user) => "WALLET_NOT_OWNED",
            Some(line) if line.balance - line.held < amount => "INSUFFICIENT_FUNDS",
            Some(_) if ends <= self.now => "HOLD_NOT_PENDING",
            Some(_) => "PENDING",
        };
        if state == "PENDING" {
            self.accounts.get_mut(&account).unwrap().held += amount;
        }
        let hold = Hold {
            input,
            state,
            remaining: amount,
            captured: false,
        };
        self.holds.insert(id, hold);
        Ok(state)
    }

    fn fence_hold(&mut self, id: usize) -> &'static str {
        if let Some(hold) = self.holds.get(&id) {
            return hold.state;
        }
        self.fenced.insert(id);
        "TRANSFER_CANCELLED"
    }

    fn release(&mut self, id: usize, ending: &'static str) -> Result<&'static str, &'static str> {
        if self.fenced.contains(&id) {
            return Ok("TRANSFER_CANCELLED");
        }
        let hold = self.holds.get_mut(&id).ok_or("NOT_FOUND")?;
        if hold.state == "PENDING" {
            hold.state = if hold.captured { "CAPTURED" } else { ending };
            self.accounts.get_mut(&hold.input.0).unwrap().held -= hold.remaining;
        }
        Ok(hold.state)
    }

    fn by_hand(&mut self, user: Option<usize>, moved: KeyedMove, key: Option<usize>) -> Answer {
        let (topup, wallet, amount) = moved;
        let may = user.is_none() || owner(wallet) == user;
        if !may || !self.accounts.contains_key(&wallet) {
            return Err("NOT_FOUND");
        }
        if let Some(key) = key {
            match self.keys.insert((user, key), moved) {
                Some(before) if before == moved => return Ok(vec![]),
                Some(_) => return Err("IDEMPOTENCY_KEY_REUSED"),
                None => {}
            }
        }
        let signed = if topup { amount } else { -amount };
        let transfer = Transfer {
            id: usize::MAX,
            on_behalf_of: None,
            hold: None,
            lines: vec![(wallet, signed), (Account::Bank, -signed)],
        };
        self.judge(&transfer).map_err(|_| "CONFLICT")?;
        self.apply(&transfer);
        self.told += usize::from(matches!(wallet, Account::Wallet(_)));
        Ok(vec![])
    }

    fn line(&self, account: Account) -> Option<Line> {
        let of_provider = matches!(account, Account::Fees | Account::Bank);
        let opened = Line {
            status: "ACTIVE",
            balance: 0,
            held: 0,
        };
        self.accounts.get(&account).cloned().or(of_provider.then_some(opened))
    }
}

fn owner(account: Account) -> Option<usize> {
    match account {
        Account::Wallet(number) => OWNERS.get(number).copied(),
        _ => None,
    }
}
