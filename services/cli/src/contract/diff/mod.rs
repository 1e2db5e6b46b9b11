//! `treaty contract diff`: what changed, in words, by what it means for callers.

mod changes;
mod inventory;
mod mentioned;
mod options;
mod policy;
mod shown;

use super::{
    breaking::{Side, party, sides, today},
    source::{self, Beside, Pair, Reach, Source},
    style,
};
use crate::output::Output;
use compat::Settings;

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract diff --against git:main          what this branch changed
  treaty contract diff v1.binpb v2.binpb
  treaty contract diff mesh proto                  what would change, if this were deployed
  treaty contract diff --against git:v1.2 --output json

Exit status: 0 shown, 2 bad usage or unreadable input; with --exit-code 1 where something changed.";

/// What to compare.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract as it is (proto by default); without --against, OLD and NEW.
    #[arg(value_name = "PATH", num_args = 0..=2)]
    sides: Vec<Source>,
    /// The contract as it was.
    #[arg(long, value_name = "WHAT")]
    against: Option<Source>,
    /// Exit with 1 where something changed, as `git diff --exit-code` does.
    #[arg(long)]
    exit_code: bool,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    reach: Reach,
}

/// Whether all is well.
pub(super) fn run(args: &Args) -> Result<bool, String> {
    let (old, new) = sides(&args.sides, args.against.as_ref())?;
    args.reach.fits(&[&old, &new])?;
    let (before, after) = if old == Source::Mesh {
        // Of the mesh, what the other side speaks of.
        let after = source::load_or_say(&new, Beside { other: Some(&old), services: None }, &args.reach)?;
        let services: Vec<String> =
            after.contract.services.iter().map(|service| service.name.clone()).collect();
        let beside = Beside { other: Some(&new), services: Some(&services) };
        (source::load_or_say(&old, beside, &args.reach)?, after)
    } else if new == Source::Mesh {
        let before = source::load_or_say(&old, Beside { other: Some(&new), services: None }, &args.reach)?;
        let services: Vec<String> =
            before.contract.services.iter().map(|service| service.name.clone()).collect();
        let beside = Beside { other: Some(&old), services: Some(&services) };
        let after = source::load_or_say(&new, beside, &args.reach)?;
        (before, after)
    } else {
        let Pair { old, new, .. } = source::both(&old, &new, &args.reach)?;
        (old, new)
    };
    let ((before, old_sources), (after, new_sources)) = (party(before)?, party(after)?);
    let settings = Settings { today: Some(today()), ..Settings::default() };
    let changes = changes::between(&before, &after, &settings)?;
    let (old_name, new_name) = (old.to_string(), new.to_string());
    let old_side = Side { name: &old_name, sources: &old_sources };
    let new_side = Side { name: &new_name, sources: &new_sources };
    style::print(&match args.output {
        Output::Human => shown::human(&changes, old_side, new_side),
        Output::Json => shown::json(&changes, old_side, new_side),
    })?;
    Ok(changes.is_empty() || !args.exit_code)
}
