//! What an UpdateProductRequest changes (AIP-134).

use contracts::shop::{
    catalog::v1::{Product, UpdateProductRequest},
    money::v1::Money,
};
use shop_base::{input::Complaints, name};
use std::collections::BTreeSet;

/// A change of one product, of sound shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// The product's id.
    pub(crate) id: String,
    wanted: Product,
    fields: BTreeSet<Field>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    DisplayName,
    Description,
    Category,
    Price,
}

const ALL: [(&str, Field); 4] = [
    ("display_name", Field::DisplayName),
    ("description", Field::Description),
    ("category", Field::Category),
    ("price", Field::Price),
];

impl Change {
    /// Reads the request.
    pub(crate) fn parse(request: UpdateProductRequest) -> Result<Self, Complaints> {
        let wanted = request.product.ok_or_else(|| Complaints::one("product", "is required"))?;
        let mut complaints = Complaints::new();
        let id = name::id("products", &wanted.name).map(str::to_owned);
        complaints.require(id.is_some(), "product.name", &name::complaint("products"));
        let fields = match request.update_mask {
            Some(mask) if !mask.paths.is_empty() => masked(&mask.paths, &mut complaints),
            _ => ALL.into_iter().map(|(_, field)| field).filter(|field| is_set(&wanted, *field)).collect(),
        };
        complaints.check()?;
        Ok(Self { id: id.unwrap_or_default(), wanted, fields })
    }

    /// Makes the change, if the product still makes sense after it.
    pub(crate) fn apply(self, product: &mut Product) -> Result<(), Complaints> {
        for field in self.fields {
            match field {
                Field::DisplayName => product.display_name.clone_from(&self.wanted.display_name),
                Field::Description => product.description.clone_from(&self.wanted.description),
                Field::Category => product.category.clone_from(&self.wanted.category),
                Field::Price => product.price.clone_from(&self.wanted.price),
            }
        }
        sound(product)
    }
}

fn masked(paths: &[String], complaints: &mut Complaints) -> BTreeSet<Field> {
    let mut fields = BTreeSet::new();
    for path in paths {
        let known = ALL.into_iter().find(|(name, _)| name == path);
        match known {
            Some((_, field)) => _ = fields.insert(field),
            None if path == "*" => fields.extend(ALL.into_iter().map(|(_, field)| field)),
            None => complaints.add(
                "update_mask",
                format!("`{path}` cannot be changed; display_name, description, category, price and * can"),
            ),
        }
    }
    fields
}

fn is_set(product: &Product, field: Field) -> bool {
    match field {
        Field::DisplayName => !product.display_name.is_empty(),
        Field::Description => !product.description.is_empty(),
        Field::Category => !product.category.is_empty(),
        Field::Price => product.price.is_some(),
    }
}

fn sound(product: &Product) -> Result<(), Complaints> {
    let mut complaints = Complaints::new();
    complaints.require(!product.display_name.is_empty(), "product.display_name", "must not be empty");
    complaints.require_short(&product.display_name, 200, "product.display_name");
    complaints.require_short(&product.description, 2000, "product.description");
    complaints.require_short(&product.category, 63, "product.category");
    let price = product.price.clone().unwrap_or_default();
    complaints.require(is_currency(&price), "product.price.currency_code", "must be three capital letters");
    complaints.require(price.units >= 0, "product.price.units", "must not be negative");
    let nanos = (0..=999_999_999).contains(&price.nanos);
    complaints.require(nanos, "product.price.nanos", "must be 0 to 999999999");
    complaints.check()
}

fn is_currency(price: &Money) -> bool {
    price.currency_code.len() == 3 && price.currency_code.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_types::FieldMask;

    fn product() -> Product {
        Product {
            name: "products/sencha".to_owned(),
            display_name: "Sencha".to_owned(),
            category: "tea".to_owned(),
            price: Some(Money { currency_code: "EUR".to_owned(), units: 14, nanos: 900_000_000 }),
            ..Product::default()
        }
    }

    fn changed(wanted: Product, paths: &[&str]) -> Result<Product, Complaints> {
        let wanted = Product { name: "products/sencha".to_owned(), ..wanted };
        let mask = FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() };
        let request = UpdateProductRequest { product: Some(wanted), update_mask: Some(mask) };
        let mut product = product();
        Change::parse(request)?.apply(&mut product)?;
        Ok(product)
    }

    #[test]
    fn only_what_the_mask_names_is_taken() {
        let wanted =
            Product { description: "Green".to_owned(), category: "x".to_owned(), ..Product::default() };
        let expected = Product { description: "Green".to_owned(), ..product() };
        assert_eq!(changed(wanted, &["description"]), Ok(expected));
    }

    #[test]
    fn without_a_mask_whatever_is_set_is_taken() {
        let wanted = Product { category: "green".to_owned(), ..Product::default() };
        assert_eq!(changed(wanted, &[]), Ok(Product { category: "green".to_owned(), ..product() }));
    }

    #[test]
    fn a_star_takes_everything_even_what_is_empty() {
        let complaints = changed(Product::default(), &["*"]).unwrap_err().to_string();
        assert_eq!(
            complaints,
            "product.display_name must not be empty; product.price.currency_code must be three capital letters"
        );
    }

    #[test]
    fn output_fields_and_prices_below_zero_are_refused() {
        let complaints = changed(Product::default(), &["create_time"]).unwrap_err().to_string();
        assert!(complaints.starts_with("update_mask `create_time` cannot be changed"), "{complaints}");
        let price = Money { currency_code: "EUR".to_owned(), units: -1, nanos: 0 };
        let complaints =
            changed(Product { price: Some(price), ..Product::default() }, &["price"]).unwrap_err();
        assert_eq!(complaints.to_string(), "product.price.units must not be negative");
    }
}
