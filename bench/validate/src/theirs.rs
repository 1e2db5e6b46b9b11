//! prost-protovalidate, in both of its ways; decoding is part of each.

use prost_protovalidate::{Validate, Validator};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

pub(crate) mod bench {
    pub(crate) mod v1 {
        include!(concat!(env!("OUT_DIR"), "/bench.v1.rs"));
    }
}

include!(concat!(env!("OUT_DIR"), "/validate_impl.rs"));

/// Dynamic messages, and rules read from descriptors at run time: what a proxy could do.
pub(crate) struct Runtime {
    message: MessageDescriptor,
    validator: Validator,
}

impl Runtime {
    pub(crate) fn new(set: &[u8], type_name: &str) -> Self {
        let pool = DescriptorPool::decode(set).expect("a pool");
        Self { message: pool.get_message_by_name(type_name).expect("the type"), validator: Validator::new() }
    }

    pub(crate) fn check(&self, bytes: &[u8]) -> bool {
        let message = DynamicMessage::decode(self.message.clone(), bytes).expect("a message");
        self.validator.validate(&message).expect("valid");
        true
    }
}

/// Generated messages and generated rules, which must be known when the program is built. There are none for CEL.
pub(crate) fn generated(type_name: &str) -> Option<fn(&[u8]) -> bool> {
    fn check<M: prost::Message + Default + Validate>(bytes: &[u8]) -> bool {
        M::decode(bytes).expect("a message").validate().is_ok()
    }
    match type_name {
        "bench.v1.Order" => Some(check::<bench::v1::Order>),
        "bench.v1.Item" => Some(check::<bench::v1::Item>),
        "bench.v1.Blob" => Some(check::<bench::v1::Blob>),
        _ => None,
    }
}
