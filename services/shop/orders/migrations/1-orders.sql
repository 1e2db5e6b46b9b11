CREATE TABLE orders (
    id TEXT PRIMARY KEY, -- a UUID version 7: later orders sort behind earlier ones
    request_id TEXT UNIQUE, -- NULL: nobody can ask for it by request
    content BLOB NOT NULL, -- what was asked for, to tell a repeated request from another one
    state TEXT NOT NULL
        CHECK (state IN ('PENDING', 'CONFIRMED', 'SHIPPING', 'SHIPPED', 'CANCELLING', 'CANCELLED')),
    email TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    address TEXT NOT NULL,
    note TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    units INTEGER NOT NULL,
    nanos INTEGER NOT NULL,
    cancel_reason TEXT NOT NULL DEFAULT '',
    due INTEGER NOT NULL, -- when the next step is to be taken, milliseconds since 1970
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the keeper looks for.
CREATE INDEX orders_to_do ON orders (state, due)
    WHERE state IN ('PENDING', 'CONFIRMED', 'SHIPPING', 'CANCELLING');

CREATE TABLE order_lines (
    order_id TEXT NOT NULL REFERENCES orders (id),
    position INTEGER NOT NULL,
    product TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    display_name TEXT NOT NULL,
    units INTEGER NOT NULL, -- of the order's currency
    nanos INTEGER NOT NULL,
    PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;
