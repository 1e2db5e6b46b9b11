//! Rules about bindings to HTTP.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[Rule::warning(
    "http-binding",
    "Every binding of `google.api.http` binds its method to a path",
    "A binding that cannot be read, or has no path, binds nothing, and neither a gateway nor a comparison with the \
     next version would miss it. Of one method 256 are read.",
)
.shown_by(
    "rpc Pay(PayRequest) returns (PayResponse) {\n  option (google.api.http) = { body: \"*\" };\n}",
    "rpc Pay(PayRequest) returns (PayResponse) {\n  option (google.api.http) = { post: \"/v1/payments\" body: \"*\" };\n}",
)];
