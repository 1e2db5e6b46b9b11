CREATE TABLE stock (
    product TEXT PRIMARY KEY,
    available INTEGER NOT NULL CHECK (available >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    update_time INTEGER NOT NULL -- milliseconds since 1970
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('HELD', 'COMMITTED', 'RELEASED')),
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation_lines (
    reservation TEXT NOT NULL REFERENCES reservations (id),
    product TEXT NOT NULL REFERENCES stock (product),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (reservation, product)
) STRICT, WITHOUT ROWID;

-- Deliveries that have a name, so that each is booked once.
CREATE TABLE deliveries (
    request_id TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    create_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
