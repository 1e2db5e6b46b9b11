//! The site as a whole.

use super::{
    example::text_of,
    site::{Look, Page, Site},
};
use contract::{Contract, compile};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

fn look() -> Look {
    Look { title: "Contracts".to_owned(), address: "127.0.0.1:50051".to_owned() }
}

fn shop() -> Vec<Page> {
    let proto = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto"));
    let set = compile::paths(&[proto], &[]).unwrap().bytes;
    Site::of(&Contract::read(set).unwrap(), look()).unwrap().pages()
}

fn of_text(text: &str) -> Vec<Page> {
    let set = compile::texts(&[("t/v1/t.proto", text)]).unwrap().bytes;
    Site::of(&Contract::read(set).unwrap(), look()).unwrap().pages()
}

/// The values of an attribute, entities resolved.
fn attributes(page: &str, name: &str) -> Vec<String> {
    let mark = format!(" {name}=\"");
    let values = page.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next());
    values.map(|value| value.replace("&amp;", "&").replace("&lt;", "<")).collect()
}

fn resolved(from: &str, to: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_somewhere() {
    for pages in [shop(), of_text(HOSTILE), of_text(&circle(600))] {
        let ids: BTreeMap<&str, Vec<String>> =
            pages.iter().map(|page| (page.path.as_str(), attributes(&page.text, "id"))).collect();
        let mut checked = 0;
        for page in pages.iter().filter(|page| page.path.ends_with(".html")) {
            let links = [attributes(&page.text, "href"), attributes(&page.text, "src")].concat();
            for link in links.iter().filter(|link| !link.starts_with("http")) {
                let (path, id) = link.split_once('#').unwrap_or((link, ""));
                let path = if path.is_empty() { page.path.clone() } else { resolved(&page.path, path) };
                let there =
                    ids.get(path.as_str()).unwrap_or_else(|| panic!("{}: {link} leads nowhere", page.path));
                assert!(id.is_empty() || there.iter().any(|known| known == id), "{}: {link}", page.path);
                checked += 1;
            }
        }
        assert!(checked > 20, "{checked}");
    }
}

/// What the search finds, with where it leads to, as the script of the pages makes it.
fn found(pages: &[Page]) -> Vec<(String, String)> {
    let text = &pages.iter().find(|page| page.path == "search.js").unwrap().text;
    let (paths, entries) = text.split_once(";\nwindow.treatySearch = ").unwrap();
    let paths: Vec<String> = serde_json::from_str(paths.trim_start_matches("window.treatyPages = ")).unwrap();
    let entries: Vec<(String, String, String, usize, String)> =
        serde_json::from_str(entries.trim_end().trim_end_matches(';')).unwrap();
    let address = |(kind, title, within, page, _): (String, String, String, usize, String)| {
        let id = match kind.as_str() {
            "service" => String::new(),
            "method" => title,
            "message" | "enum" => within,
            _ => format!("{within}.{title}"),
        };
        (paths[page].clone(), id)
    };
    entries.into_iter().map(address).collect()
}

#[test]
fn what_is_searched_is_found_where_it_is_said_to_be() {
    for pages in [shop(), of_text(&circle(600))] {
        let ids: BTreeMap<&str, BTreeSet<String>> = pages
            .iter()
            .map(|page| (page.path.as_str(), attributes(&page.text, "id").into_iter().collect()))
            .collect();
        let found = found(&pages);
        for (path, id) in &found {
            assert!(id.is_empty() || ids[path.as_str()].contains(id), "{path}#{id}");
        }
        assert!(found.len() > 100);
    }
    assert!(found(&shop()).iter().any(|(_, id)| id == "PlaceOrder"));
}

/// So many types that all lead to each other, and a method for every tenth.
fn circle(types: usize) -> String {
    let mut text = "syntax = \"proto3\"; package t.v1; service Big {\n".to_owned();
    for n in (0..types).step_by(10) {
        text += &format!("rpc Do{n}(M{n}) returns (M{});\n", (n + 7) % types);
    }
    text += "}\n";
    for n in 0..types {
        let [next, far] = [n + 1, 3 * n + 2].map(|to| to % types);
        text += &format!("message M{n} {{ string name = 1; M{next} next = 2; repeated M{far} far = 3; }}\n");
    }
    text
}

/// What many methods have in common is said once: neither on each page, nor in each example.
#[test]
fn types_that_all_lead_to_each_other_are_shown_once() {
    let pages = of_text(&circle(600));
    let size: usize = pages.iter().map(|page| page.text.len()).sum();
    assert!(size < 2_000_000, "{size}");
    let shown = |page: &Page| page.text.matches("<article class=\"card entity\"").count();
    let packages = pages.iter().filter(|page| page.path.starts_with("packages/"));
    let counts: Vec<_> = packages.map(|page| (page.path.as_str(), shown(page))).collect();
    let part = |n: u32| format!("packages/t.v1.{n}.html");
    let expected = [(part(1), 250), (part(2), 250), (part(3), 100), ("packages/t.v1.html".to_owned(), 0)];
    assert_eq!(counts, expected.each_ref().map(|(path, count)| (path.as_str(), *count)));
    let service = pages.iter().find(|page| page.path == "services/t.v1.Big.html").unwrap();
    assert_eq!(shown(service), 120, "what its methods take and return");
    assert!(service.text.contains("480 types more"));
}

const HOSTILE: &str = r##"syntax = "proto3";
package t.v1;
import "buf/validate/validate.proto";
import "treaty/v1/options.proto";
// </style><script>alert("service")</script> & "quotes" [x](javascript:alert(1)) <img src="https://e.example/x.png">
service Things {
  option (treaty.v1.service) = { owner: "<b onmouseover=alert(1)>me</b>" allow: "*" };
  // <script>alert('method')</script> ![i](https://e.example/i.png)
  rpc Get(Thing) returns (Thing);
}
// <iframe src="//e.example"></iframe>
message Thing {
  // "</code><script>alert(1)</script>" by way of example.
  string name = 1 [(buf.validate.field).string.pattern = "^[a-z</>&'\"]{2,}$"];
  string quoted = 2 [(buf.validate.field).string.const = "it's </pre><script>alert(2)</script>"];
  repeated Thing things = 3;
  map<string, Kind> kinds = 4;
  oneof what { option (buf.validate.oneof).required = true; int32 one = 5; string two = 6; }
}
// <svg onload=alert(1)>
enum Kind {
  NONE = 0; // <script>alert(3)</script>
  SOME = 1;
}
"##;

#[test]
fn what_contracts_say_is_text_and_nothing_else() {
    for page in of_text(HOSTILE).iter().filter(|page| page.path.ends_with(".html")) {
        let Page { path, text } = page;
        let body = text.split("<body>").nth(1).unwrap();
        assert_eq!(body.matches("<script").count(), 2, "{path}: the search, and our own");
        for mark in
            ["<img", "<iframe", "<svg onload", "<b onmouseover", "<style", "</style", " onload=", " style="]
        {
            let ours = body.split("<script>").next().unwrap();
            let tags = ours.split('<').skip(1).filter_map(|rest| rest.split('>').next());
            assert!(!tags.map(|tag| format!("<{tag}")).any(|tag| tag.contains(mark)), "{path}: {mark}");
        }
        assert!(!attributes(text, "href").iter().any(|link| link.starts_with("javascript")), "{path}");
        assert_eq!(text.matches("<style>").count(), text.matches("</style>").count(), "{path}");
        for loaded in [" src=\"http", " src=\"//", "@import", "url("] {
            assert!(!text.contains(loaded), "{path}: {loaded}");
        }
    }
}

#[test]
fn examples_are_commands_that_a_shell_reads_back() {
    let pages = of_text(HOSTILE);
    let page = pages.iter().find(|page| page.path == "services/t.v1.Things.html").unwrap();
    let call = page.text.split("<pre><code>").nth(1).unwrap().split("</code></pre>").next().unwrap();
    let call = text_of(call);
    let echo = call.replacen("grpcurl", "printf '%s\\n'", 1);
    let output = std::process::Command::new("sh").arg("-c").arg(echo).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    let message = words.split_once("-d\n").unwrap().1.split_once("\n127.0.0.1").unwrap().0;
    let message: serde_json::Value = serde_json::from_str(message).unwrap();
    assert_eq!(message["quoted"], "it's </pre><script>alert(2)</script>");
}

#[test]
fn the_site_is_the_same_each_time() {
    let (one, other) = (shop(), shop());
    assert!(one.iter().zip(&other).all(|(one, other)| one.path == other.path && one.text == other.text));
    let paths: Vec<&str> = one.iter().map(|page| page.path.as_str()).collect();
    for path in ["index.html", "services/shop.orders.v1.Orders.html", "packages/shop.money.v1.html"] {
        assert!(paths.contains(&path), "{paths:?}");
    }
}

#[test]
fn a_page_says_what_there_is_to_say() {
    let set = compile::texts(&[("shop/v1/till.proto", TILL)]).unwrap().bytes;
    let pages = Site::of(&Contract::read(set).unwrap(), look()).unwrap().pages();
    let page = pages.iter().find(|page| page.path == "services/shop.v1.Till.html").unwrap();
    let main = page.text.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    insta::assert_snapshot!(lines(main));
}

#[test]
fn messages_without_services_are_shown_too() {
    let pages =
        of_text("syntax = \"proto3\"; package t.v1; message A { B b = 1; } message B {} enum E { Z = 0; }");
    let page = pages.iter().find(|page| page.path == "packages/t.v1.html").unwrap();
    assert!(page.text.contains("id=\"t.v1.A\"") && page.text.contains("href=\"#t.v1.B\""));
}

/// One tag or text a line: what changed can be seen.
fn lines(html: &str) -> String {
    html.replace('<', "\n<").replace('>', ">\n").lines().map(str::trim).filter(|line| !line.is_empty()).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    )
}

const TILL: &str = r#"syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "treaty/v1/options.proto";
// The till.
service Till {
  option (treaty.v1.service) = { owner: "shop" allow: "shop/web" defaults: { timeout: "2s" } };
  // Takes the `amount`.
  rpc Pay(PayRequest) returns (PayResponse) {
    option idempotency_level = IDEMPOTENT;
    option (google.api.http) = { post: "/v1/pay" body: "*" };
    option (treaty.v1.method) = { stability: BETA };
  }
}
// What to pay.
message PayRequest {
  // In cents.
  int64 amount = 1 [(buf.validate.field).int64 = {gte: 1, lt: 1000000}];
  // "tok_1".
  string card = 2 [debug_redact = true, (buf.validate.field) = {required: true, string: {min_len: 4, max_len: 64}}];
  // How.
  Way way = 3 [(buf.validate.field).enum = {defined_only: true, not_in: 0}];
}
// How to pay.
enum Way {
  WAY_UNSPECIFIED = 0;
  // By card.
  CARD = 1;
}
message PayResponse {}
"#;

/// grpcurl takes a mask for an object; what it takes for one is in `grpcurl.rs`.
#[test]
fn calls_are_written_as_grpcurl_reads_them() {
    let path = super::links::of_service("shop.catalog.v1.Catalog");
    let pages = shop();
    let page = text_of(&pages.iter().find(|page| page.path == path).unwrap().text);
    assert!(page.contains("\"updateMask\": {\n    \"paths\": [\n      \"display_name\"\n    ]"), "{page}");
}

#[test]
fn a_time_that_will_be_too_old_is_pointed_at() {
    let pages = of_text(
        "syntax = 'proto3'; package t.v1; import 'buf/validate/validate.proto'; import 'google/protobuf/timestamp.proto';
         service S { rpc Do(Q) returns (R); } message R {} message Q { I inner = 1; }
         message I { google.protobuf.Timestamp seen = 1 [(buf.validate.field).timestamp = {lt_now: true, within: {seconds: 10}}];
           google.protobuf.Timestamp made = 2 [(buf.validate.field).timestamp.lt_now = true]; }",
    );
    let page = &pages.iter().find(|page| page.text.contains("grpcurl -plaintext")).unwrap().text;
    assert!(page.contains("<code>inner.seen</code> counts only near the time of the call"), "{page}");
    assert!(!page.contains("<code>inner.made</code> counts only"), "{page}");
}

#[test]
fn a_type_without_an_end_is_no_example_and_no_end() {
    let pages = of_text(
        "syntax = 'proto3'; package t.v1; import 'buf/validate/validate.proto'; service S { rpc Do(Q) returns (R); }
         message Q {} message R { repeated R kids = 1 [(buf.validate.field).repeated.min_items = 1]; }",
    );
    let said = pages.iter().find(|page| page.text.contains("No example: ")).unwrap();
    assert!(
        said.text.contains("a t.v1.R has no end") && said.text.contains("repeated.min_items = 1"),
        "{}",
        said.text
    );
}

#[test]
fn of_a_mesh_it_is_said_what_was_called() {
    use contracts::treaty::v1::{ConsumedMethod, Consumer};
    let set = compile::paths(&[PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto"))], &[]);
    let mut site = Site::of(&Contract::read(set.unwrap().bytes).unwrap(), look()).unwrap();
    let plain = site.pages();
    let (catalog, page) = ("shop.catalog.v1.Catalog", |pages: &[Page], path: &str| {
        pages.iter().find(|page| page.path == path).unwrap().text.clone()
    });
    let consumer = |workload: &str, methods: &[(&str, u64)]| Consumer {
        workload: workload.to_owned(),
        methods: methods
            .iter()
            .map(|(name, calls)| ConsumedMethod {
                method: (*name).to_owned(),
                calls: *calls,
                ..Default::default()
            })
            .collect(),
        ..Consumer::default()
    };
    let mut calls = super::calls::Calls::default();
    let orders = consumer("shop/orders", &[("GetProduct", 0), ("BatchGetProducts", 3)]);
    calls.add(catalog, vec![orders, consumer("treaty/gateway", &[("GetProduct", 1)])]);
    calls.add(catalog, vec![consumer("shop/<b>", &[("ListProducts", 1)])]);
    site.calls = Some(calls);
    let live = site.pages();

    let index = page(&live, "index.html");
    assert!(index.contains("Who calls whom") && page(&plain, "index.html").contains("Who may call whom"));
    for seen in [
        "shop/orders → shop.catalog.v1.Catalog: has called BatchGetProducts; may call",
        "outside, through the gateway → shop.catalog.v1.Catalog: has called GetProduct; may call",
        "shop/&lt;b&gt; → shop.catalog.v1.Catalog: has called ListProducts<",
    ] {
        assert!(index.contains(seen), "{seen}");
    }
    assert!(index.contains("edge seen") && index.contains("edge unseen") && !index.contains("<b>"));
    let path = super::links::of_service(catalog);
    assert!(page(&live, &path).contains("Who has called") && page(&live, &path).contains("nobody yet"));
    assert!(!page(&plain, &path).contains("Who has called"));
}
