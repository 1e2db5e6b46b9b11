//! What fields of certain names usually hold.

use super::Want;
use crate::dice::Dice;

const THINGS: [&str; 24] = [
    "espresso-beans",
    "blue-teapot",
    "oak-table",
    "linen-shirt",
    "desk-lamp",
    "travel-mug",
    "wool-blanket",
    "paper-notebook",
    "garden-shears",
    "cast-iron-pan",
    "running-shoes",
    "rain-jacket",
    "chess-set",
    "bread-knife",
    "wall-clock",
    "reading-chair",
    "picnic-basket",
    "brass-compass",
    "canvas-bag",
    "river-stones",
    "maple-syrup",
    "cotton-towel",
    "bicycle-bell",
    "sun-hat",
];

const PEOPLE: [&str; 10] = [
    "Ada Lovelace",
    "Grace Hopper",
    "Alan Turing",
    "Barbara Liskov",
    "Edsger Dijkstra",
    "Katherine Johnson",
    "Donald Knuth",
    "Radia Perlman",
    "Tony Hoare",
    "Frances Allen",
];

const PLACES: [(&str, &str, &str, &str); 4] = [
    ("Berlin", "DE", "Lindenstraße 7", "10969"),
    ("Lisbon", "PT", "Rua das Flores 12", "1200-195"),
    ("Utrecht", "NL", "Oudegracht 44", "3511 AR"),
    ("Portland", "US", "18 Alder Street", "97205"),
];

fn at<T>(list: &[T], theme: u64) -> Option<&T> {
    usize::try_from(theme.checked_rem(list.len() as u64)?).ok().and_then(|at| list.get(at))
}

/// "blue-teapot"; never the same for two themes that follow each other, however many.
pub(crate) fn slug(theme: u64) -> String {
    let round = theme / THINGS.len() as u64;
    let thing = at(&THINGS, theme).copied().unwrap_or("thing");
    if round == 0 { thing.to_owned() } else { format!("{thing}-{}", round + 1) }
}

/// The theme of a slug that this module made.
pub(crate) fn theme_of(slug: &str) -> Option<u64> {
    THINGS.iter().position(|thing| *thing == slug).and_then(|at| u64::try_from(at).ok())
}

/// Whether this module makes such slugs, the later ones of a theme too.
pub(crate) fn is_slug(text: &str) -> bool {
    let first = text.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    theme_of(text).or_else(|| theme_of(first)).is_some()
}

/// "Blue teapot".
fn title(theme: u64) -> String {
    title_of(&slug(theme))
}

/// "Blue teapot" of "blue-teapot".
pub(crate) fn title_of(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn person(theme: u64) -> &'static str {
    at(&PEOPLE, theme).copied().unwrap_or("Ada Lovelace")
}

/// What a text field of this name holds.
pub(crate) fn text(want: &Want<'_>, dice: &mut Dice) -> String {
    let name = want.name.to_ascii_lowercase();
    by_whole_name(&name, want, dice)
        .or_else(|| by_last_word(&name, want, dice))
        .unwrap_or_else(|| title(want.theme))
}

fn by_whole_name(name: &str, want: &Want<'_>, dice: &mut Dice) -> Option<String> {
    let theme = want.theme;
    Some(match name {
        "name" | "resource" => own_name(want),
        "parent" => "shops/main".to_owned(),
        "display_name" | "title" | "label" | "subject" | "headline" => named(want),
        "description" | "summary" | "text" | "body" | "content" | "details" => {
            format!("{}, made to last.", title(theme))
        }
        "note" | "comment" | "remark" => "Please ring twice.".to_owned(),
        "message" | "greeting" => "Hello!".to_owned(),
        "reason" | "cancel_reason" => "Asked for by the customer.".to_owned(),
        "email" | "mail" | "email_address" => email(theme),
        "full_name" | "author" | "customer_name" | "user_name" | "contact" => person(theme).to_owned(),
        "first_name" | "given_name" => person(theme).split(' ').next().unwrap_or_default().to_owned(),
        "last_name" | "family_name" | "surname" => {
            person(theme).rsplit(' ').next().unwrap_or_default().to_owned()
        }
        "currency_code" | "currency" => "EUR".to_owned(),
        "language_code" | "language" | "locale" => "en".to_owned(),
        "time_zone" | "timezone" => "Europe/Berlin".to_owned(),
        "page_token" | "next_page_token" | "cursor" | "continuation_token" => {
            format!("p{:011x}", dice.next() >> 20)
        }
        "filter" => "state = ACTIVE".to_owned(),
        "order_by" => "create_time desc".to_owned(),
        "category" | "kind" | "type" | "group" => "household".to_owned(),
        "color" | "colour" => at(&["blue", "green", "red", "white"], theme)?.to_string(),
        "host" | "hostname" | "domain" => "example.com".to_owned(),
        "path" | "file" | "filename" | "file_name" => format!("{}.txt", slug(theme)),
        "mime_type" | "content_type" | "media_type" => "text/plain".to_owned(),
        "user_agent" => "curl/8.5.0".to_owned(),
        _ => return None,
    })
}

fn by_last_word(name: &str, want: &Want<'_>, dice: &mut Dice) -> Option<String> {
    let (city, country, street, code) = at(&PLACES, want.theme).copied()?;
    Some(match name.rsplit('_').next().unwrap_or(name) {
        "id" | "uid" | "uuid" | "guid" | "key" => identifier(name, dice),
        "email" => email(want.theme),
        "phone" | "telephone" | "mobile" => format!("+4930{:07}", dice.below(10_000_000)),
        "country" => country.to_owned(),
        "region" if name.contains("code") => country.to_owned(),
        "city" | "town" | "locality" => city.to_owned(),
        "street" => street.to_owned(),
        "address" if name.starts_with("ip") => format!("192.0.2.{}", 1 + dice.below(250)),
        "address" => format!("{street}\n{code} {city}"),
        "zip" | "postcode" => code.to_owned(),
        "code" if name.starts_with("postal") || name.starts_with("zip") => code.to_owned(),
        "code" if name.starts_with("country") || name.starts_with("region") => country.to_owned(),
        "code" => slug(want.theme).to_ascii_uppercase().replace('-', "_"),
        "sku" => format!("SKU-{:05}", dice.below(100_000)),
        "url" | "uri" | "link" | "website" | "homepage" => {
            format!("https://example.com/{}", slug(want.theme))
        }
        "token" | "secret" | "password" | "nonce" => format!("{:016x}", dice.next()),
        "etag" | "hash" | "checksum" | "digest" | "fingerprint" => format!("{:016x}", dice.next()),
        "version" | "revision" => format!("1.{}.{}", dice.below(9), dice.below(20)),
        "ip" => format!("192.0.2.{}", 1 + dice.below(250)),
        "date" | "day" | "birthday" => format!("2026-0{}-1{}", 1 + dice.below(9), dice.below(9)),
        "tag" | "tags" | "labels" | "keyword" | "keywords" => slug(want.theme),
        "slug" | "handle" | "login" | "username" => slug(want.theme),
        "user" | "owner" | "creator" | "assignee" | "recipient" | "sender" => person(want.theme).to_owned(),
        _ => return None,
    })
}

/// What something is called before people.
fn named(want: &Want<'_>) -> String {
    if is_person(want.noun) { person(want.theme).to_owned() } else { title(want.theme) }
}

/// "products/blue-teapot" of what has a display name besides, or of a request that asks for one; else a name
/// before people.
fn own_name(want: &Want<'_>) -> String {
    if want.titled { format!("{}/{}", plural(want.noun), slug(want.theme)) } else { named(want) }
}

fn is_person(noun: &str) -> bool {
    const PEOPLE: [&str; 12] = [
        "User",
        "Customer",
        "Person",
        "Contact",
        "Author",
        "Employee",
        "Member",
        "Recipient",
        "Patient",
        "Student",
        "Driver",
        "Account",
    ];
    PEOPLE.contains(&noun)
}

/// "stockItems" of "StockItem" (<https://google.aip.dev/122>).
fn plural(noun: &str) -> String {
    let mut letters = noun.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    let noun: String = first.into_iter().chain(letters).collect();
    match noun.strip_suffix('y') {
        Some(stem) if !noun.ends_with("ay") && !noun.ends_with("ey") => format!("{stem}ies"),
        _ if noun.ends_with('s') => noun,
        _ => format!("{noun}s"),
    }
}

fn email(theme: u64) -> String {
    format!("{}@example.com", person(theme).to_ascii_lowercase().replace(' ', "."))
}

/// A UUID for what names one request; else something short.
fn identifier(name: &str, dice: &mut Dice) -> String {
    if name.contains("request")
        || name.contains("uuid")
        || name.contains("guid")
        || name.contains("idempotency")
    {
        uuid(dice)
    } else {
        let of = name.trim_end_matches("id").trim_end_matches('_');
        let of = if of.is_empty() { "id" } else { of };
        format!("{}-{:04x}", of.replace('_', "-"), dice.below(0x1_0000))
    }
}

/// Of version 4.
pub(crate) fn uuid(dice: &mut Dice) -> String {
    let (high, low) = (dice.next(), dice.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        8 + (low >> 62),
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    )
}
