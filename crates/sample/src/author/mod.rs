//! One attempt at a message.
//!
//! Every value is made from the seed, its own path and how often that path has been tried: an attempt that
//! differs from the one before in one path differs in that path only.

mod field;
mod hints;
mod well_known;

use crate::{
    dice::{self, Dice},
    limits::{self, Made},
    rules,
    sampler::Role,
    tree::{Message, Slot, Value},
    values::Hint,
};
use contract::{
    comments::Comments,
    schema::{self, Field, MessageId, Presence, Schema},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};
use validate::Needs;

/// Beyond this depth, of several fields of which one must be set, the one that leads least far is.
const DEEP: usize = 12;
/// What nobody asks for is no larger, in values.
const MODEST: u64 = 200;

/// What an attempt is made of.
pub(crate) struct Author<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) comments: &'a Comments,
    pub(crate) needs: &'a Needs,
    pub(crate) seed: u64,
    /// Nanoseconds since 1970.
    pub(crate) now: i128,
    pub(crate) role: Role,
    /// Beyond this many messages in one, only what must be there is.
    pub(crate) most: u32,
    /// How often each path was found wrong.
    pub(crate) tries: &'a HashMap<String, u32>,
    pub(crate) made: Made,
}

/// Where in the message something is made.
#[derive(Clone)]
pub(crate) struct Spot {
    /// As violations write it: `items[2].tags["a"].name`.
    pub(crate) path: String,
    /// Equal themes give values that belong together.
    pub(crate) theme: u64,
    /// How often something around it was found wrong.
    pub(crate) wild: u32,
    /// Differs with each attempt of something around it.
    pub(crate) salt: u64,
    /// What expressions around it mention.
    pub(crate) hints: Rc<Vec<Hint>>,
    /// The types around it.
    pub(crate) around: Rc<Vec<MessageId>>,
}

impl Spot {
    /// The whole message; of a theme, or of any.
    pub(crate) fn root(seed: u64, theme: Option<u64>) -> Self {
        let theme = theme.unwrap_or_else(|| Dice::of(seed, &[1]).below(24));
        let (hints, around) = (Rc::default(), Rc::default());
        Self { path: String::new(), theme, wild: 0, salt: 0, hints, around }
    }

    fn below(&self, step: &str) -> Self {
        let path = if self.path.is_empty() { step.to_owned() } else { format!("{}.{step}", self.path) };
        Self { path, ..self.clone() }
    }

    /// An item of a list or map.
    fn item(&self, subscript: &str, position: u64) -> Self {
        Self {
            path: format!("{}[{subscript}]", self.path),
            theme: self.theme.wrapping_add(position),
            ..self.clone()
        }
    }
}

impl Author<'_> {
    /// How often the path itself was found wrong.
    pub(crate) fn tried(&self, spot: &Spot) -> u32 {
        self.tries.get(&spot.path).copied().unwrap_or_default()
    }

    /// The spot as what is made there sees it: all attempts at it taken together.
    pub(crate) fn entered(&self, spot: &Spot) -> Spot {
        let tried = self.tried(spot);
        let wild = spot.wild.saturating_add(tried);
        let salt = Dice::of(spot.salt, &[u64::from(tried)]).next();
        Spot { wild, salt: if tried == 0 { spot.salt } else { salt }, ..spot.clone() }
    }

    pub(crate) fn dice(&self, spot: &Spot) -> Dice {
        Dice::of(self.seed, &[dice::hash(spot.path.as_bytes()), spot.salt])
    }

    pub(crate) fn message(&self, id: MessageId, spot: &Spot) -> Message {
        self.made.message();
        let mut spot = self.entered(spot);
        if let Some(known) = self.well_known(id, &spot) {
            return known;
        }
        let of = self.schema.message_at(id);
        let rules = rules::of_message(self.schema, of);
        spot.around = Rc::new([spot.around.as_slice(), &[id]].concat());
        if let Some(found) =
            rules.as_ref().map(|rules| hints::of(self.schema, rules)).filter(|h| !h.is_empty())
        {
            spot.hints = Rc::new([spot.hints.as_slice(), &found].concat());
        }
        let mut dice = self.dice(&spot);
        let left_out = self.left_out(of, rules.as_ref(), &spot, &mut dice);
        let mut fields = BTreeMap::new();
        for (position, field) in of.fields.iter().enumerate() {
            let at = spot.below(&field.name);
            let asked = self.tried(&at) > 0 && self.needs.to_set(field).is_some();
            let wanted = asked || self.needs.demands(id, position) || self.is_worth(of, field, &at);
            if left_out.contains(&position) || !wanted {
                continue;
            }
            if let Some(slot) = self.field(of, field, &at) {
                fields.insert(field.number, slot);
            }
        }
        Message { of: id, fields }
    }

    /// Positions of the fields that others exclude, and of those that this attempt does without.
    fn left_out(
        &self,
        of: &schema::Message,
        rules: Option<&Message>,
        spot: &Spot,
        dice: &mut Dice,
    ) -> HashSet<usize> {
        let mut left_out = HashSet::new();
        for oneof in &of.oneofs {
            let chosen = self.member(of, &oneof.fields, spot, dice);
            left_out.extend(oneof.fields.iter().copied().filter(|at| Some(*at) != chosen));
        }
        let groups = rules.map_or(&[][..], |rules| rules.list(self.schema, "oneof"));
        for group in groups {
            let Value::Message(group) = group else { continue };
            let names: Vec<&str> =
                group.list(self.schema, "fields").iter().filter_map(Value::as_str).collect();
            let named = |(at, field): (usize, &Field)| names.contains(&field.name.as_str()).then_some(at);
            let positions: Vec<usize> = of.fields.iter().enumerate().filter_map(named).collect();
            let free: Vec<usize> = positions.iter().copied().filter(|at| !left_out.contains(at)).collect();
            let chosen = self.member(of, &free, spot, dice);
            left_out.extend(positions.into_iter().filter(|at| Some(*at) != chosen));
        }
        if spot.wild > 0 && dice.chance(60) {
            let optional = |field: &Field| field.presence != Presence::Required && field.oneof.is_none();
            let some = of.fields.iter().enumerate().filter(|(_, field)| optional(field));
            left_out.extend(some.map(|(at, _)| at).filter(|_| dice.chance(30)));
        }
        left_out
    }

    /// The one of several fields that is set: rather one that leads no deeper.
    fn member(&self, of: &schema::Message, among: &[usize], spot: &Spot, dice: &mut Dice) -> Option<usize> {
        let asked = |at: &&usize| {
            of.fields.get(**at).is_some_and(|field| {
                let spot = spot.below(&field.name);
                self.tried(&spot) == 0 && self.is_worth(of, field, &spot)
            })
        };
        let worth: Vec<usize> = among.iter().filter(asked).copied().collect();
        if !worth.is_empty() {
            return dice.pick(&worth).copied();
        }
        let least = |at: &usize| self.needs.to_set(of.fields.get(*at)?);
        let with_end: Vec<usize> = among.iter().filter(|at| least(at).is_some()).copied().collect();
        if spot.around.len() > DEEP {
            return with_end.into_iter().min_by_key(|at| least(at).map(|least| (least.depth, least.values)));
        }
        dice.pick(if with_end.is_empty() { among } else { &with_end }).copied()
    }

    /// Whether a field is set that nobody asks for.
    fn is_worth(&self, of: &schema::Message, field: &Field, spot: &Spot) -> bool {
        if field.presence == Presence::Required {
            return true;
        }
        const DEPRECATED: u32 = 3;
        if rules::flag(&field.options, DEPRECATED) || !self.role.sets(field, self.comment(of, field)) {
            return false;
        }
        let Some(least) = self.needs.to_set(field).filter(|least| limits::fits(*least)) else { return false };
        let Some(inner) = field.kind.message() else { return true };
        let inner = match self.schema.message_at(inner) {
            entry if entry.map_entry => entry.field(2).and_then(|value| value.kind.message()),
            message => Some(message.id),
        };
        let Some(inner) = inner else { return true };
        spot.around.len() < DEEP
            && !spot.around.contains(&inner)
            && self.made.messages.get() < self.most.into()
            && least.values <= u64::from(self.most).max(MODEST)
    }

    /// Whether nothing more may be put here, however much it is asked for.
    pub(crate) fn is_over(&self, spot: &Spot) -> bool {
        spot.around.len() > limits::DEPTH || self.made.is_full()
    }

    pub(crate) fn comment(&self, of: &schema::Message, field: &Field) -> &str {
        self.comments.text(&format!("{}.{}", of.name, field.name))
    }
}

impl From<Message> for Slot {
    fn from(message: Message) -> Self {
        Self::One(Value::Message(message))
    }
}
