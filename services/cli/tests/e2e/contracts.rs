//! The contract tool against a mesh that runs.

use crate::support::Mesh;
use serde_json::Value;
use std::{fs, path::Path, process::Output};

const PROTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

/// A copy of the shop's contracts, with what `change` makes of the catalogue's.
fn changed(to: &Path, change: impl Fn(String) -> String) {
    let mut pending = vec![Path::new(PROTO).join("shop")];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let copy = to.join(path.strip_prefix(PROTO).unwrap());
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let is_catalog = path.ends_with("catalog/v1/catalog.proto");
            fs::write(copy, if is_catalog { change(text) } else { text }).unwrap();
        }
    }
}

#[test]
fn a_change_is_held_against_who_is_live_and_nobody_else() {
    let mesh = Mesh::start();
    let breaking = |path: &str, more: &[&str]| {
        mesh.treaty(&[&["contract", "breaking", "--against", "mesh", path], more].concat())
    };
    let same = breaking(PROTO, &[]);
    assert!(same.status.success(), "{}", said(&same));
    assert!(said(&same).contains("shop/orders"), "{}", said(&same));

    let proto = mesh.dir.path().join("next");
    changed(&proto, |text| text.replace("shop.money.v1.Money price = 5", "shop.money.v1.Money price = 9"));
    let renumbered = breaking("next", &["--output", "json"]);
    assert_eq!(renumbered.status.code(), Some(1), "{}", said(&renumbered));
    let report = json(&renumbered);
    let uses: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().flat_map(|f| f["uses"].as_array().unwrap()).collect();
    assert!(uses.iter().any(|at| at["consumer"] == "shop/orders"), "{report:#}");
    assert!(uses.iter().any(|at| at["path"].as_str().unwrap().contains("price")), "{report:#}");
    // Whoever does not serve it gets no calls of it, whoever is not there is told, and nobody is said to call nothing.
    let elsewhere = breaking("next", &["--workload", "shop/inventory"]);
    assert!(!said(&elsewhere).contains("nobody live calls shop.catalog"), "{}", said(&elsewhere));
    let nobody = breaking("next", &["--workload", "no/body"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", said(&nobody));
    assert!(said(&nobody).contains("nobody registers as no/body"), "{}", said(&nobody));
    let unsound = mesh.dir.path().join("unsound");
    changed(&unsound, |text| text.replacen("timeout: \"", "timeout: \"3 parsecs, or ", 1));
    let unsound = breaking("unsound", &[]);
    assert_eq!(unsound.status.code(), Some(1), "{}", said(&unsound));
    assert!(said(&unsound).contains("in the contract itself: the mesh refuses it"), "{}", said(&unsound));
    assert!(!said(&unsound).contains("nobody live calls"), "{}", said(&unsound));
    // Nothing was deployed by asking.
    assert!(breaking(PROTO, &[]).status.success());
}

#[test]
fn contracts_are_exported_from_the_mesh_and_from_its_gateway() {
    let mesh = Mesh::start();
    let service = "shop.catalog.v1.Catalog";
    let export = ["contract", "export", "mesh", "--services", service, "--format", "json", "-o", "-"];
    let exported = mesh.treaty(&export);
    let names = |output: &Output| {
        let files = json(output)["file"].as_array().unwrap().clone();
        files.iter().map(|file| file["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(names(&exported).contains(&"shop/catalog/v1/catalog.proto".to_owned()), "{}", said(&exported));
    let shop = format!("{PROTO}/shop");
    let same = mesh.treaty(&["contract", "diff", "mesh", &shop, "--output", "json"]);
    assert_eq!(json(&same)["changes"].as_array().unwrap().len(), 0, "{}", said(&same));

    let (gateway, ca) = (format!("grpcs://{}", mesh.gateway), mesh.ca());
    let outside = ["contract", "export", &gateway, "--format", "json", "-o", "-"];
    let trusted = mesh.treaty(&[&outside[..], &["--ca", ca.to_str().unwrap()]].concat());
    assert!(names(&trusted).contains(&"shop/catalog/v1/catalog.proto".to_owned()), "{}", said(&trusted));
    assert!(mesh.treaty(&[&outside[..], &["--insecure"]].concat()).status.success());
    let unknown = mesh.treaty(&outside);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("invalid peer certificate"), "{}", said(&unknown));
}
