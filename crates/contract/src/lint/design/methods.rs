//! Services and their methods.

use crate::{
    lint::{
        judge::Judge,
        set::{
            FileAt, Set,
            descriptor::{self, kind},
            own_name,
        },
        standard::Version,
    },
    model::{Contract, Method, Service},
};

pub(super) fn check(contract: &Contract, set: &Set<'_>, file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for at in &file.services {
        let Some(service) = contract.service(&at.name) else { continue };
        of_service(service, judge);
        for ((position, declared), method) in (0..).zip(&at.it.method).zip(&service.methods) {
            let path = [at.path.as_slice(), &[2, position]].concat();
            Rules { set, file, path: &path, declared, method, service }.check(judge);
        }
    }
    imports(set, file, judge);
}

fn of_service(service: &Service, judge: &mut Judge<'_>) {
    let name = &service.name;
    if service.policy.owner.value.trim().is_empty() {
        let message = format!("nobody answers for {name}");
        let remedy = "name the team: option (treaty.v1.service).owner = \"…\"";
        judge.found("missing-owner", service.origin.clone(), message, remedy);
    }
    if service.methods.is_empty() {
        let message = format!("{name} has no methods");
        judge.found(
            "service-without-methods",
            service.origin.clone(),
            message,
            "declare it when there is one",
        );
    }
}

fn imports(set: &Set<'_>, file: &FileAt<'_>, judge: &mut Judge<'_>) {
    if !Version::of_package(&file.file.package).is_some_and(|version| version.stable) {
        return;
    }
    for (position, import) in (0..).zip(&file.file.dependency) {
        let Some(package) = set.package_of(import) else { continue };
        if Version::of_package(package).is_some_and(|version| !version.stable) {
            let message = format!("`{}` is stable, and imports `{package}`, which is not", file.file.package);
            let remedy = "import a stable package, or promise less";
            judge.found("stable-imports-unstable", file.places.at(&[3, position]), message, remedy);
        }
    }
}

/// One method, and where it is.
struct Rules<'a> {
    set: &'a Set<'a>,
    file: &'a FileAt<'a>,
    path: &'a [i32],
    declared: &'a descriptor::Method,
    method: &'a Method,
    service: &'a Service,
}

impl Rules<'_> {
    fn check(&self, judge: &mut Judge<'_>) {
        self.foreign(judge);
        self.pages(judge);
        self.repetition(judge);
        self.mask(judge);
        self.deprecated(judge);
    }

    fn name(&self) -> String {
        format!("{}/{}", self.service.name, self.declared.name)
    }

    fn foreign(&self, judge: &mut Judge<'_>) {
        for (side, of_type) in [(2, &self.method.input), (3, &self.method.output)] {
            let Some((file, _)) = self.set.message(of_type) else { continue };
            if file.file.package != self.file.file.package {
                let message = format!("`{of_type}` belongs to another package than {}", self.name());
                let remedy = "declare a message for this method: it can grow with it";
                let origin = self.file.places.at(&[self.path, &[side]].concat());
                judge.found("foreign-request-type", origin, message, remedy);
            }
        }
    }

    fn pages(&self, judge: &mut Judge<'_>) {
        let lists =
            self.declared.name.strip_prefix("List").is_some_and(|rest| rest.starts_with(char::is_uppercase));
        if !lists || self.declared.server_streaming || self.declared.client_streaming {
            return;
        }
        let wanted = [
            (&self.method.input, "page_size"),
            (&self.method.input, "page_token"),
            (&self.method.output, "next_page_token"),
        ];
        let has = |of_type: &str, name: &str| self.field(of_type, |field| field.name == name);
        let missing: Vec<String> = wanted
            .iter()
            .filter(|(of_type, name)| !has(of_type, name))
            .map(|(of_type, name)| format!("`{}.{name}`", own_name(of_type)))
            .collect();
        if !missing.is_empty() {
            let message = format!("{} lists, and has no {}", self.name(), missing.join(", no "));
            let remedy = "add them: int32 page_size, string page_token, string next_page_token (AIP-158)";
            judge.found("list-without-pages", self.method.origin.clone(), message, remedy);
        }
    }

    fn repetition(&self, judge: &mut Judge<'_>) {
        let named = |field: &descriptor::Field| {
            ["request_id", "idempotency_key"].iter().any(|name| field.name.ends_with(name))
        };
        let streams = self.declared.client_streaming;
        if self.method.idempotent || streams || self.field(&self.method.input, named) {
            return;
        }
        let reads =
            ["Get", "List", "Search", "Read", "Watch", "Find", "Count", "Check", "Lookup", "Describe"];
        let own = &self.declared.name;
        let reads = reads
            .iter()
            .any(|verb| own.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(char::is_lowercase)));
        let message = format!("{} does not say what calling it twice does", self.name());
        let remedy = if reads {
            "write `option idempotency_level = NO_SIDE_EFFECTS;`"
        } else {
            "write `option idempotency_level = IDEMPOTENT;`, or let callers name the request: `string request_id`"
        };
        judge.found("repetition-unsaid", self.method.origin.clone(), message, remedy);
    }

    fn mask(&self, judge: &mut Judge<'_>) {
        let updates = self
            .declared
            .name
            .strip_prefix("Update")
            .is_some_and(|rest| !rest.starts_with(char::is_lowercase));
        let has_mask = |field: &descriptor::Field| field.type_name == ".google.protobuf.FieldMask";
        let changes = |field: &descriptor::Field| field.r#type == kind::MESSAGE;
        // Without a message there is nothing of which only a part could be meant.
        let (mask, changes) =
            (self.field(&self.method.input, has_mask), self.field(&self.method.input, changes));
        if updates && changes && !mask {
            let message = format!("{} does not say which fields it changes", self.name());
            let remedy = "add `google.protobuf.FieldMask update_mask` to its request (AIP-134)";
            judge.found("update-without-mask", self.method.origin.clone(), message, remedy);
        }
    }

    fn deprecated(&self, judge: &mut Judge<'_>) {
        let policy = &self.method.policy;
        let way_out = policy.replaced_by.value.is_some() || policy.sunset.value.is_some();
        if self.method.deprecated.value && !way_out {
            let message = format!(
                "{} is deprecated, and says neither what replaces it nor until when it stays",
                self.name()
            );
            let remedy = "write `replaced_by` or `sunset` in (treaty.v1.method)";
            judge.found("deprecated-without-way-out", self.method.deprecated.origin.clone(), message, remedy);
        }
    }

    fn field(&self, of_type: &str, is: impl Fn(&descriptor::Field) -> bool) -> bool {
        self.set.message(of_type).is_some_and(|(_, at)| at.it.field.iter().any(is))
    }
}
