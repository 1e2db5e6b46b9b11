//! Foreign hands: grpcurl, Python and Go through the gateway, and Python without any proxy.
//!
//! These run where the toolchains are. With TREATY_REQUIRE_TOOLCHAINS=1, as in CI, a missing one is a failure.

use crate::support::Mesh;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};
use testkit::programs::{Running, available, build, output, python, run};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn python_is_there() -> bool {
    let modules = "import grpc, grpc_tools, grpc_status, grpc_reflection, grpc_health, opentelemetry.proto";
    available("Python with grpcio", Command::new(python()).args(["-c", modules]))
}

/// The `.proto` files that the clients need, relative to `proto/`.
fn protos() -> Vec<String> {
    let mut files = ["treaty/v1/options.proto", "buf/validate/validate.proto"].map(str::to_owned).to_vec();
    for name in ["catalog", "inventory", "money", "orders"] {
        files.push(format!("shop/{name}/v1/{name}.proto"));
    }
    files
}

fn protoc() -> Command {
    let mut command = Command::new(python());
    command.current_dir(repository().join("proto")).args(["-m", "grpc_tools.protoc", "-I", "."]);
    command.args(["-I", "../crates/contract/proto"]);
    command
}

/// Python stubs, generated once.
fn python_stubs() -> &'static Path {
    static STUBS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let stubs = STUBS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().display();
        run(protoc()
            .arg(format!("--python_out={out}"))
            .arg(format!("--grpc_python_out={out}"))
            .args(protos()));
        folder
    });
    stubs.path()
}

fn client(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(path)
}

#[test]
fn python_through_the_gateway() {
    if !python_is_there() {
        return;
    }
    let mesh = Mesh::start();
    let mut command = Command::new(python());
    command.arg(client("python/gateway.py")).arg(mesh.gateway.to_string()).arg(mesh.ca()).arg(python_stubs());
    assert!(run(&mut command).contains("all as promised"));
}

#[test]
fn go_through_the_gateway() {
    let tools = ["protoc-gen-go", "protoc-gen-go-grpc"]
        .map(|tool| available(tool, Command::new(tool).arg("--version")));
    if !available("Go", Command::new("go").arg("version")) || tools.contains(&false) || !python_is_there() {
        return;
    }
    let module = tempfile::tempdir().unwrap();
    for file in ["go.mod", "go.sum", "main.go"] {
        std::fs::copy(client("go").join(file), module.path().join(file)).unwrap();
    }
    let mut generate = protoc();
    for plugin in ["go", "go-grpc"] {
        generate.arg(format!("--{plugin}_out={}", module.path().display()));
        generate.arg(format!("--{plugin}_opt=module=treaty.test/clients"));
        generate.arg(format!(
            "--{plugin}_opt=Mgoogle/rpc/code.proto=google.golang.org/genproto/googleapis/rpc/code"
        ));
        for file in protos() {
            let package = file.rsplit_once('/').unwrap().0;
            generate.arg(format!("--{plugin}_opt=M{file}=treaty.test/clients/gen/{package}"));
        }
    }
    run(generate.args(protos()));
    let program = module.path().join("clients");
    build(Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module.path()));
    let mesh = Mesh::start();
    let said = run(Command::new(program).arg(mesh.gateway.to_string()).arg(mesh.ca()));
    assert!(said.contains("all as promised"), "{said}");
}

struct Grpcurl<'a>(&'a Mesh);

impl Grpcurl<'_> {
    fn command(&self, data: Option<&str>) -> Command {
        let mut command = Command::new("grpcurl");
        command.arg("-cacert").arg(self.0.ca()).args(["-max-time", "20"]);
        if let Some(data) = data {
            command.args(["-d", data]);
        }
        command
    }

    fn plain(&self, args: &[&str]) -> String {
        run(self.command(None).arg(self.0.gateway.to_string()).args(args))
    }

    fn call(&self, data: &str, method: &str) -> Value {
        let answer = run(self.command(Some(data)).arg(self.0.gateway.to_string()).arg(method));
        serde_json::from_str(&answer).unwrap_or(Value::String(answer))
    }

    fn failure(&self, data: &str, method: &str) -> String {
        let output = output(self.command(Some(data)).arg(self.0.gateway.to_string()).arg(method));
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn grpcurl_lists_describes_and_calls_without_a_file() {
    if !available("grpcurl", Command::new("grpcurl").arg("-version")) {
        return;
    }
    let mesh = Mesh::start();
    let grpcurl = Grpcurl(&mesh);
    let list = grpcurl.plain(&["list"]);
    for service in ["shop.catalog.v1.Catalog", "shop.inventory.v1.Inventory", "shop.orders.v1.Orders"] {
        assert!(list.lines().any(|line| line == service), "{list}");
    }
    assert!(!list.contains("treaty.v1"), "the mesh's own services are not public: {list}");
    let described = grpcurl.plain(&["describe", "shop.orders.v1.Orders.PlaceOrder"]);
    assert!(
        described.contains("PlaceOrderRequest") && described.contains("timeout"),
        "options survive: {described}"
    );

    let order = r#"{"order":{"customer":{"email":"ada@example.com"},"lines":[{"product":"products/espresso-beans","quantity":2}]}}"#;
    let placed = grpcurl.call(order, "shop.orders.v1.Orders/PlaceOrder");
    assert_eq!(placed["state"], "CONFIRMED", "{placed:#}");
    let parcels = r#"{"product":"products/espresso-beans","quantity":3}{"product":"products/espresso-beans","quantity":4}"#;
    let summary = grpcurl.call(parcels, "shop.inventory.v1.Inventory/DeliverStock");
    assert_eq!(
        (&summary["parcels"], &summary["quantity"]),
        (&Value::from(2), &Value::from("7")),
        "{summary:#}"
    );
    let stock =
        grpcurl.call(r#"{"add":["products/espresso-beans"]}"#, "shop.inventory.v1.Inventory/WatchStock");
    assert_eq!(stock["stockItem"]["product"], "products/espresso-beans", "{stock:#}");

    let unknown = grpcurl.failure(r#"{"name":"products/unobtainium"}"#, "shop.catalog.v1.Catalog/GetProduct");
    assert!(unknown.contains("NotFound") && unknown.contains("ResourceInfo"), "{unknown}");
    let broken = r#"{"order":{"customer":{"email":"ada"},"lines":[{"product":"products/sencha"}]}}"#;
    let broken = grpcurl.failure(broken, "shop.orders.v1.Orders/PlaceOrder");
    for part in ["InvalidArgument", "order.customer.email", "order.lines[0].quantity", "BadRequest"] {
        assert!(broken.contains(part), "{part}: {broken}");
    }
    assert!(broken.contains("\"ruleId\"") && broken.contains("string.email"), "{broken}");
    let hidden = grpcurl.failure("{}", "shop.catalog.v1.Catalog/UpdateProduct");
    assert!(hidden.contains("Unimplemented") && hidden.contains("METHOD_NOT_PUBLIC"), "{hidden}");
}

#[test]
fn python_without_a_proxy_is_an_xds_client_of_the_control_plane() {
    if !python_is_there() {
        return;
    }
    let mesh = Mesh::start();
    let folder = mesh.dir.path().join("agent");
    let config = mesh.config("shop/reports");
    let set = mesh.dir.path().join("catalog.binpb");
    std::fs::write(&set, contracts::shop::catalog::v1::CONTRACT).unwrap();
    let mut agent = Command::new(crate::support::treaty());
    agent.args(["agent", "--dir"]).arg(&folder).arg("--consume").arg(&set);
    agent.env("TREATY_CONTROL", &config.control).env("TREATY_TRUST_BUNDLE", &config.trust_bundle);
    agent.env("TREATY_JOIN_TOKEN_FILE", &config.join_token_file);
    let mut agent = Running::start(agent.stderr(Stdio::piped()));
    wait_for_line(agent.stderr.take().unwrap(), "the files are there");
    let mut command = Command::new(python());
    command.arg(client("python/proxyless.py")).arg(python_stubs());
    command.env("GRPC_XDS_BOOTSTRAP", folder.join("bootstrap.json"));
    let mut python = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
    wait_for_line(python.stdout.take().unwrap(), "all as promised");
    let clients = mesh.status()["ads_clients"].clone();
    let foreign = clients.as_array().unwrap().iter().find(|client| client["workload"] == "shop/reports");
    let foreign = foreign.unwrap_or_else(|| panic!("{clients:#}"));
    assert!(!foreign["not_enforced"].as_array().unwrap().is_empty(), "{foreign:#}");
    assert!(foreign["types"].as_array().unwrap().iter().all(|kind| kind["nack"] == ""), "{foreign:#}");
}

fn wait_for_line(pipe: impl std::io::Read, wanted: &str) {
    use std::io::{BufRead, BufReader};
    let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(wanted)), "the process ended without saying `{wanted}`");
}
