//! `shop.catalog.v1.Catalog` as tonic asks for it.

use crate::{Store, StoreError, change::Change};
use contracts::shop::catalog::v1::{
    BatchGetProductsRequest, BatchGetProductsResponse, GetProductRequest, ListProductsRequest,
    ListProductsResponse, Product, UpdateProductRequest, catalog_server::Catalog,
};
use shop_base::{Page, input::Complaints, name, status, time::Millis};
use tonic::{Request, Response, Status};

/// The catalogue, as the contract promises it.
#[derive(Clone, Debug)]
pub struct CatalogService {
    store: Store,
}

impl CatalogService {
    /// Over this store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

const MAX_NAMES: usize = 100;

#[tonic::async_trait]
impl Catalog for CatalogService {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        let ids = ids("name", &[request.into_inner().name])?;
        let mut products = self.store.products(ids).await.map_err(refuse)?;
        products.pop().map(Response::new).ok_or_else(|| Status::internal("one product was read as none"))
    }

    async fn batch_get_products(
        &self,
        request: Request<BatchGetProductsRequest>,
    ) -> Result<Response<BatchGetProductsResponse>, Status> {
        let names = request.into_inner().names;
        if !(1..=MAX_NAMES).contains(&names.len()) {
            return Err(status::invalid(&Complaints::one("names", "must be 1 to 100")));
        }
        let products = self.store.products(ids("names", &names)?).await.map_err(refuse)?;
        Ok(Response::new(BatchGetProductsResponse { products }))
    }

    async fn list_products(
        &self,
        request: Request<ListProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        let request = request.into_inner();
        let page = Page::parse(request.page_size, &request.page_token).map_err(status::invalid_page)?;
        let (products, next_page_token) = self.store.page(page).await.map_err(refuse)?;
        Ok(Response::new(ListProductsResponse { products, next_page_token }))
    }

    async fn update_product(
        &self,
        request: Request<UpdateProductRequest>,
    ) -> Result<Response<Product>, Status> {
        let change =
            Change::parse(request.into_inner()).map_err(|complaints| status::invalid(&complaints))?;
        let updated = self.store.update(change.id.clone(), Millis::now(), |product| change.apply(product));
        Ok(Response::new(updated.await.map_err(refuse)?))
    }
}

/// The ids of "products/{product}" each.
fn ids(field: &str, names: &[String]) -> Result<Vec<String>, Status> {
    let mut complaints = Complaints::new();
    let mut ids = Vec::with_capacity(names.len());
    for (index, product) in names.iter().enumerate() {
        if let Some(id) = name::id("products", product) {
            ids.push(id.to_owned());
        } else {
            let field = if field == "names" { format!("names[{index}]") } else { field.to_owned() };
            complaints.add(field, name::complaint("products"));
        }
    }
    complaints.check().map_err(|complaints| status::invalid(&complaints))?;
    Ok(ids)
}

fn refuse(error: StoreError) -> Status {
    match error {
        StoreError::Unknown { names } => status::not_found("shop.catalog.v1.Product", &names),
        StoreError::Unsound(complaints) => status::invalid(&complaints),
        StoreError::Database(error) => status::internal(&error),
    }
}
