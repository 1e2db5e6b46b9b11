//! `shop-catalog`: the catalogue as a process.

use clap::Parser;
use contracts::shop::catalog::v1::{CONTRACT, catalog_server::CatalogServer};
use shop_base::{Place, ProcessError};
use shop_catalog::{CatalogService, Store};
use std::process::ExitCode;
use tonic::service::Routes;
use treaty::Contracts;

/// The shop's catalogue. Joins the mesh as the TREATY_ variables say, or serves alone.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    place: Place,
}

#[tokio::main]
async fn main() -> ExitCode {
    treaty::logs::init("info");
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => shop_base::fail(&error),
    }
}

async fn run(Arguments { place }: Arguments) -> Result<(), ProcessError> {
    let store = Store::open(&shop_base::data_file(&place.data_dir, "catalog"))?;
    let server = CatalogServer::new(CatalogService::new(store));
    match place.standalone {
        Some(address) => shop_base::standalone(address, CONTRACT, Routes::new(server)).await,
        None => Ok(treaty::join(Contracts::serving(CONTRACT)).await?.serve(server).await?),
    }
}
