-- What the provider has sent back of the payment so far; grows only.
ALTER TABLE orders ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total);

-- Of an order made on a page: the form it came from and what was in it, so that a double click is one order.
ALTER TABLE orders ADD COLUMN request_key TEXT;

CREATE UNIQUE INDEX orders_by_request ON orders (user_id, request_key) WHERE request_key IS NOT NULL;
