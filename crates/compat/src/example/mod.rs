//! Messages that show a finding.
