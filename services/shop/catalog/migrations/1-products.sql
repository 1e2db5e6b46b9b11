CREATE TABLE products (
    id TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    nanos INTEGER NOT NULL CHECK (nanos BETWEEN 0 AND 999999999),
    create_time INTEGER NOT NULL, -- milliseconds since 1970
    update_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
