//! The `products` table.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::order::Product;
use crate::error::Error;

const COLUMNS: &str = "id, nama, deskripsi, harga, stok, weight_grams";

pub(crate) fn find(db: &Connection, id: i64) -> Result<Option<Product>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM products WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Up to `limit` products after `after`, by id.
pub(crate) fn list(db: &Connection, after: i64, limit: i64) -> Result<Vec<Product>, Error> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM products WHERE id > ?1 ORDER BY id LIMIT ?2"
    ))?;
    let rows = statement.query_map([after, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes goods off the shelf, all or none; says whether they were there.
pub(crate) fn take_stock(db: &Connection, id: i64, quantity: i64) -> Result<bool, Error> {
    let taken = db
        .prepare_cached("UPDATE products SET stok = stok - ?2 WHERE id = ?1 AND stok >= ?2")?
        .execute(params![id, quantity])?;
    Ok(taken == 1)
}

/// Puts goods back.
pub(crate) fn return_stock(db: &Connection, id: i64, quantity: i64) -> Result<(), Error> {
    db.prepare_cached("UPDATE products SET stok = stok + ?2 WHERE id = ?1")?
        .execute(params![id, quantity])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Product> {
    Ok(Product {
        id: row.get(0)?,
        nama: row.get(1)?,
        deskripsi: row.get(2)?,
        harga: row.get(3)?,
        stok: row.get(4)?,
        weight_grams: row.get(5)?,
    })
}
