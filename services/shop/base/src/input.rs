//! Complaints about a request: which field, and what would be right.

/// One field that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The field's path in the request: "order.lines[1].quantity".
    pub field: String,
    /// What it should be, for people.
    pub description: String,
}

/// Everything that is wrong with a request; never empty as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.summary())]
pub struct Complaints(Vec<Complaint>);

impl Complaints {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single one.
    pub fn one(field: impl Into<String>, description: impl Into<String>) -> Self {
        let mut complaints = Self::new();
        complaints.add(field, description);
        complaints
    }

    /// One more.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push(Complaint { field: field.into(), description: description.into() });
    }

    /// One more, unless `fine`.
    pub fn require(&mut self, fine: bool, field: &str, description: &str) {
        if !fine {
            self.add(field, description);
        }
    }

    /// One more if `text` has more than `most` characters. The text itself is not repeated.
    pub fn require_short(&mut self, text: &str, most: usize, field: &str) {
        if text.chars().count() > most {
            self.add(field, format!("must not have more than {most} characters"));
        }
    }

    /// All of them, if there are any.
    ///
    /// # Errors
    /// These complaints.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// In the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Complaint> {
        self.0.iter()
    }

    fn summary(&self) -> String {
        let each: Vec<_> = self.0.iter().map(|c| format!("{} {}", c.field, c.description)).collect();
        each.join("; ")
    }
}
