//! Asks merchants for their bills: many at a time when many are wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use moka::sync::Cache;
use money::{Currency, Decimal};
use peer::{Coalescer, PeerError};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::graphql::{self, Answer, AnswerError, NoAnswer};
use super::http::OrderHttp;
use crate::domain::{Bill, BillStanding, VaNumber, order_id};

/// Bills in one document. Merchants limit how large a document they take; few refuse this many.
const BATCH_MAX: usize = 16;
/// A merchant that has not answered by then is asked for the next bills meanwhile,
const SLOW_AFTER: Duration = Duration::from_millis(100);
/// but not in more requests than this at a time.
const REQUESTS_MAX: usize = 32;
/// A request that got no answer is sent once more before the payment fails.
const ATTEMPTS: u32 = 2;
/// A bill that has waited this long for its turn is not asked for any more: while a merchant hangs, payments of its
/// bills must fail soon rather than take the room of everybody else's.
const PATIENCE: Duration = Duration::from_secs(10);
/// Endpoints that are asked at a time; one that was forgotten only gathers its requests anew.
const CLIENTS_MAX: u64 = 1_000;
const CLIENT_IDLE_MAX: Duration = Duration::from_secs(600);

/// What a merchant says of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillAnswer {
    /// There it is.
    Known(Bill),
    /// The merchant knows no such bill.
    Unknown,
    /// The merchant did not answer, or nothing that makes sense; why is for the log.
    NoAnswer(String),
}

/// Asks merchants for bills: a client for each order endpoint, made when it is first needed. Cheap to clone.
#[derive(Clone)]
pub struct Bills {
    http: OrderHttp,
    clients: Cache<Url, BillsClient>,
}

impl Bills {
    /// No clients yet.
    pub fn new(http: OrderHttp) -> Self {
        let clients = Cache::builder()
            .max_capacity(CLIENTS_MAX)
            .time_to_idle(CLIENT_IDLE_MAX)
            .build();
        Self { http, clients }
    }

    /// The bill with this number, as the merchant's order endpoint tells it.
    pub async fn get(&self, order_url: &Url, va_number: VaNumber) -> BillAnswer {
        let client = self.clients.get_with(order_url.clone(), || {
            BillsClient::new(self.http.clone(), order_url.clone())
        });
        client.get(va_number).await
    }
}

/// Asks one endpoint for bills. Cheap to clone.
#[derive(Clone)]
struct BillsClient {
    bills: Coalescer<Wanted, BillAnswer>,
}

/// A bill that somebody waits for.
#[derive(Clone)]
struct Wanted {
    number: VaNumber,
    until: Instant,
}

impl BillsClient {
    /// A client of this endpoint.
    fn new(http: OrderHttp, endpoint: Url) -> Self {
        let asker = Arc::new(Asker {
            http,
            endpoint,
            takes_lists: AtomicBool::new(true),
        });
        let bills = Coalescer::start_patient("merchant", BATCH_MAX, SLOW_AFTER, REQUESTS_MAX, move |wanted| {
            let asker = Arc::clone(&asker);
            async move { Ok(asker.ask_in_time(&wanted).await) }
        });
        Self { bills }
    }

    async fn get(&self, va_number: VaNumber) -> BillAnswer {
        let wanted = Wanted {
            number: va_number,
            until: Instant::now() + PATIENCE,
        };
        match self.bills.submit(wanted).await {
            Ok(answer) => answer,
            Err(error @ (PeerError::Unavailable { .. } | PeerError::Refused { .. } | PeerError::Malformed { .. })) => {
                BillAnswer::NoAnswer(error.to_string())
            }
        }
    }
}

struct Asker {
    http: OrderHttp,
    endpoint: Url,
    /// False once the merchant refused a document with several bills; from then on each is asked for by itself.
    takes_lists: AtomicBool,
}

impl Asker {
    async fn ask_in_time(&self, wanted: &[Wanted]) -> Vec<BillAnswer> {
        let now = Instant::now();
        let in_time = |wanted: &&Wanted| now < wanted.until;
        let numbers = wanted
            .iter()
            .filter(in_time)
            .map(|wanted| wanted.number.clone())
            .collect();
        let mut answers = self.ask(numbers).await.into_iter();
        let late = || BillAnswer::NoAnswer("others of the merchant's bills took too long".into());
        let answer = |wanted: &Wanted| if in_time(&wanted) { answers.next() } else { None };
        wanted
            .iter()
            .map(answer)
            .map(|answer| answer.unwrap_or_else(late))
            .collect()
    }

    async fn ask(&self, numbers: Vec<VaNumber>) -> Vec<BillAnswer> {
        if numbers.len() > 1 && self.takes_lists.load(Ordering::Relaxed) {
            match self.send(&list_document(&numbers)).await {
                Ok(answer) if answer.data.is_some() && answer.errors.iter().all(AnswerError::names_its_field) => {
                    return (0..numbers.len())
                        .map(|index| read(&answer, &format!("b{index}")))
                        .collect();
                }
                // What is wrong may be one of them, or the list itself: each by itself will tell.
                Ok(_) => {}
                Err(error) => return vec![BillAnswer::NoAnswer(error.to_string()); numbers.len()],
            }
            let answers = self.ask_one_by_one(&numbers).await;
            if answers.iter().all(|answer| matches!(answer, BillAnswer::Known(_))) {
                tracing::info!(endpoint = %self.endpoint.host_str().unwrap_or_default(), "the merchant takes one bill at a time");
                self.takes_lists.store(false, Ordering::Relaxed);
            }
            return answers;
        }
        self.ask_one_by_one(&numbers).await
    }

    async fn ask_one_by_one(&self, numbers: &[VaNumber]) -> Vec<BillAnswer> {
        let asked = numbers.iter().map(|number| async move {
            match self.send(&document(number)).await {
                Ok(answer) => read(&answer, "getOrderByVA"),
                Err(error) => BillAnswer::NoAnswer(error.to_string()),
            }
        });
        futures::future::join_all(asked).await
    }

    async fn send(&self, document: &str) -> Result<Answer, NoAnswer> {
        let mut attempt = 1;
        loop {
            match graphql::send(&self.http, &self.endpoint, document).await {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }
}

/// The document of the contract. It asks for what every deployed marketplace has, and writes the number into the text,
/// because marketplaces differ in the type of the argument. A [`VaNumber`] has no character that could end the string.
fn document(number: &VaNumber) -> String {
    format!("query {{ getOrderByVA(vaNumber: \"{number}\") {{ id totalHarga status paymentStatus }} }}")
}

fn list_document(numbers: &[VaNumber]) -> String {
    let fields = numbers.iter().enumerate().map(|(index, number)| {
        format!("b{index}: getOrderByVA(vaNumber: \"{number}\") {{ id totalHarga status paymentStatus }}")
    });
    format!("query {{ {} }}", fields.collect::<Vec<_>>().join(" "))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(default)]
    id: Option<Value>,
    total_harga: Decimal,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    payment_status: Option<String>,
}

fn read(answer: &Answer, field: &str) -> BillAnswer {
    let error = answer.error_of(field);
    match (answer.data.as_ref().and_then(|data| data.get(field)), error) {
        (_, Some(error)) if error.says_not_found() => BillAnswer::Unknown,
        (_, Some(_)) => BillAnswer::NoAnswer("the merchant answered with an error".into()),
        (Some(Value::Null), None) => BillAnswer::Unknown,
        (Some(value), None) => read_order(value).map_or_else(BillAnswer::NoAnswer, BillAnswer::Known),
        // That it knows no such bill would be said by null.
        (None, None) => BillAnswer::NoAnswer("the merchant answered something else".into()),
    }
}

fn read_order(value: &Value) -> Result<Bill, String> {
    // Without this a list of values would pass for the fields in their order.
    let fields = value.as_object().ok_or("the bill is no object")?;
    let order = Order::deserialize(fields).map_err(|error| format!("the bill cannot be read: {error}"))?;
    let amount = order
        .total_harga
        .to_positive_money(Currency::Idr)
        .map_err(|error| format!("the bill's total: {error}"))?;
    Ok(Bill {
        order_id: order.id.and_then(read_order_id),
        amount,
        standing: BillStanding::from_words(order.payment_status.as_deref(), order.status.as_deref()),
    })
}

/// Some marketplaces number their orders, others name them. What is neither is no reason not to pay.
fn read_order_id(value: Value) -> Option<String> {
    match value {
        Value::String(text) => order_id(&text).ok(),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use money::Money;

    use super::*;

    fn known(order_id: Option<&str>, minor: i64, standing: BillStanding) -> BillAnswer {
        BillAnswer::Known(Bill {
            order_id: order_id.map(str::to_owned),
            amount: Money::new(minor, Currency::Idr).unwrap(),
            standing,
        })
    }

    #[track_caller]
    fn check(json: &str, expect: Option<BillAnswer>) {
        let answer = read(&serde_json::from_str(json).unwrap(), "b0");
        match expect {
            Some(expected) => assert_eq!(answer, expected, "{json}"),
            None => assert!(matches!(answer, BillAnswer::NoAnswer(_)), "{json}: {answer:?}"),
        }
    }

    #[test]
    fn good_and_strange_answers_are_told_apart() {
        check(
            r#"{"data":{"b0":{"id":"1","totalHarga":59000,"status":"PENDING","paymentStatus":"UNPAID"}}}"#,
            Some(known(Some("1"), 5_900_000, BillStanding::Payable)),
        );
        check(
            r#"{"data":{"b0":{"id":1,"totalHarga":59000.5,"status":null,"paymentStatus":"PAID"}}}"#,
            Some(known(Some("1"), 5_900_050, BillStanding::Paid)),
        );
        check(
            r#"{"data":{"b0":{"totalHarga":"59000"}}}"#,
            Some(known(None, 5_900_000, BillStanding::Payable)),
        );
        check(r#"{"data":{"b0":null}}"#, Some(BillAnswer::Unknown));
        check(
            r#"{"data":{"b0":null},"errors":[{"message":"Order not found","path":["b0"]}]}"#,
            Some(BillAnswer::Unknown),
        );
        check(
            r#"{"data":null,"errors":[{"message":"Order tidak ditemukan"}]}"#,
            Some(BillAnswer::Unknown),
        );
        check(
            r#"{"data":{"b0":null},"errors":[{"message":"x","path":["b0"],"extensions":{"code":"NOT_FOUND"}}]}"#,
            Some(BillAnswer::Unknown),
        );
    }

    #[test]
    fn rubbish_is_no_answer() {
        check(
            r#"{"data":{"b0":null},"errors":[{"message":"database is down","path":["b0"]}]}"#,
            None,
        );
        check(r#"{"data":{"b0":{"totalHarga":-1}}}"#, None);
        check(r#"{"data":{"b0":{"totalHarga":0}}}"#, None);
        check(r#"{"data":{"b0":{"totalHarga":0.001}}}"#, None);
        check(r#"{"data":{"b0":{"totalHarga":"many"}}}"#, None);
        check(r#"{"data":{"b0":{"id":"1"}}}"#, None);
        check(r#"{"data":{"b0":[1]}}"#, None);
    }

    #[test]
    fn an_error_of_another_bill_is_not_this_ones() {
        let json = r#"{"data":{"b0":{"totalHarga":1},"b1":null},"errors":[{"message":"x","path":["b1"]}]}"#;
        check(json, Some(known(None, 100, BillStanding::Payable)));
    }
}
