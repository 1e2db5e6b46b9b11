//! Many messages, one a line.

use super::{
    report,
    rules::{self, Answer, Rules},
    shown,
};
use crate::output;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::error::Category;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
    time::SystemTime,
};
use validate::Program;

/// Padding may be there or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "type")]
    type_name: String,
    bytes: String,
}

/// Answers every line, and flushes whenever there is nothing more to read for now.
///
/// # Errors
/// A line that is no request, after all lines were answered; and when reading or writing fails.
pub(super) fn run(rules: Rules, file: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", shown(file));
    let source: Box<dyn io::Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).map_err(failed)?)
    };
    let mut lines = BufReader::with_capacity(256 * 1024, source);
    let mut written = BufWriter::new(io::stdout().lock());
    let mut batch = Batch { rules, programs: HashMap::new() };
    let mut line = Vec::new();
    let mut unusable = Ok(());
    for number in 1_u64.. {
        line.clear();
        if lines.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = batch.answer(&line).unwrap_or_else(|reason| {
            let message = format!("line {number} is no request: {reason}");
            unusable = Err(format!("{}: {message}", shown(file)));
            Answer::RuntimeError(message)
        });
        if let Err(error) = write(&mut written, &answer, lines.buffer().is_empty()) {
            // Where nobody reads any more, nobody asks.
            return output::written(Err(error));
        }
    }
    output::written(written.flush())?;
    unusable
}

fn write(written: &mut impl Write, answer: &Answer, flush: bool) -> io::Result<()> {
    writeln!(written, "{}", report::json(answer))?;
    if flush { written.flush() } else { Ok(()) }
}

/// Without what stands there: it may be a message, of which nobody knows what may be shown.
fn not_asked(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => {
            format!("expected {{\"type\": …, \"bytes\": …}}, both texts, at line {line} column {column}")
        }
        _ => error.to_string(),
    }
}

struct Batch {
    rules: Rules,
    programs: HashMap<String, Result<Program, String>>,
}

impl Batch {
    fn answer(&mut self, line: &[u8]) -> Result<Answer, String> {
        let request: Request = serde_json::from_slice(line).map_err(|error| not_asked(&error))?;
        let bytes = BASE64.decode(&request.bytes).map_err(|error| format!("bytes: {error}"))?;
        let Self { rules, programs } = self;
        let program = match programs.get(&request.type_name) {
            Some(program) => program,
            None => {
                let program = rules.program(&request.type_name);
                programs.entry(request.type_name).or_insert(program)
            }
        };
        Ok(match program {
            Ok(program) => rules::check(program, &bytes, SystemTime::now()),
            Err(reason) => Answer::CompilationError(reason.clone()),
        })
    }
}
