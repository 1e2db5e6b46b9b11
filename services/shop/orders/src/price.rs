//! What an order costs.

use contracts::shop::{
    catalog::v1::Product,
    money::v1::Money,
    orders::v1::{Order, OrderLine},
};

/// Why an order has no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PriceError {
    /// Not what was asked for, or no price that could be one.
    #[error("the catalogue's answer about {product} makes no sense")]
    Nonsense { product: String },
    /// There is no sum.
    #[error("{product} costs {found}, the products before it {first}: an order has one currency")]
    Currencies { product: String, found: String, first: String },
    /// The sum is no number any more.
    #[error("the order's total is too large to be written")]
    TooLarge,
}

const NANOS: i128 = 1_000_000_000;

/// Fills in what the catalogue says of the lines, which are in the order of `products`, and the total.
pub(crate) fn price(order: &mut Order, products: Vec<Product>) -> Result<(), PriceError> {
    let mut sum = 0_i128;
    let mut currency: Option<String> = None;
    let mut products = products.into_iter();
    for line in &mut order.lines {
        let nonsense = || PriceError::Nonsense { product: line.product.clone() };
        let product = products.next().filter(|product| product.name == line.product).ok_or_else(nonsense)?;
        let unit_price = product.price.filter(is_sound).ok_or_else(nonsense)?;
        let first = currency.get_or_insert_with(|| unit_price.currency_code.clone());
        if *first != unit_price.currency_code {
            return Err(PriceError::Currencies {
                product: line.product.clone(),
                found: unit_price.currency_code,
                first: first.clone(),
            });
        }
        // At most 2^63 × 10^9 × 2^31: far from the end of an i128.
        sum = sum.saturating_add(nanos(&unit_price).saturating_mul(line.quantity.into()));
        fill(line, product.display_name, unit_price);
    }
    let units = i64::try_from(sum / NANOS).map_err(|_| PriceError::TooLarge)?;
    let nanos = i32::try_from(sum % NANOS).map_err(|_| PriceError::TooLarge)?;
    order.total = Some(Money { currency_code: currency.unwrap_or_default(), units, nanos });
    Ok(())
}

fn fill(line: &mut OrderLine, display_name: String, unit_price: Money) {
    line.display_name = display_name;
    line.unit_price = Some(unit_price);
}

fn is_sound(price: &Money) -> bool {
    price.units >= 0 && (0..=999_999_999).contains(&price.nanos) && !price.currency_code.is_empty()
}

fn nanos(price: &Money) -> i128 {
    i128::from(price.units) * NANOS + i128::from(price.nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(name: &str, currency: &str, units: i64, nanos: i32) -> Product {
        let price = Some(Money { currency_code: currency.to_owned(), units, nanos });
        Product { name: name.to_owned(), price, ..Product::default() }
    }

    fn total(lines: &[(&str, i32)], products: Vec<Product>) -> Result<Money, PriceError> {
        let line = |&(product, quantity): &(&str, i32)| OrderLine {
            product: product.to_owned(),
            quantity,
            ..OrderLine::default()
        };
        let mut order = Order { lines: lines.iter().map(line).collect(), ..Order::default() };
        price(&mut order, products)?;
        Ok(order.total.unwrap())
    }

    #[test]
    fn nanos_carry_over() {
        let products = vec![product("a", "EUR", 18, 900_000_000), product("b", "EUR", 0, 10_000_000)];
        let expected = Money { currency_code: "EUR".to_owned(), units: 56, nanos: 710_000_000 };
        assert_eq!(total(&[("a", 3), ("b", 1)], products), Ok(expected));
    }

    #[test]
    fn two_currencies_have_no_sum() {
        let products = vec![product("a", "EUR", 1, 0), product("b", "SEK", 1, 0)];
        let error = total(&[("a", 1), ("b", 1)], products).unwrap_err();
        assert_eq!(error.to_string(), "b costs SEK, the products before it EUR: an order has one currency");
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let products = vec![product("a", "EUR", i64::MAX, 0)];
        assert_eq!(total(&[("a", 1000)], products), Err(PriceError::TooLarge));
    }

    #[test]
    fn answers_that_make_no_sense_are_refused() {
        let nonsense = Err(PriceError::Nonsense { product: "a".to_owned() });
        for products in [vec![], vec![product("b", "EUR", 1, 0)], vec![product("a", "EUR", -1, 0)]] {
            assert_eq!(total(&[("a", 1)], products), nonsense);
        }
    }
}
