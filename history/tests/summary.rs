//! What a history comes to: a bar for each day or month.

mod common;

use common::{World, payment, with};
use serde_json::json;

#[tokio::test]
async fn a_summary_has_a_bar_for_every_day_and_month() {
    let world = World::start().await;
    // START is 2026-11-19T09:06:40Z, 16:06:40 in Jakarta.
    let day = 24 * 60;
    let incoming = with(payment(3 * day), "direction", json!("IN"));
    let failed = with(
        with(payment(2), "status", json!("FAILED")),
        "entryKey",
        json!("trx_2:FAILED:usr_narto"),
    );
    let late = payment(day + 7 * 60 + 54); // 2026-11-20T17:00:40Z: the 21st in Jakarta
    let next_month = payment(20 * day);
    let foreign = with(
        with(payment(4), "userId", json!("usr_sasuke")),
        "entryKey",
        json!("x:y:z"),
    );
    world
        .append(vec![payment(1), incoming, failed, late, next_month, foreign])
        .await;
    let bars = async |arguments: &str| {
        let document = format!("{{ historySummary({arguments}) {{ date startsAt cameIn wentOut records }} }}");
        let answer = world.ask(&world.narto, &document).await;
        let bars = answer.data()["historySummary"].as_array().unwrap().clone();
        bars.iter()
            .map(|bar| {
                format!(
                    "{} {} {} {}",
                    bar["date"], bar["cameIn"], bar["wentOut"], bar["records"]
                )
                .replace('"', "")
            })
            .collect::<Vec<_>>()
    };
    let week = r#"from: "2026-11-19T00:00:00+07:00", to: "2026-11-23T00:00:00+07:00""#;
    assert_eq!(
        bars(&format!("{week}, by: DAY")).await,
        [
            "2026-11-19 0 20000 1",
            "2026-11-20 0 0 0",
            "2026-11-21 0 20000 1",
            "2026-11-22 20000 0 1"
        ]
    );
    assert_eq!(
        bars(&format!("{week}, by: DAY, utcOffsetMinutes: 0")).await,
        [
            "2026-11-18 0 0 0",
            "2026-11-19 0 20000 1",
            "2026-11-20 0 20000 1",
            "2026-11-21 0 0 0",
            "2026-11-22 20000 0 1"
        ]
    );
    assert_eq!(
        bars(r#"from: "2026-11-05T00:00:00+07:00", to: "2027-01-01T00:00:00+07:00", by: MONTH"#).await,
        ["2026-11-01 20000 40000 3", "2026-12-01 0 20000 1"]
    );
    for arguments in [
        r#"from: "2026-11-05T00:00:00Z", to: "2026-11-05T00:00:00Z", by: DAY"#,
        r#"from: "2020-11-05T00:00:00Z", to: "2026-11-05T00:00:00Z", by: DAY"#,
        r#"from: "1920-11-05T00:00:00Z", to: "2026-11-05T00:00:00Z", by: MONTH"#,
        r#"from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z", by: DAY, utcOffsetMinutes: 2000"#,
    ] {
        let answer = world
            .ask(&world.narto, &format!("{{ historySummary({arguments}) {{ date }} }}"))
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}");
    }
}
