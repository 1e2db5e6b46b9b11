//! gRPC server reflection over raw descriptor sets.
