use proptest::prelude::*;

use super::recent::MOMENTS_MAX;
use super::window::Total;
use super::*;

#[derive(Clone, Debug)]
enum Event {
    Check {
        payee: u8,
        session: u8,
        address: u8,
        minor: i64,
    },
    Declined,
    Failed,
    Received(i64),
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![
        6 => (0..70_u8, 0..4_u8, 0..4_u8, 1..2_000_000_000_i64)
            .prop_map(|(payee, session, address, minor)| Event::Check { payee, session, address, minor }),
        1 => Just(Event::Declined),
        1 => Just(Event::Failed),
        2 => (1..2_000_000_000_i64).prop_map(Event::Received),
    ];
    // Pauses from a second to some days.
    let pause = prop_oneof![1..120_i64, 600..20_000_i64, 80_000..900_000_i64];
    prop::collection::vec((pause, event), 1..120)
}

/// The same, by going through all that ever happened.
fn from_log(log: &[(i64, Event)], limit_minor: i64) -> PastFacts {
    let Some((
        now,
        Event::Check {
            payee,
            session,
            address,
            ..
        },
    )) = log.last().cloned()
    else {
        panic!("the last event is a check");
    };
    let earlier = &log[..log.len() - 1];
    let amounts = |log: &[(i64, Event)], bucket: i64, count: i64| -> Vec<i64> {
        let from = now.div_euclid(bucket) - count;
        let within = log.iter().filter(|(at, _)| at.div_euclid(bucket) > from);
        within
            .filter_map(|(_, event)| match event {
                Event::Check { minor, .. } => Some(*minor),
                _ => None,
            })
            .collect()
    };
    let (week, month) = (amounts(log, 6 * HOUR, 28), amounts(log, DAY, 30));
    let before = amounts(earlier, DAY, 30);
    let total = Total {
        count: before.len() as u32,
        sum: before.iter().sum(),
        squares: before.iter().map(|minor| (*minor as u128).pow(2)).sum(),
    };
    let (mean_30d, deviation_30d) = total.mean_and_deviation();
    let last_of = |pick: &dyn Fn(&Event) -> Option<u8>, log: &[(i64, Event)], most: usize| {
        let mut latest: Vec<(u8, i64)> = Vec::new();
        for (at, event) in log.iter().rev() {
            if let Some(what) = pick(event)
                && latest.iter().all(|(known, _)| *known != what)
            {
                latest.push((what, *at));
            }
        }
        latest.truncate(most);
        latest
    };
    let payee_of = |event: &Event| match event {
        Event::Check { payee, .. } => Some(*payee),
        _ => None,
    };
    let session_of = |event: &Event| match event {
        Event::Check { session, .. } => Some(*session),
        _ => None,
    };
    let address_of = |event: &Event| match event {
        Event::Check { address, .. } => Some(*address),
        _ => None,
    };
    let payees = last_of(&payee_of, log, PAYEES_MAX);
    let knew = |latest: Vec<(u8, i64)>, what: u8| latest.iter().any(|(known, _)| *known == what);
    let sessions = last_of(&session_of, earlier, DEVICES_MAX);
    let addresses = last_of(&address_of, earlier, DEVICES_MAX);
    let moments = |span: i64, pick: &dyn Fn(&Event) -> Option<i64>| -> Vec<i64> {
        let all: Vec<(i64, i64)> = log.iter().filter_map(|(at, event)| Some((*at, pick(event)?))).collect();
        let latest = &all[all.len().saturating_sub(MOMENTS_MAX)..];
        let within = latest.iter().filter(|(at, _)| *at > now - span);
        within.map(|(_, minor)| *minor).collect()
    };
    PastFacts {
        count_per: [week.len() as u32, month.len() as u32],
        sum_per: [week.iter().sum(), month.iter().sum()],
        payees_per: [MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY]
            .map(|span| payees.iter().filter(|(_, last)| *last > now - span).count() as u32),
        amounts_30d: before.len() as u32,
        mean_30d,
        deviation_30d,
        is_first_to_payee: !knew(last_of(&payee_of, earlier, PAYEES_MAX), payee),
        is_new_device: !sessions.is_empty() && !knew(sessions, session),
        is_new_address: !addresses.is_empty() && !knew(addresses, address),
        declined_1h: moments(HOUR, &|event| matches!(event, Event::Declined).then_some(0)).len() as u32,
        failed_1h: moments(HOUR, &|event| matches!(event, Event::Failed).then_some(0)).len() as u32,
        just_below_24h: moments(DAY, &|event| match event {
            Event::Check { minor, .. } if is_just_below(*minor, limit_minor) => Some(*minor),
            _ => None,
        })
        .len() as u32,
        received_1h: moments(HOUR, &|event| match event {
            Event::Received(minor) => Some(*minor),
            _ => None,
        })
        .iter()
        .sum::<i64>()
        .min(money::MAX_MINOR),
    }
}

proptest! {
    #[test]
    fn what_is_kept_as_it_comes_is_what_the_whole_log_says(events in events()) {
        let limit_minor = 1_000_000_000;
        let (mut past, mut log, mut now) = (Past::default(), Vec::new(), 1_795_000_000_000_000_i64);
        for (pause, event) in events {
            now += pause * 1_000_000;
            let at = Timestamp::from_micros(now);
            log.push((now, event.clone()));
            match event {
                Event::Declined => past.declined(at),
                Event::Failed => past.failed(at),
                Event::Received(minor) => past.received(at, minor),
                Event::Check { payee, session, address, minor } => {
                    let (payee, session, address) = (format!("p{payee}"), format!("s{session}"), format!("a{address}"));
                    let seen = Sighting {
                        amount_minor: minor,
                        payee: Some(&payee),
                        session_id: Some(&session),
                        address: Some(&address),
                        limit_minor,
                    };
                    prop_assert_eq!(past.record(at, &seen), from_log(&log, limit_minor));
                }
            }
            // As if the service had been started anew in between.
            past = Past::decode(&past.encode()).unwrap();
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for version in [bytes.first().copied().unwrap_or_default(), 1] {
            let bytes = [&[version], bytes.as_slice()].concat();
            if let Some(mut past) = Past::decode(&bytes) {
                past.record(Timestamp::from_micros(1_795_000_000_000_000), &Sighting::default());
            }
            if let Some(past) = MerchantPast::decode(&bytes) {
                past.rates_per_mille(Timestamp::from_micros(1_795_000_000_000_000));
            }
        }
    }

    #[test]
    fn it_stays_small(minors in prop::collection::vec(1..money::MAX_MINOR, 200)) {
        let mut past = Past::default();
        for (number, minor) in (0_i64..).zip(minors) {
            let at = Timestamp::from_micros(1_795_000_000_000_000 + number * 7 * HOUR);
            let payee = number.to_string();
            let seen = Sighting { amount_minor: minor, payee: Some(&payee), limit_minor: minor, ..Sighting::default() };
            past.record(at, &seen);
            past.received(at, minor);
        }
        prop_assert!(past.encode().len() < 4_000, "{}", past.encode().len());
    }
}

#[test]
fn a_merchant_is_rated_by_what_became_of_its_payments() {
    let (mut past, at) = (MerchantPast::default(), Timestamp::from_micros(1_795_000_000_000_000));
    (0..19).for_each(|_| past.paid(at, 1));
    past.refunded(at, 1);
    assert_eq!(past.rates_per_mille(at), (0, 0), "nineteen say nothing");
    past.paid(at, 1);
    past.refused(at, 1);
    assert_eq!(past.rates_per_mille(at), (50, 47));
    let later = at.after(std::time::Duration::from_secs(31 * 24 * 3_600));
    assert_eq!(past.rates_per_mille(later), (0, 0));
}

#[test]
fn a_past_that_was_kept_as_json_is_read() {
    let stored = r#"{"week":[[83101,2,300,50000]],"month":[[20775,2,300,50000]],"payees":[[7,1795000000000000]],
        "devices":[],"addresses":[],"declined":[[1795000000000000,0]],"failed":[],"justBelow":[],
        "received":[[1795000000000000,25]]}"#;
    let past: Past = serde_json::from_str(stored).unwrap();
    let before = past.month.total(20_775);
    assert_eq!((before.count, before.sum), (2, 300));
    assert_eq!(past.received.sum_since(0), 25);
    assert_eq!(Past::decode(&past.encode()), Some(past));
}
