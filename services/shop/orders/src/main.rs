//! `shop-orders`: the orders as a process.

use clap::Parser;
use contracts::shop::{
    catalog::v1::{self as catalog, catalog_client::CatalogClient},
    inventory::v1::{self as inventory, inventory_client::InventoryClient},
    orders::v1::{self as orders, orders_server::OrdersServer},
};
use shop_base::{Place, ProcessError};
use shop_orders::{OrdersService, Shop, Store, Terms};
use std::{net::SocketAddr, process::ExitCode, time::Duration};
use tonic::{
    service::Routes,
    transport::{Channel, Endpoint},
};
use treaty::Contracts;

/// The shop's orders. Joins the mesh as the TREATY_ variables say, or serves alone.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    place: Place,

    /// Where the catalogue is, when serving alone: "http://127.0.0.1:50051".
    #[arg(long, value_name = "URL", requires = "standalone", default_value = "http://127.0.0.1:50051")]
    catalog: String,

    /// Where the inventory is, when serving alone: "http://127.0.0.1:50052".
    #[arg(long, value_name = "URL", requires = "standalone", default_value = "http://127.0.0.1:50052")]
    inventory: String,

    /// Seconds from an order's confirmation to its shipping: so long it can be cancelled.
    #[arg(long, value_name = "SECONDS", env = "SHOP_SHIP_AFTER", default_value_t = 5)]
    ship_after: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    treaty::logs::init("info");
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => shop_base::fail(&error),
    }
}

async fn run(arguments: Arguments) -> Result<(), ProcessError> {
    let store = Store::open(&shop_base::data_file(&arguments.place.data_dir, "orders"))?;
    let ship_after = Duration::from_secs(arguments.ship_after.into());
    let terms = Terms { ship_after, ..Terms::default() };
    match arguments.place.standalone {
        Some(address) => alone(address, &arguments, store, terms).await,
        None => in_the_mesh(store, terms).await,
    }
}

async fn in_the_mesh(store: Store, terms: Terms) -> Result<(), ProcessError> {
    let contracts =
        Contracts::serving(orders::CONTRACT).consuming(catalog::CONTRACT).consuming(inventory::CONTRACT);
    let mesh = treaty::join(contracts).await?;
    let catalogue = CatalogClient::new(mesh.channel("shop.catalog.v1.Catalog")?);
    let warehouse = InventoryClient::new(mesh.channel("shop.inventory.v1.Inventory")?);
    let shop = Shop::new(store, catalogue, warehouse, terms);
    let keeper = tokio::spawn(shop.keeper().run());
    let served = mesh.serve(OrdersServer::new(OrdersService::new(shop))).await;
    keeper.abort();
    Ok(served?)
}

async fn alone(
    address: SocketAddr,
    arguments: &Arguments,
    store: Store,
    terms: Terms,
) -> Result<(), ProcessError> {
    let catalogue = CatalogClient::new(lazy(&arguments.catalog)?);
    let warehouse = InventoryClient::new(lazy(&arguments.inventory)?);
    let shop = Shop::new(store, catalogue, warehouse, terms);
    let keeper = tokio::spawn(shop.keeper().run());
    let routes = Routes::new(OrdersServer::new(OrdersService::new(shop)));
    let served = shop_base::standalone(address, orders::CONTRACT, routes).await;
    keeper.abort();
    served
}

/// Connects with the first call. The mesh would bound calls; alone, the connection does.
fn lazy(url: &str) -> Result<Channel, ProcessError> {
    Ok(Endpoint::from_shared(url.to_owned())?.timeout(Duration::from_secs(3)).connect_lazy())
}
