CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    nama          TEXT    NOT NULL,
    email         TEXT    NOT NULL UNIQUE, -- trimmed and lower case
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    created_at    INTEGER NOT NULL         -- all times: microseconds since 1970, UTC
) STRICT;

CREATE TABLE products (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    nama         TEXT    NOT NULL,
    deskripsi    TEXT    NOT NULL,
    harga        INTEGER NOT NULL CHECK (harga > 0), -- all prices: whole rupiah
    stok         INTEGER NOT NULL CHECK (stok >= 0), -- what can still be ordered
    weight_grams INTEGER NOT NULL CHECK (weight_grams > 0)
) STRICT;

CREATE TABLE orders (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id          INTEGER NOT NULL REFERENCES users (id),
    product_id       INTEGER NOT NULL REFERENCES products (id),
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    address          TEXT    NOT NULL,
    shipping_method  TEXT    NOT NULL,
    city_id          INTEGER,
    unit_price       INTEGER NOT NULL,
    shipping_cost    INTEGER NOT NULL CHECK (shipping_cost >= 0),
    total            INTEGER NOT NULL CHECK (total = unit_price * quantity + shipping_cost),
    va_number        TEXT    NOT NULL UNIQUE,
    status           TEXT    NOT NULL CHECK (status IN ('PENDING', 'PROCESSED', 'EXPIRED', 'CANCELLED', 'REFUND_DUE')),
    payment_status   TEXT    NOT NULL CHECK (payment_status IN ('UNPAID', 'PAID', 'EXPIRED')),
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    paid_at          INTEGER,
    transaction_id   TEXT,    -- the provider's, once a signed webhook has named it
    notified_status  TEXT,    -- what the unsigned notification said last
    notified_at      INTEGER
) STRICT;

CREATE INDEX orders_of_user ON orders (user_id, id);
CREATE INDEX orders_unpaid ON orders (expires_at) WHERE payment_status = 'UNPAID';

CREATE TABLE webhooks (
    id          TEXT    PRIMARY KEY, -- the webhook-id header: the same for every delivery of one event
    event_type  TEXT    NOT NULL,
    va_number   TEXT    NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;

CREATE INDEX webhooks_by_time ON webhooks (received_at);

INSERT INTO products (id, nama, deskripsi, harga, stok, weight_grams) VALUES
    (1, 'Kopi Robusta Lampung 200 g',   'Biji kopi sangrai sedang dari Lampung Barat.',     25000,  100000, 250),
    (2, 'Batik Tulis Pekalongan',       'Kain batik tulis katun, 2 x 1,1 meter.',           350000, 400,    450),
    (3, 'Sambal Roa Manado',            'Sambal ikan roa asap dalam botol 150 ml.',         42500,  2500,   220),
    (4, 'Keris Hias Surakarta',         'Keris hias dengan warangka kayu sonokeling.',      1250000, 25,    1800),
    (5, 'Teh Melati Tegal',             'Teh hijau melati, isi 50 kantong.',                18000,  5000,   120),
    (6, 'Tas Anyaman Rotan Lombok',     'Tas rotan bundar buatan tangan.',                  275000, 150,    900),
    (7, 'Beras Pandan Wangi 5 kg',      'Beras pandan wangi Cianjur.',                      98000,  800,    5000),
    (8, 'Minyak Kayu Putih Buru 120 ml', 'Minyak kayu putih murni dari Pulau Buru.',        64000,  1200,   180);
