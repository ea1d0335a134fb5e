//! The `orders` table.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::order::{Order, PaymentStatus, Price, Request, RequestKey, Status};
use crate::error::Error;

const COLUMNS: &str = "id, product_id, quantity, address, shipping_method, unit_price, shipping_cost, total, va_number,
    status, payment_status, created_at, expires_at, paid_at, transaction_id, city_id, refunded";

/// An order about to be stored.
pub(crate) struct NewOrder<'a> {
    pub(crate) user_id: i64,
    pub(crate) request: &'a Request,
    pub(crate) price: Price,
    pub(crate) va_number: &'a str,
    pub(crate) request_key: Option<&'a RequestKey>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Stores a new order; `None` when its virtual-account number is taken.
pub(crate) fn insert(db: &Connection, new: &NewOrder<'_>) -> Result<Option<Order>, Error> {
    let mut statement = db.prepare_cached(&format!(
        "INSERT INTO orders (user_id, product_id, quantity, address, shipping_method, city_id, unit_price,
            shipping_cost, total, va_number, status, payment_status, created_at, expires_at, request_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'PENDING', 'UNPAID', ?11, ?12, ?13)
         ON CONFLICT (va_number) DO NOTHING RETURNING {COLUMNS}"
    ))?;
    let request = new.request;
    let values = params![
        new.user_id,
        request.product_id,
        request.quantity,
        request.address,
        request.method.name(),
        request.city.map(|city| city.id),
        new.price.unit_price,
        new.price.shipping_cost,
        new.price.total,
        new.va_number,
        new.created_at.as_microsecond(),
        new.expires_at.as_microsecond(),
        new.request_key.map(RequestKey::as_str),
    ];
    Ok(statement.query_row(values, read).optional()?)
}

/// The order a user made by this very request, if it came before.
pub(crate) fn find_by_request(db: &Connection, user_id: i64, key: &RequestKey) -> Result<Option<Order>, Error> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM orders WHERE user_id = ?1 AND request_key = ?2"
    ))?;
    Ok(statement.query_row(params![user_id, key.as_str()], read).optional()?)
}

pub(crate) fn find_by_va(db: &Connection, va_number: &str) -> Result<Option<Order>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM orders WHERE va_number = ?1"))?;
    Ok(statement.query_row([va_number], read).optional()?)
}

/// The order, if it is this user's.
pub(crate) fn find_of_user(db: &Connection, user_id: i64, id: i64) -> Result<Option<Order>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM orders WHERE id = ?1 AND user_id = ?2"))?;
    Ok(statement.query_row([id, user_id], read).optional()?)
}

/// Up to `limit` orders of a user that are older than `before`, newest first.
pub(crate) fn list_of_user(db: &Connection, user_id: i64, before: i64, limit: i64) -> Result<Vec<Order>, Error> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM orders WHERE user_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
    ))?;
    let rows = statement.query_map([user_id, before, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Unpaid orders whose deadline passed before `before`.
pub(crate) fn list_overdue(db: &Connection, before: Timestamp, limit: i64) -> Result<Vec<Order>, Error> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM orders WHERE payment_status = 'UNPAID' AND expires_at <= ?1
         ORDER BY expires_at LIMIT ?2"
    ))?;
    let rows = statement.query_map([before.as_microsecond(), limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Closes an order that was not paid.
pub(crate) fn close_unpaid(db: &Connection, id: i64, status: Status) -> Result<(), Error> {
    let closed = db
        .prepare_cached(
            "UPDATE orders SET status = ?2, payment_status = 'EXPIRED' WHERE id = ?1 AND payment_status = 'UNPAID'",
        )?
        .execute(params![id, status.as_str()])?;
    only_one(closed)
}

/// Marks an order paid, by a transaction if one is known.
pub(crate) fn mark_paid(
    db: &Connection,
    id: i64,
    status: Status,
    transaction_id: Option<&str>,
    paid_at: Timestamp,
) -> Result<(), Error> {
    let marked = db
        .prepare_cached(
            "UPDATE orders SET status = ?2, payment_status = 'PAID', transaction_id = ?3, paid_at = ?4
             WHERE id = ?1 AND payment_status <> 'PAID'",
        )?
        .execute(params![id, status.as_str(), transaction_id, paid_at.as_microsecond()])?;
    only_one(marked)
}

/// Adds the proof to an order that is paid already.
pub(crate) fn confirm(db: &Connection, id: i64, transaction_id: &str, paid_at: Timestamp) -> Result<(), Error> {
    let confirmed = db
        .prepare_cached(
            "UPDATE orders SET transaction_id = ?2, paid_at = ?3
             WHERE id = ?1 AND payment_status = 'PAID' AND transaction_id IS NULL",
        )?
        .execute(params![id, transaction_id, paid_at.as_microsecond()])?;
    only_one(confirmed)
}

/// Keeps how much of a paid order's money has gone back by now.
pub(crate) fn record_refund(db: &Connection, id: i64, refunded: i64) -> Result<(), Error> {
    let recorded = db
        .prepare_cached("UPDATE orders SET refunded = ?2 WHERE id = ?1 AND payment_status = 'PAID'")?
        .execute([id, refunded])?;
    only_one(recorded)
}

/// Keeps what an unsigned notification said.
pub(crate) fn record_notification(db: &Connection, id: i64, status: &str, now: Timestamp) -> Result<(), Error> {
    db.prepare_cached("UPDATE orders SET notified_status = ?2, notified_at = ?3 WHERE id = ?1")?
        .execute(params![id, status, now.as_microsecond()])?;
    Ok(())
}

/// The caller read the order in the same transaction, so anything but one changed row is a fault of ours.
fn only_one(changed: usize) -> Result<(), Error> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::internal(anyhow::anyhow!(
            "{changed} orders changed instead of one"
        )))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        id: row.get(0)?,
        product_id: row.get(1)?,
        quantity: row.get(2)?,
        address: row.get(3)?,
        shipping_method: row.get(4)?,
        price: Price {
            unit_price: row.get(5)?,
            shipping_cost: row.get(6)?,
            total: row.get(7)?,
        },
        va_number: row.get(8)?,
        status: word(row, 9, Status::parse)?,
        payment_status: word(row, 10, PaymentStatus::parse)?,
        created_at: time(11, row.get(11)?)?,
        expires_at: time(12, row.get(12)?)?,
        paid_at: row
            .get::<_, Option<i64>>(13)?
            .map(|micros| time(13, micros))
            .transpose()?,
        transaction_id: row.get(14)?,
        city_id: row.get(15)?,
        refunded: row.get(16)?,
    })
}

fn word<T>(row: &Row<'_>, column: usize, parse: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, "unknown state".into()))
}

fn time(column: usize, micros: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(micros)
        .map_err(|cause| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, cause.into()))
}
