//! What can be said of a message only when all of them are known: whether anything within has a rule, and
//! which fields must be noted for that.

use crate::{
    compiled::{FieldProgram, Ignore, MessageProgram, NONE, Shape},
    rules::SiteId,
};

pub(super) fn finish(messages: &mut [MessageProgram]) {
    for message in &mut *messages {
        message.judged = has_own_rules(message);
    }
    spread(messages, |message| message.judged, |message, _| message.judged = true);
    spread(messages, |message| message.masked, |message, _| message.masked = true);
    let judged: Vec<bool> = messages.iter().map(|message| message.judged).collect();
    let entries: Vec<u32> = messages
        .iter()
        .flat_map(|message| &message.fields)
        .filter(|field| field.shape == Shape::Map)
        .map(|field| field.child)
        .collect();
    for message in &mut *messages {
        track(message, |field| has_rules(field, &judged));
    }
    for entry in entries {
        if let Some(message) = messages.get_mut(entry as usize) {
            track(message, |_| true);
        }
    }
    for message in &mut *messages {
        message.toll = toll(message);
        message.site = own_site(message).unwrap_or(NONE);
    }
    // One without rules has those of the messages in it.
    spread(messages, |message| message.site != NONE, |message, site| message.site = site);
}

/// What looking at all its fields costs, each with its rules, a step for each: a message may have fewer bytes than fields.
fn toll(message: &MessageProgram) -> usize {
    let tracked = message.tracked.iter().filter_map(|position| message.fields.get(*position as usize));
    let checks: usize = tracked.map(|field| field.rules.checks.sites().len()).sum();
    let named: usize = message.one_of.iter().map(|rule| rule.fields.len()).sum();
    message.slots as usize + checks + named
}

fn own_site(message: &MessageProgram) -> Option<SiteId> {
    let expression = message.expressions.first().map(|expression| expression.site);
    let one_of = message.one_of.first().map(|rule| rule.none);
    let oneof = message.oneofs.iter().find_map(|oneof| oneof.required);
    let of_field = |field: &FieldProgram| field.required.or_else(|| field.rules.first_site());
    expression.or(one_of).or(oneof).or_else(|| message.fields.iter().find_map(of_field))
}

fn has_own_rules(message: &MessageProgram) -> bool {
    !message.expressions.is_empty()
        || !message.one_of.is_empty()
        || message.oneofs.iter().any(|oneof| oneof.required.is_some())
        || message.fields.iter().any(|field| field.required.is_some() || !field.rules.is_empty())
}

fn has_rules(field: &FieldProgram, judged: &[bool]) -> bool {
    let child = judged.get(field.child as usize).is_some_and(|judged| *judged);
    field.ignore != Ignore::Always && (field.required.is_some() || !field.rules.is_empty() || child)
}

/// Whoever holds a message of which something is true, it is true of too; and is told of its rule. Ends, since each round but the
/// last makes it true of one more.
fn spread(
    messages: &mut [MessageProgram],
    holds: impl Fn(&MessageProgram) -> bool,
    mark: impl Fn(&mut MessageProgram, SiteId),
) {
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); messages.len()];
    for (holder, message) in messages.iter().enumerate() {
        for field in &message.fields {
            if let Some(holders) = holders.get_mut(field.child as usize) {
                holders.push(holder);
            }
        }
    }
    let mut pending: Vec<usize> =
        messages.iter().enumerate().filter(|(_, message)| holds(message)).map(|(at, _)| at).collect();
    while let Some(at) = pending.pop() {
        let site = messages.get(at).map_or(NONE, |message| message.site);
        for holder in holders.get(at).into_iter().flatten() {
            if let Some(message) = messages.get_mut(*holder).filter(|message| !holds(message)) {
                mark(message, site);
                pending.push(*holder);
            }
        }
    }
}

/// Gives slots to the fields that are asked for, to those that rules name together with them, and to oneofs.
fn track(message: &mut MessageProgram, asked: impl Fn(&FieldProgram) -> bool) {
    let named: Vec<u32> = message.one_of.iter().flat_map(|rule| rule.fields.iter().copied()).collect();
    let mut wanted: Vec<bool> = message.fields.iter().map(asked).collect();
    for at in named {
        if let Some(wanted) = wanted.get_mut(at as usize) {
            *wanted = true;
        }
    }
    let mut oneofs: Vec<bool> = message.oneofs.iter().map(|oneof| oneof.required.is_some()).collect();
    for (field, wanted) in message.fields.iter().zip(&wanted) {
        if let Some(oneof) = oneofs.get_mut(field.oneof as usize).filter(|_| *wanted) {
            *oneof = true;
        }
    }
    message.slots = 0;
    message.tracked.clear();
    for (position, (field, wanted)) in (0_u32..).zip(message.fields.iter_mut().zip(wanted)) {
        let of_oneof = oneofs.get(field.oneof as usize).is_some_and(|wanted| *wanted);
        field.slot = NONE;
        if wanted || of_oneof {
            field.slot = message.slots;
            message.slots += 1;
            message.tracked.push(position);
        }
    }
    for (oneof, wanted) in message.oneofs.iter_mut().zip(oneofs) {
        if wanted {
            oneof.slot = message.slots;
            message.slots += 1;
        }
    }
}
