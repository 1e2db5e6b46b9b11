//! What is answered.

use super::super::grpcurl;
use bytes::Bytes;
use contract::{Contract, Method, ReadError, comments::Comments, schema::Schema};
use sample::{Role, SampleError, Sampler, Wish, tree};
use serde_json::Value;
use std::{collections::BTreeSet, time::SystemTime};
use tonic::Status;

/// Bytes of JSON that a line of a shell has room for.
const LINE: usize = 400;

/// Answers of one contract.
#[derive(Debug)]
pub(super) struct Answers {
    sampler: Sampler,
    seed: u64,
}

impl Answers {
    pub(super) fn of(contract: &Contract, seed: u64) -> Result<Self, ReadError> {
        Ok(Self { sampler: Sampler::new(Schema::of(contract)?, Comments::of(contract)?), seed })
    }

    /// What the methods of a contract take and return will be asked for.
    pub(super) fn prepare(&self, contract: &Contract) {
        let methods = contract.services.iter().flat_map(|service| &service.methods);
        let types: BTreeSet<&str> = methods.flat_map(|method| [&*method.input, &*method.output]).collect();
        self.sampler.prepare(&types.into_iter().collect::<Vec<_>>());
    }

    /// The answer to this request, `number` of a stream of them.
    ///
    /// # Errors
    /// Nothing that obeys the rules was found, or the request is no message.
    pub(super) fn to(&self, method: &Method, request: &[u8], number: u32) -> Result<Bytes, Status> {
        let schema = self.sampler.schema();
        let program = self.sampler.program(&method.input).map_err(|error| unsatisfied(method, &error))?;
        // What breaks rules did not come through the door, unless the contract has none.
        if let Err(validate::Failure::Malformed(error)) = program.examine(request, SystemTime::now()) {
            return Err(Status::invalid_argument(format!("no {}: {error}", method.input)));
        }
        let asked = schema.message_id(&method.input).map(|id| tree::decode(schema, id, request));
        let parts = [method.path.as_str().as_bytes(), request, &number.to_le_bytes()];
        let wish = Wish {
            seed: parts.iter().fold(self.seed, |seed, part| hash(seed, part)),
            now: SystemTime::now(),
            role: Role::Response,
            like: asked.as_ref(),
            ..Wish::of(self.seed, SystemTime::now())
        };
        let sample =
            self.sampler.message(&method.output, &wish).map_err(|error| unsatisfied(method, &error))?;
        Ok(sample.bytes.into())
    }

    /// What could be asked, as grpcurl reads it: a message that fits a line, or the smallest that was found.
    ///
    /// # Errors
    /// Nothing that obeys the rules was found.
    pub(super) fn question(&self, method: &Method) -> Result<Value, SampleError> {
        let mut smallest: Option<(usize, Value)> = None;
        for most in [12, 4, 1] {
            let wish = Wish { role: Role::Request, most, ..Wish::of(self.seed, SystemTime::now()) };
            let sample = match (self.sampler.message(&method.input, &wish), &smallest) {
                (Ok(sample), _) => sample,
                (Err(_), Some(_)) => break,
                (Err(error), None) => return Err(error),
            };
            let value = grpcurl::message(self.sampler.schema(), &sample.message);
            let length = value.to_string().len();
            if length <= LINE {
                return Ok(value);
            }
            if smallest.as_ref().is_none_or(|(least, _)| length < *least) {
                smallest = Some((length, value));
            }
        }
        Ok(smallest.map_or(Value::Null, |(_, value)| value))
    }

    /// The types that nothing valid was found for, each with what stands in the way.
    pub(super) fn unsatisfied(&self, contract: &Contract) -> Vec<String> {
        let methods = contract.services.iter().flat_map(|service| &service.methods);
        let types: BTreeSet<&str> = methods.map(|method| method.output.as_str()).collect();
        let wish = Wish { role: Role::Response, ..Wish::of(self.seed, SystemTime::now()) };
        let failed = types.into_iter().filter_map(|name| self.sampler.message(name, &wish).err());
        failed.map(|error| format!("{error}; calls that it answers will fail with INTERNAL")).collect()
    }
}

fn unsatisfied(method: &Method, error: &SampleError) -> Status {
    Status::internal(format!("`treaty contract mock` has no answer of {}: {error}", method.path))
}

/// FNV-1a.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let basis = seed ^ 0xcbf2_9ce4_8422_2325;
    bytes.iter().fold(basis, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
